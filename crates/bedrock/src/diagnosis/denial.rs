//! What a refusal of IAM says about itself: `User: … is not authorized to perform: <action> on resource: <resource> …`.

use credential_provider::AwsError;

/// What was not allowed, as far as AWS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denial<'a> {
    /// The action, such as `bedrock:InvokeModel`.
    pub action: &'a str,
    /// The ARN of what it was to be done to.
    pub resource: Option<&'a str>,
}

impl<'a> Denial<'a> {
    /// Reads AWS's message; where it names no action, the operation tells.
    pub(crate) fn of(aws: &'a AwsError) -> Self {
        match after(&aws.message, "not authorized to perform: ") {
            Some(action) => Self {
                action,
                resource: after(&aws.message, "on resource: "),
            },
            None => Self {
                action: action_of(aws.operation),
                resource: None,
            },
        }
    }
}

/// The IAM action that an operation needs. Conversations have none of their own.
fn action_of(operation: &str) -> &str {
    match operation {
        "Converse" | "InvokeModel" => "bedrock:InvokeModel",
        "ConverseStream" | "InvokeModelWithResponseStream" => {
            "bedrock:InvokeModelWithResponseStream"
        }
        "CountTokens" => "bedrock:CountTokens",
        "ListAsyncInvokes" => "bedrock:ListAsyncInvokes",
        "ListFoundationModels" => "bedrock:ListFoundationModels",
        "ListInferenceProfiles" => "bedrock:ListInferenceProfiles",
        "ListCustomModels" => "bedrock:ListCustomModels",
        "GetCallerIdentity" => "sts:GetCallerIdentity",
        other => other,
    }
}

/// The word after `mark`.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = &text[text.find(mark)? + mark.len()..];
    let word = rest.split_whitespace().next()?;
    Some(word.trim_end_matches(['.', ',', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(operation: &'static str, message: &str) -> AwsError {
        AwsError::new(operation, 403, "AccessDeniedException", message, None)
    }

    #[test]
    fn action_and_resource_are_read() {
        let aws = denied(
            "Converse",
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: bedrock:InvokeModel on resource: \
             arn:aws:bedrock:eu-west-3::foundation-model/x because no identity-based policy allows the \
             bedrock:InvokeModel action",
        );
        assert_eq!(
            Denial::of(&aws),
            Denial {
                action: "bedrock:InvokeModel",
                resource: Some("arn:aws:bedrock:eu-west-3::foundation-model/x"),
            }
        );
    }

    #[test]
    fn a_message_without_an_action_leaves_it_to_the_operation() {
        for (operation, action) in [
            ("ConverseStream", "bedrock:InvokeModelWithResponseStream"),
            ("ListFoundationModels", "bedrock:ListFoundationModels"),
        ] {
            let aws = denied(operation, "");
            assert_eq!(Denial::of(&aws).action, action);
            assert_eq!(Denial::of(&aws).resource, None);
        }
        let cut = denied("Converse", "not authorized to perform: ");
        assert_eq!(Denial::of(&cut).action, "bedrock:InvokeModel");
    }
}
