//! A problem as it goes over the wire, and what the document says about it.

use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::{Code, Problem};
use crate::api::report::{Aws, Report};

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body<'a> {
    /// Names the kind of problem.
    #[schema(example = "/problems/validation")]
    r#type: String,
    /// The kind in a few words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The kind, for programs.
    code: Code,
    /// What happened this time, and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// What to do about it.
    remedy: &'a str,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// Why the connection or the model cannot be used, or did not answer: a code of test reports, or `not_saved`,
    /// `not_verified`, `ownership_lost`, `model_unavailable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// What AWS said, where it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<Aws>,
    /// Names this request in the logs.
    request_id: &'a str,
    /// Where the request is wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// What the test found, for `connection_test_failed` and `warnings_not_accepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
}

impl<'a> Body<'a> {
    /// The problem, for the request of that id.
    pub(crate) fn of(problem: &'a Problem, request_id: &'a str) -> Self {
        let code = problem.code;
        let extra = problem.extra.as_deref();
        Self {
            r#type: format!(
                "/problems/{}",
                code.as_str().trim_end_matches("_failed").replace('_', "-")
            ),
            title: code.title(),
            status: code.status().as_u16(),
            code,
            detail: problem.detail.as_deref(),
            remedy: problem.remedy(),
            reason: extra.and_then(|extra| extra.reason),
            retryable: code.passes(),
            aws: problem.aws().map(|aws| Aws::from(&aws.words)),
            request_id,
            errors: &problem.errors,
            report: extra
                .and_then(|extra| extra.report.as_deref())
                .map(Report::from),
        }
    }
}

/// Where in the request something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer into the body; below `/query`, `/path` or `/header` for the other parts. Empty for the whole body.
    #[schema(example = "/name")]
    pub pointer: String,
    /// What is wrong with it. Never repeats the value.
    #[schema(example = "must be 1 to 128 characters long")]
    pub message: String,
}

impl FieldError {
    /// Something wrong at `pointer`.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

/// What any control-plane operation may answer besides its own.
#[derive(IntoResponses)]
#[expect(
    dead_code,
    reason = "describes answers; the answers themselves are made from `Problem`"
)]
pub(crate) enum Problems {
    /// The request cannot be read, or the model does not take it: `malformed_body`, `several_credentials`,
    /// `model_ambiguous`, `model_request_refused`.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Body<'static>),
    /// `unauthenticated`, `credential_expired`.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Body<'static>),
    /// `forbidden`, `tenant_unknown`, `tenant_suspended`, `origin_refused`, `withdrawn`.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Body<'static>),
    /// `not_found`, `model_not_found`.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Body<'static>),
    /// `body_timeout`.
    #[response(status = 408, content_type = "application/problem+json")]
    RequestTimeout(Body<'static>),
    /// `ref_taken`, `already_created`, `already_saved`, `in_progress`, `connection_unusable`, `changed_meanwhile`,
    /// `too_many_reservations`, `model_unusable`.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Body<'static>),
    /// `etag_mismatch`.
    #[response(status = 412, content_type = "application/problem+json")]
    PreconditionFailed(Body<'static>),
    /// `body_too_large`.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Body<'static>),
    /// `unsupported_media_type`.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Body<'static>),
    /// `validation_failed`, `idempotency_key_reused`, `method_unavailable`, `connect_first`, `start_new_connection`,
    /// `connection_test_failed`, `warnings_not_accepted`.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(Body<'static>),
    /// `etag_missing`.
    #[response(status = 428, content_type = "application/problem+json")]
    PreconditionRequired(Body<'static>),
    /// `too_many_attempts`, `too_many_tests`, `cognito_locked_out`, `model_throttled`, `limit_reached`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Body<'static>),
    /// `internal`.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Body<'static>),
    /// `starting`, `database_unavailable`, `master_key_missing`, `identity_provider_unavailable`, `timed_out`,
    /// `aws_unavailable`, `overloaded`, `blind`, `interrupted`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Body<'static>),
    /// `model_timed_out`.
    #[response(status = 504, content_type = "application/problem+json")]
    GatewayTimeout(Body<'static>),
}
