//! Every kind of problem: its name for programs, its status, and what to do about it.

use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the same request may succeed later.
const PASSES: bool = true;
const STAYS: bool = false;

macro_rules! codes {
    ($($(#[$about:meta])+ $code:ident = $name:literal, $status:ident, $title:literal, $passes:ident, $remedy:literal;)+) => {
        /// What went wrong, for programs. Codes never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[$about])+ $code,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The code as callers see it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                }
            }

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$code => StatusCode::$status,)+
                }
            }

            /// The kind in a few words.
            pub(super) const fn title(self) -> &'static str {
                match self {
                    $(Self::$code => $title,)+
                }
            }

            /// Whether the same request may succeed later.
            pub(in crate::api) const fn passes(self) -> bool {
                match self {
                    $(Self::$code => $passes,)+
                }
            }

            /// What the caller can do about it.
            pub(super) const fn remedy(self) -> &'static str {
                match self {
                    $(Self::$code => $remedy,)+
                }
            }
        }
    };
}

codes! {
    // What is sent.
    /// The body is not JSON.
    MalformedBody = "malformed_body", BAD_REQUEST, "The body is not JSON", STAYS,
        "Send one JSON object in UTF-8.";
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body must be application/json", STAYS,
        "Send the header `content-type: application/json`.";
    /// The body is too large.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large", STAYS,
        "Send less.";
    /// The body took too long to arrive.
    BodyTimeout = "body_timeout", REQUEST_TIMEOUT, "The body took too long", PASSES,
        "Send the body as fast as it goes.";
    /// Something in the request breaks a rule; `errors` says what.
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Something in the request is wrong", STAYS,
        "Mend what is said to be wrong.";
    /// There is no such thing, or it is not yours.
    NotFound = "not_found", NOT_FOUND, "Not found", STAYS,
        "Check the id, and that the credential belongs to the tenant that has it.";
    /// There is such a path, but not for this method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed", STAYS,
        "Use one of the methods that the header Allow names.";
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The idempotency key was used before", STAYS,
        "Use a new idempotency key for every new request.";
    /// The same request is being carried out right now.
    InProgress = "in_progress", CONFLICT, "The same request is in progress", PASSES,
        "Send the same request again after the time that Retry-After names.";
    /// The request was carried out before; what it made is shown only once.
    AlreadyCreated = "already_created", CONFLICT, "Created before", STAYS,
        "If the answer did not reach you, revoke what was made and use a new idempotency key.";
    /// The caller did not say which version it has seen.
    EtagMissing = "etag_missing", PRECONDITION_REQUIRED, "If-Match is needed", STAYS,
        "Send the etag that you read in the header If-Match.";
    /// It is not as the caller has seen it.
    EtagMismatch = "etag_mismatch", PRECONDITION_FAILED, "Changed since it was read", STAYS,
        "Read it again, and send its present etag in If-Match.";
    /// Somebody else changed it while this was done.
    ChangedMeanwhile = "changed_meanwhile", CONFLICT, "Changed meanwhile", PASSES,
        "Look at it again, and repeat the request.";

    // Who sends it.
    /// Several credentials in one request.
    SeveralCredentials = "several_credentials", BAD_REQUEST, "More than one credential", STAYS,
        "Send one credential: either the header Authorization or the console's cookie.";
    /// No credential, or none that is known here.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Sign in first", STAYS,
        "Send a valid API key or token as `Authorization: Bearer …`; an admin of the tenant can make a key.";
    /// The credential has expired.
    CredentialExpired = "credential_expired", UNAUTHORIZED, "The credential has expired", STAYS,
        "Sign in again, or have a new key made.";
    /// The role does not allow this.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed", STAYS,
        "Use a credential with the role that the detail names, or ask an admin of the tenant.";
    /// The token's tenant is not provisioned here.
    TenantUnknown = "tenant_unknown", FORBIDDEN, "The tenant is not known here", STAYS,
        "Have the platform provision the tenant under the ref that the token names.";
    /// The platform has suspended the tenant.
    TenantSuspended = "tenant_suspended", FORBIDDEN, "The tenant is suspended", STAYS,
        "Ask the platform's operator to make the tenant active again.";
    /// A request with the console's cookie came from another site.
    OriginRefused = "origin_refused", FORBIDDEN, "The request came from another site", STAYS,
        "Make this change from the console, or with an API key.";
    /// Too many failed sign-ins.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, "Too many failed sign-ins", PASSES,
        "Check the credential, and try again after the time that Retry-After names.";
    /// Another tenant has that ref.
    RefTaken = "ref_taken", CONFLICT, "The ref is taken", STAYS,
        "Use the tenant that has this ref, or another ref; PUT /v1/tenants/by-ref/{ref} does either.";
    /// The identity provider's keys cannot be fetched.
    IdentityProviderUnavailable = "identity_provider_unavailable", SERVICE_UNAVAILABLE, "The identity provider is away", PASSES,
        "Try again after the time that Retry-After names; nothing you sent is wrong.";

    // Connections.
    /// The method cannot be used on this service.
    MethodUnavailable = "method_unavailable", UNPROCESSABLE_ENTITY, "The method cannot be used here", STAYS,
        "Choose a method that GET /v1/integrations/bedrock calls available.";
    /// A role needs a reservation first.
    ConnectFirst = "connect_first", UNPROCESSABLE_ENTITY, "Start by connect", STAYS,
        "Call POST /v1/integrations/bedrock/connect first, and pass the id that it gives as connection_id; or enter the external ID that the role demands already.";
    /// What is to be changed is fixed.
    StartNewConnection = "start_new_connection", UNPROCESSABLE_ENTITY, "Start a new connection", STAYS,
        "Method, federation and AWS account of a connection are fixed: connect anew, then disconnect this one.";
    /// The tenant has as many reservations as it may have.
    TooManyReservations = "too_many_reservations", CONFLICT, "Too many reservations", STAYS,
        "Save or delete a pending connection; GET /v1/integrations/bedrock/connections?pending=true lists them.";
    /// The reservation is saved already.
    AlreadySaved = "already_saved", CONFLICT, "Saved before", STAYS,
        "Edit it with PATCH.";
    /// The test before saving did not pass.
    ConnectionTestFailed = "connection_test_failed", UNPROCESSABLE_ENTITY, "The test did not pass", STAYS,
        "Nothing was stored. Do what the failed step of the report says, and try again.";
    /// The test before saving passed with a warning that was not accepted.
    WarningsNotAccepted = "warnings_not_accepted", UNPROCESSABLE_ENTITY, "A warning was not accepted", STAYS,
        "Nothing was stored. Do what the warning of the report says, or name its code in accept_warnings.";
    /// The connection cannot be used now.
    ConnectionUnusable = "connection_unusable", CONFLICT, "The connection cannot be used", STAYS,
        "Test the connection and do what the report says.";
    /// The tenant tests too often.
    TooManyTests = "too_many_tests", TOO_MANY_REQUESTS, "Too many tests", PASSES,
        "Try again after the time that Retry-After names.";
    /// A refused Cognito password rests.
    CognitoLockedOut = "cognito_locked_out", TOO_MANY_REQUESTS, "The password was refused before", PASSES,
        "Check the password, and try again after the time that Retry-After names: AWS locks a user out after a few refusals.";
    /// AWS does not answer, or asks for patience.
    AwsUnavailable = "aws_unavailable", SERVICE_UNAVAILABLE, "AWS is not available", PASSES,
        "Try again after the time that Retry-After names.";

    // Conversations.
    /// No registered model has that name.
    ModelNotFound = "model_not_found", NOT_FOUND, "No such model", STAYS,
        "Name a registered model by its id, its AWS id or its alias; GET /v1/models lists them.";
    /// Several registered models are called so by AWS.
    ModelAmbiguous = "model_ambiguous", BAD_REQUEST, "Several models are called so", STAYS,
        "Name the model by its alias.";
    /// The model does not take the request.
    ModelRequestRefused = "model_request_refused", BAD_REQUEST, "The model refused the request", STAYS,
        "Change the request as the detail says.";
    /// The account cannot use the model, or not so.
    ModelUnusable = "model_unusable", CONFLICT, "The model cannot be used", STAYS,
        "Do what the detail says in AWS, or use another model.";
    /// AWS asks for patience.
    ModelThrottled = "model_throttled", TOO_MANY_REQUESTS, "AWS throttles the model", PASSES,
        "Try again after the time that Retry-After names.";
    /// The model took too long.
    ModelTimedOut = "model_timed_out", GATEWAY_TIMEOUT, "The model took too long", PASSES,
        "Try again, or ask for less.";
    /// The tenant or the caller uses too much at a time.
    LimitReached = "limit_reached", TOO_MANY_REQUESTS, "A limit of this service is reached", PASSES,
        "Try again after the time that Retry-After names, or ask the platform for more.";
    /// The service stops, and ended the conversation before its time.
    Interrupted = "interrupted", SERVICE_UNAVAILABLE, "The conversation was interrupted", PASSES,
        "Ask again: another instance of the service answers.";
    /// What the conversation depended on was taken away before its end.
    Withdrawn = "withdrawn", FORBIDDEN, "What the conversation depended on is gone", STAYS,
        "Use another credential or model: meanwhile the credential was revoked, the connection disconnected or the tenant suspended.";

    // This service.
    /// The service is starting.
    Starting = "starting", SERVICE_UNAVAILABLE, "The service is starting", PASSES,
        "Try again after the time that Retry-After names; nothing you sent is wrong.";
    /// The database is away.
    DatabaseUnavailable = "database_unavailable", SERVICE_UNAVAILABLE, "The database is away", PASSES,
        "Try again after the time that Retry-After names; nothing you sent is wrong.";
    /// This replica does not know what has changed lately.
    Blind = "blind", SERVICE_UNAVAILABLE, "The database has been away for too long", PASSES,
        "Try again after the time that Retry-After names; nothing you sent is wrong.";
    /// This replica lacks the master key that seals.
    MasterKeyMissing = "master_key_missing", SERVICE_UNAVAILABLE, "A master key is missing", PASSES,
        "Try again after the time that Retry-After names; nothing you sent is wrong.";
    /// The service has as much under way as it can carry.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "The service is overloaded", PASSES,
        "Try again after the time that Retry-After names.";
    /// The request took too long.
    TimedOut = "timed_out", SERVICE_UNAVAILABLE, "The request took too long", PASSES,
        "Try again after the time that Retry-After names; nothing you sent is wrong.";
    /// A fault of ours.
    Internal = "internal", INTERNAL_SERVER_ERROR, "A fault of this service", PASSES,
        "Try again; if it stays, tell the platform's support the request_id.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_spelt_the_same_everywhere() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
