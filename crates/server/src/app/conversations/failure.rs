//! What a conversation that got no answer means to its caller.

use bedrock::diagnosis::{self, Code, Diagnosis};
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
    /// The status that AWS gave, if it answered.
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
    let Some(kind) = kind(error, diagnosis.code) else {
        return Unusable::of(&diagnosis).into();
    };
    let retry_after = error
        .aws()
        .and_then(|aws| aws.retry_after)
        .map(|after| after.as_secs().max(1));
    Error::Model(Box::new(ModelFailure {
        kind,
        diagnosis,
        status: error
            .aws()
            .map(|aws| aws.status)
            .filter(|status| *status >= 400),
        retry_after,
    }))
}

/// None for what is the matter with the connection, whichever model is asked.
const fn kind(error: &AwsFailure, code: Code) -> Option<FailureKind> {
    Some(match code {
        Code::ModelRequestInvalid | Code::FieldsInvalid | Code::UnknownRefusal => {
            FailureKind::Request
        }
        Code::ModelAccessNotGranted
        | Code::ModelAccessPending
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
        _ if error.is_temporary() => FailureKind::Unavailable,
        _ => return None,
    })
}
