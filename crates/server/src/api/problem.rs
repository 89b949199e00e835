//! Every error as its caller sees it: RFC 9457, with a stable code, and pointers into what was sent.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use domain::Denied;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::{app, auth::Refused, chain::chain};

/// What went wrong, for programs. Codes never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is not JSON.
    MalformedBody,
    /// Several credentials in one request.
    SeveralCredentials,
    /// No credential, or none that is known here.
    Unauthenticated,
    /// The credential has expired.
    CredentialExpired,
    /// The role does not allow this.
    Forbidden,
    /// The token's tenant is not provisioned here.
    TenantUnknown,
    /// The platform has suspended the tenant.
    TenantSuspended,
    /// A request with the console's cookie came from another site.
    OriginRefused,
    /// There is no such thing, or it is not yours.
    NotFound,
    /// There is such a path, but not for this method.
    MethodNotAllowed,
    /// The body took too long to arrive.
    BodyTimeout,
    /// Another tenant has that ref.
    RefTaken,
    /// The request was carried out before; what it made is shown only once.
    AlreadyCreated,
    /// The same request is being carried out right now.
    InProgress,
    /// The body is too large.
    BodyTooLarge,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// Something in the request breaks a rule; `errors` says what.
    ValidationFailed,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// Too many failed sign-ins.
    TooManyAttempts,
    /// A fault of ours.
    Internal,
    /// The service is starting.
    Starting,
    /// The database is away.
    DatabaseUnavailable,
    /// This replica lacks the master key that seals.
    MasterKeyMissing,
    /// The identity provider's keys cannot be fetched.
    IdentityProviderUnavailable,
    /// The request took too long.
    TimedOut,
}

impl Code {
    /// The code as callers see it.
    pub const fn as_str(self) -> &'static str {
        self.facts().0
    }

    /// Code, status, title, and whether the same request may succeed later.
    const fn facts(self) -> (&'static str, StatusCode, &'static str, bool) {
        match self {
            Self::MalformedBody => (
                "malformed_body",
                StatusCode::BAD_REQUEST,
                "The body is not JSON",
                false,
            ),
            Self::SeveralCredentials => (
                "several_credentials",
                StatusCode::BAD_REQUEST,
                "More than one credential",
                false,
            ),
            Self::Unauthenticated => (
                "unauthenticated",
                StatusCode::UNAUTHORIZED,
                "Sign in first",
                false,
            ),
            Self::CredentialExpired => (
                "credential_expired",
                StatusCode::UNAUTHORIZED,
                "The credential has expired",
                false,
            ),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed", false),
            Self::TenantUnknown => (
                "tenant_unknown",
                StatusCode::FORBIDDEN,
                "The tenant is not known here",
                false,
            ),
            Self::TenantSuspended => (
                "tenant_suspended",
                StatusCode::FORBIDDEN,
                "The tenant is suspended",
                false,
            ),
            Self::OriginRefused => (
                "origin_refused",
                StatusCode::FORBIDDEN,
                "The request came from another site",
                false,
            ),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found", false),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
                false,
            ),
            Self::BodyTimeout => (
                "body_timeout",
                StatusCode::REQUEST_TIMEOUT,
                "The body took too long",
                true,
            ),
            Self::RefTaken => ("ref_taken", StatusCode::CONFLICT, "The ref is taken", false),
            Self::AlreadyCreated => (
                "already_created",
                StatusCode::CONFLICT,
                "Created before",
                false,
            ),
            Self::InProgress => (
                "in_progress",
                StatusCode::CONFLICT,
                "The same request is in progress",
                true,
            ),
            Self::BodyTooLarge => (
                "body_too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
                false,
            ),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body must be application/json",
                false,
            ),
            Self::ValidationFailed => (
                "validation_failed",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Something in the request is wrong",
                false,
            ),
            Self::IdempotencyKeyReused => (
                "idempotency_key_reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The idempotency key was used before",
                false,
            ),
            Self::TooManyAttempts => (
                "too_many_attempts",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many failed sign-ins",
                true,
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of this service",
                true,
            ),
            Self::Starting => (
                "starting",
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is starting",
                true,
            ),
            Self::DatabaseUnavailable => (
                "database_unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The database is away",
                true,
            ),
            Self::MasterKeyMissing => (
                "master_key_missing",
                StatusCode::SERVICE_UNAVAILABLE,
                "A master key is missing",
                true,
            ),
            Self::IdentityProviderUnavailable => (
                "identity_provider_unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The identity provider is away",
                true,
            ),
            Self::TimedOut => (
                "timed_out",
                StatusCode::SERVICE_UNAVAILABLE,
                "The request took too long",
                true,
            ),
        }
    }
}

