//! What a conversation that got no answer means to its caller.

use bedrock::{
    diagnosis::{self, Code, Diagnosis},
    transport::Operation,
};
use credential_provider::Error as AwsFailure;

use super::routes::Route;
use crate::app::{Error, Unusable};

/// Why a model did not answer.
#[derive(Debug)]
pub struct ModelFailure {
    /// By what can be done about it.
    pub kind: FailureKind,
    /// What AWS's refusal means.
    pub diagnosis: Diagnosis,
    /// The status that Bedrock Runtime gave, if it answered.
    pub status: Option<u16>,
    /// Seconds after which AWS may be asked again.
    pub retry_after: Option<u64>,
}

/// What can be done about a model that did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The request is not as the model wants it.
    Request,
    /// The account cannot use this model, or not so.
    Model,
    /// Too many requests.
    Throttled,
    /// The model took too long.
    TimedOut,
    /// AWS, or the model, failed.
    Unavailable,
}

/// What a failure means to whoever converses over `route`.
pub(super) fn failure(error: &AwsFailure, route: &Route) -> Error {
    match error {
        AwsFailure::Unavailable => return store::Error::silent().into(),
        AwsFailure::Superseded => return Error::ChangedMeanwhile,
        _ => {}
    }
    let facts = &route.model.facts;
    let profile = (facts.invoke_id != facts.model_id).then_some(facts.invoke_id.as_str());
    let diagnosis = diagnosis::diagnose(
        error,
        diagnosis::Context {
            region: Some(&route.connection.region),
            model: Some(&facts.model_id),
            profile,
            identity_confirmed: true,
        },
    );
    told(error, diagnosis)
}

fn told(error: &AwsFailure, diagnosis: Diagnosis) -> Error {
    let Some(kind) = kind(error, &diagnosis) else {
        return Unusable::of(&diagnosis).into();
    };
    let aws = error.aws();
    let retry_after = aws
        .and_then(|aws| aws.retry_after)
        .map(|after| after.as_secs().max(1));
    // What leases are got from has statuses of its own, which say nothing about the model's answer.
    let is_of_runtime = |operation| Operation::ALL.iter().any(|known| known.name() == operation);
    let status = aws
        .filter(|aws| aws.status >= 400 && is_of_runtime(aws.operation))
        .map(|aws| aws.status);
    Error::Model(Box::new(ModelFailure {
        kind,
        retry_after: retry_after.or_else(|| takes_a_while(diagnosis.code)),
        diagnosis,
        status,
    }))
}

/// Seconds that are waited for best, of what passes by itself, but not at once.
const fn takes_a_while(code: Code) -> Option<u64> {
    match code {
        Code::ModelAccessPending | Code::OidcIssuerUnreachable | Code::CognitoLockedOut => Some(60),
        _ => None,
    }
}

/// None for what is the matter with the connection, whichever model is asked.
const fn kind(error: &AwsFailure, diagnosis: &Diagnosis) -> Option<FailureKind> {
    Some(match diagnosis.code {
        Code::ModelRequestInvalid | Code::FieldsInvalid | Code::UnknownRefusal => {
            FailureKind::Request
        }
        Code::ModelAccessNotGranted
        | Code::MarketplaceSubscriptionMissing
        | Code::ModelUseCaseFormMissing
        | Code::OnDemandUnsupported
        | Code::ModelEndOfLife
        | Code::ModelLegacy
        | Code::ModelNotFound
        | Code::ConverseUnsupported
        | Code::StreamingUnsupported
        | Code::OperationUnsupported
        | Code::MissingPermission
        | Code::SessionPolicyDenied => FailureKind::Model,
        Code::Throttled | Code::QuotaExceeded | Code::ModelNotReady => FailureKind::Throttled,
        Code::ModelTimeout | Code::EndpointTimeout => FailureKind::TimedOut,
        _ if error.is_temporary() || diagnosis.retryable => FailureKind::Unavailable,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use credential_provider::{AwsError, classify};

    use super::*;
    use crate::api::problem::Problem;

    #[test]
    fn what_passes_by_its_diagnosis_passes_for_whoever_converses_and_nothing_else_does() {
        for code in Code::ALL {
            let diagnosis = Diagnosis::of(*code, diagnosis::Context::default());
            // A quota may be one of a minute's, and AWS does not say which.
            let passes = diagnosis.retryable || *code == Code::QuotaExceeded;
            let refused = AwsError::new("Converse", 400, "SomeException", "", None);
            let problem = Problem::from(told(&classify(refused), diagnosis));
            assert_eq!(problem.passes(), passes, "{code:?}");
        }
    }

    #[test]
    fn only_the_runtimes_own_status_is_told() {
        for (operation, expected) in [("Converse", Some(503)), ("AssumeRole", None)] {
            let failed = classify(AwsError::new(operation, 503, "SomeException", "", None));
            let diagnosis = diagnosis::diagnose(&failed, diagnosis::Context::default());
            let Error::Model(failure) = told(&failed, diagnosis) else {
                panic!("{operation}");
            };
            assert_eq!(failure.status, expected, "{operation}");
        }
    }
}
