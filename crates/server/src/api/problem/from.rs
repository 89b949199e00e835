//! What each error of ours is to its caller.

use domain::Denied;

use super::{Code, FieldError, Problem, database_unavailable};
use crate::{
    app::{
        self,
        conversations::{FailureKind, Full, ModelFailure, Reached, Whose},
    },
    auth::Refused,
};

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let problem = Self::new(Code::Forbidden).detail(sentence(&denied.to_string()));
        match denied {
            Denied::TenantNotNamed => problem.at("/header/bi-tenant", "is needed here"),
            Denied::NeedsRole(_) | Denied::OperatorsOnly | Denied::NotForOperators => problem,
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::Unavailable(_) => database_unavailable().because(error),
            // Between the look-up of the caller and the work, the tenant was deleted.
            store::Error::TenantGone => Self::new(Code::NotFound).because(error),
            store::Error::ClaimLost => Self::new(Code::InProgress).retry_after(1).because(error),
            store::Error::MissingMasterKey(_) => Self::new(Code::MasterKeyMissing)
                .retry_after(5)
                .because(error),
            store::Error::Conflict { .. }
            | store::Error::NoMasterKey
            | store::Error::WrongMasterKey(_)
            | store::Error::Sealed(_)
            | store::Error::Unfit(_)
            | store::Error::Unreadable(_)
            | store::Error::Refused(_) => Self::new(Code::Internal).because(error),
        }
    }
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        match error {
            app::Error::Denied(denied) => denied.into(),
            app::Error::NotFound => Self::new(Code::NotFound),
            app::Error::RefTaken => {
                Self::new(Code::RefTaken).at("/ref", "belongs to another tenant already")
            }
            app::Error::AlreadyCreated(id) => Self::new(Code::AlreadyCreated).detail(format!(
                "An earlier request with this idempotency key made {id}, and its secret was shown then. \
                 If it did not reach you, revoke it and make another under a new idempotency key."
            )),
            app::Error::InProgress => Self::new(Code::InProgress)
                .detail("An earlier request with this idempotency key has not ended yet. Try again in a moment.")
                .retry_after(1),
            app::Error::IdempotencyKeyReused => Self::new(Code::IdempotencyKeyReused)
                .at("/header/idempotency-key", "was used for another request within the last 24 hours"),
            app::Error::Invalid(misfits) => Self::new(Code::ValidationFailed).errors(
                misfits
                    .into_iter()
                    .map(|misfit| FieldError::at(misfit.pointer, misfit.message))
                    .collect(),
            ),
            app::Error::MethodUnavailable(why) => Self::new(Code::MethodUnavailable).detail(why),
            app::Error::ConnectFirst => {
                Self::new(Code::ConnectFirst).at("/connection_id", "is needed for a role")
            }
            app::Error::TooManyReservations => Self::new(Code::TooManyReservations),
            app::Error::AlreadySaved => {
                Self::new(Code::AlreadySaved).at("/connection_id", "names a connection that is saved")
            }
            app::Error::StartNewConnection => Self::new(Code::StartNewConnection),
            app::Error::EtagMismatch => {
                Self::new(Code::EtagMismatch).at("/header/if-match", "is not its present etag")
            }
            app::Error::ChangedMeanwhile => Self::new(Code::ChangedMeanwhile).retry_after(1),
            app::Error::TestFailed(region, report) => Self::new(Code::ConnectionTestFailed)
                .detail(format!("The test in {region} did not pass."))
                .report(report),
            app::Error::WarningsNotAccepted(report) => {
                Self::new(Code::WarningsNotAccepted).report(report)
            }
            app::Error::Unusable(unusable) => Self::new(Code::ConnectionUnusable)
                .detail(unusable.message)
                .reason(unusable.reason, unusable.remedy)
                .refused_by_aws(None, unusable.aws.map(|words| *words)),
            app::Error::AwsUnavailable(diagnosis) => Self::new(Code::AwsUnavailable)
                .detail(diagnosis.message)
                .reason(diagnosis.code.as_str(), diagnosis.remedy)
                .refused_by_aws(None, diagnosis.aws)
                .retry_after(5),
            app::Error::ModelNotFound(aliases) => {
                let none = "No registered model has this name; a model goes with its connection when that is disconnected.";
                Self::new(Code::ModelNotFound).detail(format!("{none} {}", named(&aliases)))
            }
            app::Error::ModelAmbiguous(aliases) => {
                Self::new(Code::ModelAmbiguous).detail(named(&aliases))
            }
            app::Error::Model(failure) => (*failure).into(),
            app::Error::Limited(whose, reached) => Self::new(Code::LimitReached)
                .detail(limited(whose, reached))
                .retry_after(reached.retry_after()),
            app::Error::Full(Full::Tenant) => Self::new(Code::LimitReached)
                .detail("The tenant has 128 MiB of conversations under way, which is as much as it may.")
                .retry_after(1),
            app::Error::Full(Full::All) => Self::new(Code::Overloaded).retry_after(1),
            app::Error::Interrupted => Self::new(Code::Interrupted).retry_after(1),
            app::Error::Withdrawn => Self::new(Code::Withdrawn),
            app::Error::Blind => Self::new(Code::Blind).retry_after(1),
            app::Error::TooManyTests(seconds) => {
                Self::new(Code::TooManyTests).retry_after(seconds)
            }
            app::Error::LockedOut(seconds) => {
                Self::new(Code::CognitoLockedOut).retry_after(seconds)
            }
            app::Error::Starting => Self::new(Code::Starting).retry_after(1),
            app::Error::Refused(refused) => refused.into(),
            app::Error::Store(error) => error.into(),
        }
    }
}

