//! Every error as its caller sees it: RFC 9457, with a stable code, and pointers into what was sent.

mod code;
mod from;
mod wire;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bedrock::{diagnosis::AwsWords, report::Report};
use http::{HeaderValue, StatusCode, header};

use crate::chain::chain;

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
    /// AWS's own refusal.
    aws: Option<AwsRefusal>,
}

/// AWS's own refusal.
#[derive(Debug, Clone)]
pub(crate) struct AwsRefusal {
    /// Its status, for the door that speaks as AWS does; none if it is not about what was asked of a model.
    pub(crate) status: Option<u16>,
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

    /// With what to do about it this time.
    #[must_use]
    pub fn remedied(mut self, remedy: impl Into<String>) -> Self {
        self.extra.get_or_insert_default().remedy = Some(remedy.into());
        self
    }

    /// With AWS's own refusal, if there is one.
    #[must_use]
    fn refused_by_aws(mut self, status: Option<u16>, words: Option<AwsWords>) -> Self {
        if let Some(words) = words.filter(|words| !words.code.is_empty()) {
            self.extra.get_or_insert_default().aws = Some(AwsRefusal { status, words });
        }
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
        format!("{}. {}", self.what().trim_end_matches('.'), self.remedy())
    }

    /// What to do about it.
    fn remedy(&self) -> &str {
        self.extra
            .as_deref()
            .and_then(|extra| extra.remedy.as_deref())
            .unwrap_or(self.code.remedy())
    }

    /// What happened, in a sentence or two.
    pub(crate) fn what(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.code.title())
    }

    /// Whether the same request may succeed later.
    pub(crate) const fn passes(&self) -> bool {
        self.code.passes()
    }

    /// Whether this is why a connection or a model cannot be used.
    pub(crate) fn has_reason(&self, reason: &str) -> bool {
        self.why() == Some(reason)
    }

    /// Why a connection or a model cannot be used, or did not answer; for programs.
    pub(crate) fn why(&self) -> Option<&'static str> {
        self.extra.as_deref()?.reason
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
    /// Only carries the problem outwards: `observe` has it written in the form of the request's door, by the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The database is away: come back in a second.
pub(crate) fn database_unavailable() -> Problem {
    Problem::new(Code::DatabaseUnavailable).retry_after(1)
}

pub(crate) async fn no_such_path() -> Problem {
    Problem::new(Code::NotFound)
        .detail("There is nothing at this path.")
        .remedied("Check the path, and the base URL that it begins with.")
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
