//! Every error as its caller sees it: RFC 9457, with a stable code, and pointers into what was sent.

mod code;
mod wire;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bedrock::{diagnosis::AwsWords, report::Report};
use domain::Denied;
use http::{HeaderValue, StatusCode, header};

use crate::{
    app::{
        self,
        conversations::{FailureKind, ModelFailure},
    },
    auth::Refused,
    chain::chain,
};

pub use code::Code;
pub use wire::FieldError;
pub(crate) use wire::{Body, Problems};

/// An error answer in the making.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    /// What few problems have, out of the way of the many.
    extra: Option<Box<Extra>>,
    cause: Option<Cause>,
}

/// What the problems of connections tell besides.
#[derive(Debug, Clone, Default)]
struct Extra {
    /// Why the connection cannot be used.
    reason: Option<&'static str>,
    /// What to do about it.
    remedy: Option<String>,
    /// What a test found.
    report: Option<Arc<Report>>,
    /// AWS's own refusal of a conversation.
    aws: Option<AwsRefusal>,
}

/// AWS's own refusal of a conversation, for the door that speaks as AWS does.
#[derive(Debug, Clone)]
pub(crate) struct AwsRefusal {
    pub(crate) status: u16,
    pub(crate) words: AwsWords,
}

/// A problem that was told in a form of its own: only the log and the metrics still want it.
#[derive(Debug, Clone)]
pub(crate) struct Told(pub(crate) Problem);

/// What really happened, for the log. Errors of ours hold no secret in their text.
type Cause = Arc<dyn std::error::Error + Send + Sync>;

impl Problem {
    /// A problem of that kind.
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            extra: None,
            cause: None,
        }
    }

    /// With what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With where the request is wrong.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// With one place where the request is wrong.
    #[must_use]
    pub fn at(self, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors(vec![FieldError::at(pointer, message)])
    }

    /// With the seconds after which to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// With why a connection cannot be used, and what to do about that.
    #[must_use]
    pub fn reason(mut self, reason: &'static str, remedy: String) -> Self {
        let extra = self.extra.get_or_insert_default();
        extra.reason = Some(reason);
        extra.remedy = Some(remedy);
        self
    }

    /// With what a test found.
    #[must_use]
    pub fn report(mut self, report: Arc<Report>) -> Self {
        self.extra.get_or_insert_default().report = Some(report);
        self
    }

    /// With what the log is to tell.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// What happened and what to do about it, in a sentence or two.
    pub(crate) fn message(&self) -> String {
        let (_, _, title, _) = self.code.facts();
        let what = self.detail.as_deref().unwrap_or(title);
        let remedy = self
            .extra
            .as_deref()
            .and_then(|extra| extra.remedy.as_deref())
            .or_else(|| self.code.remedy());
        match remedy {
            Some(remedy) => format!("{} {remedy}", what.trim_end_matches('.').to_owned() + "."),
            None => what.to_owned(),
        }
    }

    /// The seconds after which to try again.
    pub(crate) const fn seconds_to_wait(&self) -> Option<u64> {
        self.retry_after
    }

    /// AWS's own refusal, if it is one.
    pub(crate) fn aws(&self) -> Option<&AwsRefusal> {
        self.extra.as_deref()?.aws.as_ref()
    }

    /// The kind, for programs.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What really happened, with all its causes.
    pub fn cause_chain(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| chain(cause))
    }

    /// The answer, written for the request of that id.
    pub(crate) fn answer(&self, request_id: &str) -> Response {
        let body = serde_json::to_vec(&Body::of(self, request_id)).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    const fn status(&self) -> StatusCode {
        self.code.status()
    }
}
impl IntoResponse for Problem {
    /// Only carries the problem outwards: `observe` writes it, when it knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

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
                .reason(unusable.reason, unusable.remedy),
            app::Error::AwsUnavailable(diagnosis) => Self::new(Code::AwsUnavailable)
                .detail(diagnosis.message)
                .reason(diagnosis.code.as_str(), diagnosis.remedy)
                .retry_after(5),
            app::Error::ModelNotFound(aliases) => {
                Self::new(Code::ModelNotFound).detail(named(&aliases))
            }
            app::Error::ModelAmbiguous(aliases) => {
                Self::new(Code::ModelAmbiguous).detail(named(&aliases))
            }
            app::Error::Model(failure) => (*failure).into(),
            app::Error::Limited(reached) => {
                Self::new(Code::LimitReached).retry_after(reached.retry_after())
            }
            app::Error::Interrupted => Self::new(Code::Interrupted).retry_after(1),
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
        let detail = match (kind, &diagnosis.aws) {
            (FailureKind::Request, Some(aws)) => {
                format!("{} AWS says: {}", diagnosis.message, aws.message)
            }
            _ => diagnosis.message,
        };
        let mut problem = problem
            .detail(detail)
            .reason(diagnosis.code.as_str(), diagnosis.remedy);
        if let Some((words, status)) = diagnosis.aws.zip(status) {
            problem.extra.get_or_insert_default().aws = Some(AwsRefusal { status, words });
        }
        problem
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

/// The database is away: come back in a second.
pub(crate) fn database_unavailable() -> Problem {
    Problem::new(Code::DatabaseUnavailable).retry_after(1)
}

pub(crate) async fn no_such_path() -> Problem {
    Problem::new(Code::NotFound)
}

pub(crate) async fn no_such_method() -> Problem {
    Problem::new(Code::MethodNotAllowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_for_the_log_and_not_for_the_caller() {
        let problem = Problem::new(Code::Internal).because(std::io::Error::other("disk on fire"));
        assert_eq!(problem.cause_chain().as_deref(), Some("disk on fire"));
        let body = serde_json::to_string(&Body::of(&problem, "req_1")).unwrap();
        assert!(!body.contains("fire") && body.contains("\"req_1\""));
    }
}