impl From<ModelFailure> for Problem {
    fn from(failure: ModelFailure) -> Self {
        let ModelFailure {
            kind,
            diagnosis,
            status,
            retry_after,
        } = failure;
        let problem = match kind {
            FailureKind::Request => Self::new(Code::ModelRequestRefused),
            FailureKind::Model => Self::new(Code::ModelUnusable),
            FailureKind::Throttled => {
                Self::new(Code::ModelThrottled).retry_after(retry_after.unwrap_or(1))
            }
            FailureKind::TimedOut => Self::new(Code::ModelTimedOut),
            FailureKind::Unavailable => {
                Self::new(Code::AwsUnavailable).retry_after(retry_after.unwrap_or(5))
            }
        };
        // What AWS says about the request is about what its sender wrote.
        let (detail, remedy) = match (kind, &diagnosis.aws) {
            (FailureKind::Request, Some(aws)) if !aws.message.is_empty() => {
                let detail = format!("{} AWS says: {}", diagnosis.message, aws.message);
                (detail, diagnosis.remedy)
            }
            // It says no more.
            (FailureKind::Request, Some(aws)) if aws.code == "SerializationException" => (
                "AWS cannot read the body: it is not JSON, or has something of another type than it should be.".to_owned(),
                "Send JSON in UTF-8, as Bedrock's API reference describes it, and not compressed.".to_owned(),
            ),
            _ => (diagnosis.message, diagnosis.remedy),
        };
        problem
            .detail(detail)
            .reason(diagnosis.code.as_str(), remedy)
            .refused_by_aws(status, diagnosis.aws)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown(why) => Self::new(Code::Unauthenticated).detail(sentence(why)),
            Refused::Expired => Self::new(Code::CredentialExpired),
            Refused::TenantUnknown => Self::new(Code::TenantUnknown).detail(
                "The token is valid, but its tenant is not provisioned here, or it names none.",
            ),
            Refused::RoleMissing => Self::new(Code::Forbidden)
                .detail("The token is valid, but it does not say viewer, member or admin."),
            Refused::TenantSuspended => Self::new(Code::TenantSuspended)
                .detail("The platform has suspended this tenant. Nothing was deleted."),
            Refused::TooManyAttempts(seconds) => {
                Self::new(Code::TooManyAttempts).retry_after(seconds)
            }
            Refused::ProviderUnavailable => {
                Self::new(Code::IdentityProviderUnavailable).retry_after(10)
            }
            Refused::Store(error) => error.into(),
        }
    }
}

/// Which limit it is.
fn limited(whose: Whose, reached: Reached) -> String {
    let whose = match whose {
        Whose::Tenant => "tenant",
        Whose::Caller => "credential",
    };
    match reached {
        Reached::Requests(_) => {
            format!("The {whose} has made as many requests in a minute as it may.")
        }
        Reached::Concurrent => {
            format!("The {whose} has as many requests under way as it may at a time.")
        }
        Reached::Tokens(_) => format!("The {whose} has used as many tokens in a minute as it may."),
    }
}

/// The aliases that there are, as far as they fit.
fn named(aliases: &[String]) -> String {
    const TOLD: usize = 20;
    if aliases.is_empty() {
        return "No model is registered yet.".to_owned();
    }
    let told = aliases[..aliases.len().min(TOLD)].join(", ");
    let more = if aliases.len() > TOLD { ", …" } else { "" };
    format!("Aliases: {told}{more}.")
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
        .unwrap_or_default()
}
