//! Every kind of problem: its name for programs, its status, and what to do about it.

use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

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
    /// The method cannot be used on this service.
    MethodUnavailable,
    /// A role needs a reservation first.
    ConnectFirst,
    /// What is to be changed is fixed.
    StartNewConnection,
    /// No registered model has that name.
    ModelNotFound,
    /// Several registered models are called so by AWS.
    ModelAmbiguous,
    /// The model does not take the request.
    ModelRequestRefused,
    /// The account cannot use the model, or not so.
    ModelUnusable,
    /// AWS asks for patience.
    ModelThrottled,
    /// The model took too long.
    ModelTimedOut,
    /// The tenant or the caller uses too much at a time.
    LimitReached,
    /// The service has as much under way as it can carry.
    Overloaded,
    /// This replica does not know what has changed lately.
    Blind,
    /// The conversation was ended before its time.
    Interrupted,
    /// The test before saving did not pass.
    ConnectionTestFailed,
    /// The test before saving passed with a warning that was not accepted.
    WarningsNotAccepted,
    /// The reservation is saved already.
    AlreadySaved,
    /// The tenant has as many reservations as it may have.
    TooManyReservations,
    /// The connection cannot be used now.
    ConnectionUnusable,
    /// Somebody else changed it while this was done.
    ChangedMeanwhile,
    /// It is not as the caller has seen it.
    EtagMismatch,
    /// The caller did not say which version it has seen.
    EtagMissing,
    /// The tenant tests too often.
    TooManyTests,
    /// A refused Cognito password rests.
    CognitoLockedOut,
    /// AWS does not answer, or asks for patience.
    AwsUnavailable,
}

