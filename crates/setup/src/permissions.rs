//! Permissions policies: what the service may do in the account.

use std::collections::BTreeMap;

use crate::policy::{Policy, Statement};

const LISTING: [&str; 2] = ["bedrock:ListFoundationModels", "bedrock:GetFoundationModel"];
const INVOKING: [&str; 2] = [
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
];

/// The seven permissions that the service asks for.
pub(crate) fn of_a_role<T: From<String>>() -> Policy<T> {
    Policy::of(seven())
}

/// What the user behind a Bedrock API key needs: the same, and the right to use a key at all.
pub(crate) fn of_a_key<T: From<String>>() -> Policy<T> {
    let bearer = on_everything("BedrockApiKeyAccess", &["bedrock:CallWithBearerToken"]);
    Policy::of(seven().into_iter().chain([bearer]))
}

/// What lets the service see inference profiles, through which alone many of today's models answer.
pub(crate) fn inference_profiles<T: From<String>>() -> Policy<T> {
    Policy::of([on_everything(
        "BedrockInferenceProfileAccess",
        &[
            "bedrock:ListInferenceProfiles",
            "bedrock:GetInferenceProfile",
        ],
    )])
}

fn seven<T: From<String>>() -> Vec<Statement<T>> {
    vec![
        on_everything(
            "BedrockFoundationModelAccess",
            &[LISTING, INVOKING].concat(),
        ),
        on_everything(
            "BedrockCustomModelAccess",
            &["bedrock:ListCustomModels", "bedrock:GetCustomModel"],
        ),
        on_everything("IdentityVerification", &["sts:GetCallerIdentity"]),
    ]
}

fn on_everything<T: From<String>>(sid: &'static str, actions: &[&'static str]) -> Statement<T> {
    Statement {
        sid,
        effect: "Allow",
        principal: None,
        actions: actions.to_vec(),
        resource: Some(T::from("*".to_owned())),
        conditions: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(policy: &Policy) -> Vec<&str> {
        policy
            .statements
            .iter()
            .flat_map(|statement| statement.actions.clone())
            .collect()
    }

    #[test]
    fn the_seven_permissions_are_asked_for_and_a_key_needs_one_more() {
        let role = of_a_role();
        assert_eq!(
            actions(&role),
            [
                "bedrock:ListFoundationModels",
                "bedrock:GetFoundationModel",
                "bedrock:InvokeModel",
                "bedrock:InvokeModelWithResponseStream",
                "bedrock:ListCustomModels",
                "bedrock:GetCustomModel",
                "sts:GetCallerIdentity",
            ]
        );
        let key = of_a_key();
        assert_eq!(actions(&key)[..7], actions(&role));
        assert_eq!(actions(&key)[7..], ["bedrock:CallWithBearerToken"]);
    }
}
