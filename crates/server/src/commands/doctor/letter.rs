//! What a test found, in words for the customer: ready to be sent, without a secret. A report says nothing of an account
//! before the proof of trust, and so neither does this.

use std::fmt::Write;

use bedrock::{
    diagnosis::Diagnosis,
    report::{Name, Report, Status, Step},
};
use store::connections::Connection;
use time::{OffsetDateTime, macros::format_description};

/// The text for the customer.
pub(super) fn letter(connection: &Connection, report: &Report, at: OffsetDateTime) -> String {
    let name = connection.name.as_deref().unwrap_or_default();
    let (id, region) = (connection.id, &connection.region);
    let format = format_description!("[year]-[month]-[day] at [hour]:[minute] UTC");
    let at = at.format(format).unwrap_or_default();
    let outcome = if report.ok { "works" } else { "did not pass" };
    let mut text = format!(
        "We tested your connection \"{name}\" ({id}) to Amazon Bedrock in {region} on {at}. It {outcome}.\n"
    );
    if let Some(account) = report.account_id {
        let _ = writeln!(text, "It reached the AWS account {account}.");
    }
    if let Some(models) = report.models {
        let _ = writeln!(text, "AWS lists {models} models there.");
    }
    for (status, heading) in [
        (Status::Failed, "What is wrong"),
        (Status::Warning, "What could be better"),
    ] {
        let found = report.steps.iter().filter(|step| step.status == status);
        for (n, (step, diagnosis)) in found
            .filter_map(|step| Some((step, step.diagnosis.as_ref()?)))
            .enumerate()
        {
            if n == 0 {
                let _ = writeln!(text, "\n{heading}:");
            }
            text.push_str(&paragraph(step, diagnosis));
        }
    }
    text
}

/// What a step is called.
pub(super) const fn title(name: Name) -> &'static str {
    match name {
        Name::Fields => "fields",
        Name::Credentials => "credentials",
        Name::ExternalId => "proof of trust",
        Name::Identity => "identity",
        Name::ListModels => "list of models",
        Name::ListCustomModels => "list of custom models",
        Name::ListInferenceProfiles => "list of inference profiles",
        Name::Invoke => "invocation",
        Name::InvokeStream => "streamed invocation",
    }
}

fn paragraph(step: &Step, diagnosis: &Diagnosis) -> String {
    let title = title(step.name);
    format!("\n{title}: {}\n{}", headline(diagnosis), details(diagnosis))
}

/// What was found, in short.
pub(super) fn headline(diagnosis: &Diagnosis) -> String {
    let code = diagnosis.code;
    format!("{} ({})", code.title(), code.as_str())
}

/// All that is known about it, line by line.
pub(super) fn details(diagnosis: &Diagnosis) -> String {
    let Diagnosis {
        message,
        remedy,
        likely_causes,
        aws,
        ..
    } = diagnosis;
    let mut text = format!("  {message}\n  What to do: {remedy}\n");
    if !likely_causes.is_empty() {
        let _ = writeln!(
            text,
            "  What may be behind it: {}.",
            likely_causes.join("; ")
        );
    }
    if let Some(aws) = aws {
        let _ = writeln!(
            text,
            "  AWS's answer to {}: {} {}",
            aws.operation, aws.code, aws.message
        );
        if let Some(id) = &aws.request_id {
            let _ = writeln!(text, "  AWS's id of the request: {id}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use bedrock::diagnosis::{AwsWords, Code, Context};
    use store::connections::State;
    use time::macros::datetime;

    use super::*;

    const AT: OffsetDateTime = datetime!(2026-11-27 02:30 UTC);

    fn connection() -> Connection {
        Connection {
            id: "con_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap(),
            access: "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap(),
            name: Some("Production".to_owned()),
            region: "eu-west-1".parse().unwrap(),
            state: State::Healthy,
            state_reason: None,
            state_since: AT,
            is_default: true,
            etag: 1,
            last_test: None,
            reserved_until: None,
            created_at: AT,
            updated_at: AT,
        }
    }

    fn report(steps: Vec<Step>) -> Report {
        Report {
            ok: steps.iter().all(|step| step.status != Status::Failed),
            steps,
            account_id: None,
            identity_arn: None,
            models: None,
            catalogue: None,
            failure: None,
            request_ids: Vec::new(),
            expires_at: None,
        }
    }

    fn step(name: Name, status: Status, diagnosis: Option<Diagnosis>) -> Step {
        Step {
            name,
            status,
            latency_ms: 7,
            diagnosis,
        }
    }

    #[test]
    fn what_is_wrong_comes_with_what_to_do_and_aws_own_words() {
        let diagnosis = Diagnosis {
            aws: Some(AwsWords {
                operation: "AssumeRole",
                code: "AccessDenied".to_owned(),
                message: "User is not authorized to perform: sts:AssumeRole".to_owned(),
                request_id: Some("1-2-3".to_owned()),
            }),
            ..Diagnosis::of(Code::TrustPolicyDenied, Context::default())
        };
        let skipped = Diagnosis::of(Code::EarlierStepFailed, Context::default());
        let report = report(vec![
            step(Name::Fields, Status::Passed, None),
            step(Name::Credentials, Status::Failed, Some(diagnosis)),
            step(Name::Identity, Status::Skipped, Some(skipped)),
        ]);
        assert_eq!(
            letter(&connection(), &report, AT),
            "We tested your connection \"Production\" (con_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b) to Amazon Bedrock in \
             eu-west-1 on 2026-11-27 at 02:30 UTC. It did not pass.\n\
             \n\
             What is wrong:\n\
             \n\
             credentials: The role does not trust the service (trust_policy_denied)\n  \
             AWS does not let the service assume the role.\n  \
             What to do: Compare the role's trust policy with the one in the setup instructions: in the IAM console open \
             Roles, the role, Trust relationships, and check the role's ARN, the principal and the external ID, or for \
             OpenID Connect the provider, the audience and the subject, letter by letter.\n  \
             What may be behind it: the role does not exist, or its ARN is mistyped; the trust policy does not name this \
             service's principal; the trust policy demands another external ID; a service control policy of the \
             organisation forbids it.\n  \
             AWS's answer to AssumeRole: AccessDenied User is not authorized to perform: sts:AssumeRole\n  \
             AWS's id of the request: 1-2-3\n"
        );
    }

    #[test]
    fn what_works_is_said_in_short_with_what_could_be_better() {
        let diagnosis = Diagnosis::of(Code::MissingPermission, Context::default());
        let report = Report {
            account_id: Some("123456789012".parse().unwrap()),
            models: Some(57),
            ..report(vec![step(
                Name::ListInferenceProfiles,
                Status::Warning,
                Some(diagnosis),
            )])
        };
        let text = letter(&connection(), &report, AT);
        for line in [
            "2026-11-27 at 02:30 UTC. It works.",
            "It reached the AWS account 123456789012.",
            "AWS lists 57 models there.",
            "What could be better:",
            "list of inference profiles: Permission missing (missing_permission)",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!text.contains("What is wrong"), "{text}");
    }
}