impl Code {
    /// The code as callers see it.
    pub const fn as_str(self) -> &'static str {
        self.facts().0
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.facts().1
    }

    /// Code, status, title, and whether the same request may succeed later.
    pub(super) const fn facts(self) -> (&'static str, StatusCode, &'static str, bool) {
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
            Self::MethodUnavailable => (
                "method_unavailable",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The method cannot be used here",
                false,
            ),
            Self::ConnectFirst => (
                "connect_first",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Start by connect",
                false,
            ),
            Self::StartNewConnection => (
                "start_new_connection",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Start a new connection",
                false,
            ),
            Self::ConnectionTestFailed => (
                "connection_test_failed",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The test did not pass",
                false,
            ),
            Self::WarningsNotAccepted => (
                "warnings_not_accepted",
                StatusCode::UNPROCESSABLE_ENTITY,
                "A warning was not accepted",
                false,
            ),
            Self::AlreadySaved => ("already_saved", StatusCode::CONFLICT, "Saved before", false),
            Self::TooManyReservations => (
                "too_many_reservations",
                StatusCode::CONFLICT,
                "Too many reservations",
                false,
            ),
            Self::ConnectionUnusable => (
                "connection_unusable",
                StatusCode::CONFLICT,
                "The connection cannot be used",
                false,
            ),
            Self::ChangedMeanwhile => (
                "changed_meanwhile",
                StatusCode::CONFLICT,
                "Changed meanwhile",
                true,
            ),
            Self::EtagMismatch => (
                "etag_mismatch",
                StatusCode::PRECONDITION_FAILED,
                "Changed since it was read",
                false,
            ),
            Self::EtagMissing => (
                "etag_missing",
                StatusCode::PRECONDITION_REQUIRED,
                "If-Match is needed",
                false,
            ),
            Self::TooManyTests => (
                "too_many_tests",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many tests",
                true,
            ),
            Self::CognitoLockedOut => (
                "cognito_locked_out",
                StatusCode::TOO_MANY_REQUESTS,
                "The password was refused before",
                true,
            ),
            Self::AwsUnavailable => (
                "aws_unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "AWS is not available",
                true,
            ),
            Self::ModelNotFound => (
                "model_not_found",
                StatusCode::NOT_FOUND,
                "No such model",
                false,
            ),
            Self::ModelAmbiguous => (
                "model_ambiguous",
                StatusCode::BAD_REQUEST,
                "Several models are called so",
                false,
            ),
            Self::ModelRequestRefused => (
                "model_request_refused",
                StatusCode::BAD_REQUEST,
                "The model refused the request",
                false,
            ),
            Self::ModelUnusable => (
                "model_unusable",
                StatusCode::CONFLICT,
                "The model cannot be used",
                false,
            ),
            Self::ModelThrottled => (
                "model_throttled",
                StatusCode::TOO_MANY_REQUESTS,
                "AWS throttles the model",
                true,
            ),
            Self::ModelTimedOut => (
                "model_timed_out",
                StatusCode::GATEWAY_TIMEOUT,
                "The model took too long",
                true,
            ),
            Self::LimitReached => (
                "limit_reached",
                StatusCode::TOO_MANY_REQUESTS,
                "A limit of this service is reached",
                true,
            ),
            Self::Overloaded => (
                "overloaded",
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is overloaded",
                true,
            ),
            Self::Blind => (
                "blind",
                StatusCode::SERVICE_UNAVAILABLE,
                "The database has been away for too long",
                true,
            ),
            Self::Interrupted => (
                "interrupted",
                StatusCode::SERVICE_UNAVAILABLE,
                "The conversation was interrupted",
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

    /// What the caller can do about it; none where only we can, or where `errors` says it all.
    pub(super) const fn remedy(self) -> Option<&'static str> {
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
            Self::MethodUnavailable => {
                "Choose a method that GET /v1/integrations/bedrock calls available."
            }
            Self::ConnectFirst => {
                "Call POST /v1/integrations/bedrock/connect first, and pass the id that it gives as connection_id; or enter the external ID that the role demands already."
            }
            Self::StartNewConnection => {
                "Method, federation and AWS account of a connection are fixed: connect anew, then disconnect this one."
            }
            Self::ConnectionTestFailed => {
                "Nothing was stored. Do what the failed step of the report says, and try again."
            }
            Self::WarningsNotAccepted => {
                "Nothing was stored. Do what the warning of the report says, or name its code in accept_warnings."
            }
            Self::AlreadySaved => "Edit it with PATCH.",
            Self::TooManyReservations => {
                "Save or delete a pending connection; GET /v1/integrations/bedrock/connections?pending=true lists them."
            }
            Self::ConnectionUnusable => "Test the connection and do what the report says.",
            Self::ChangedMeanwhile => "Look at it again, and repeat the request.",
            Self::EtagMismatch => "Read it again, and send its present etag in If-Match.",
            Self::EtagMissing => "Send the etag that you read in the header If-Match.",
            Self::TooManyTests => "Try again after the time that Retry-After names.",
            Self::CognitoLockedOut => {
                "Check the password, and try again after the time that Retry-After names: AWS locks a user out after a few refusals."
            }
            Self::AwsUnavailable => "Try again after the time that Retry-After names.",
            Self::ModelNotFound => {
                "Name a registered model by its id, its AWS id or its alias; GET /v1/models lists them."
            }
            Self::ModelAmbiguous => "Name the model by its alias.",
            Self::ModelRequestRefused => "Change the request as the detail says.",
            Self::ModelUnusable => "Do what the detail says in AWS, or use another model.",
            Self::ModelThrottled => "Try again after the time that Retry-After names.",
            Self::ModelTimedOut => "Try again, or ask for less.",
            Self::LimitReached => {
                "Try again after the time that Retry-After names, or ask the platform for more."
            }
            Self::Overloaded => "Try again after the time that Retry-After names.",
            Self::Blind => {
                "Try again after the time that Retry-After names; nothing you sent is wrong."
            }
            Self::Interrupted => {
                "Ask again: the service stopped, or the connection or the credential is gone."
            }
            Self::ValidationFailed => return None,
        })
    }
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
}