impl Code {
    /// What the caller can do about it; none where only we can, or where `errors` says it all.
    const fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Self::MalformedBody => "Send one JSON object in UTF-8.",
            Self::SeveralCredentials => {
                "Send one credential: either the header Authorization or the console's cookie."
            }
            Self::Unauthenticated => {
                "Send a valid API key or token as `Authorization: Bearer …`; an admin of the tenant can make a key."
            }
            Self::CredentialExpired => "Sign in again, or have a new key made.",
            Self::Forbidden => {
                "Use a credential with the role that the detail names, or ask an admin of the tenant."
            }
            Self::TenantUnknown => {
                "Have the platform provision the tenant under the ref that the token names."
            }
            Self::TenantSuspended => "Ask the platform's operator to make the tenant active again.",
            Self::OriginRefused => "Make this change from the console, or with an API key.",
            Self::NotFound => {
                "Check the id, and that the credential belongs to the tenant that has it."
            }
            Self::MethodNotAllowed => "Use one of the methods that the header Allow names.",
            Self::BodyTimeout => "Send the whole body within 10 seconds.",
            Self::RefTaken => {
                "Use the tenant that has this ref, or another ref; PUT /v1/tenants/by-ref/{ref} does either."
            }
            Self::AlreadyCreated => {
                "If the answer did not reach you, revoke what was made and use a new idempotency key."
            }
            Self::InProgress => {
                "Send the same request again after the time that Retry-After names."
            }
            Self::BodyTooLarge => "Send at most 64 KiB.",
            Self::UnsupportedMediaType => "Send the header `content-type: application/json`.",
            Self::IdempotencyKeyReused => "Use a new idempotency key for every new request.",
            Self::TooManyAttempts => {
                "Check the credential, and try again after the time that Retry-After names."
            }
            Self::Starting
            | Self::DatabaseUnavailable
            | Self::MasterKeyMissing
            | Self::IdentityProviderUnavailable
            | Self::TimedOut => {
                "Try again after the time that Retry-After names; nothing you sent is wrong."
            }
            Self::Internal => "Try again; if it stays, tell the platform's support the request_id.",
            Self::ValidationFailed => return None,
        })
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

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
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
    detail: Option<String>,
    /// What to do about it, where the caller can do something.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// Names this request in the logs.
    request_id: String,
    /// Where the request is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after: Option<u64>,
    #[serde(skip)]
    cause: Option<Cause>,
}

/// What really happened, for the log. Errors of ours hold no secret in their text.
type Cause = Arc<dyn std::error::Error + Send + Sync>;

impl Problem {
    /// A problem of that kind.
    pub fn new(code: Code) -> Self {
        let (name, status, title, retryable) = code.facts();
        Self {
            r#type: format!(
                "/problems/{}",
                name.trim_end_matches("_failed").replace('_', "-")
            ),
            title,
            status: status.as_u16(),
            code,
            detail: None,
            remedy: code.remedy(),
            retryable,
            request_id: String::new(),
            errors: Vec::new(),
            retry_after: None,
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

    /// With what the log is to tell.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
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
    pub(crate) fn answer(mut self, request_id: &str) -> Response {
        request_id.clone_into(&mut self.request_id);
        let body = serde_json::to_vec(&self).unwrap_or_default();
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

    fn status(&self) -> StatusCode {
        self.code.facts().1
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
            app::Error::Starting => Self::new(Code::Starting).retry_after(1),
            app::Error::Refused(refused) => refused.into(),
            app::Error::Store(error) => error.into(),
        }
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

/// What any control-plane operation may answer besides its own.
#[derive(IntoResponses)]
#[expect(
    dead_code,
    reason = "describes answers; the answers themselves are made from `Problem`"
)]
pub(crate) enum Problems {
    /// The request cannot be read: `malformed_body`, `several_credentials`.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// `unauthenticated`, `credential_expired`.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// `forbidden`, `tenant_unknown`, `tenant_suspended`, `origin_refused`.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// `not_found`.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// `body_timeout`.
    #[response(status = 408, content_type = "application/problem+json")]
    RequestTimeout(Problem),
    /// `ref_taken`, `already_created`, `in_progress`.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// `body_too_large`.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// `unsupported_media_type`.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
    /// `validation_failed`, `idempotency_key_reused`.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(Problem),
    /// `too_many_attempts`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// `internal`.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// `starting`, `database_unavailable`, `master_key_missing`, `identity_provider_unavailable`, `timed_out`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_spelt_the_same_everywhere() {
        for code in [
            Code::MalformedBody,
            Code::TenantUnknown,
            Code::IdentityProviderUnavailable,
            Code::TimedOut,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn the_cause_is_for_the_log_and_not_for_the_caller() {
        let problem = Problem::new(Code::Internal).because(std::io::Error::other("disk on fire"));
        assert_eq!(problem.cause_chain().as_deref(), Some("disk on fire"));
        assert!(!serde_json::to_string(&problem).unwrap().contains("fire"));
    }
}
