//! What can be wrong with a connection: a closed set of names that customers, frontends and support can rely on. A name
//! is added when there is something else to do about it, and is never given another meaning.

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $title:literal])+ $code:ident = $name:literal,)+) => {
        /// Why a step did not pass.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $title])+ $code,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// The name in answers.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                }
            }

            /// A few words for a heading.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($title),+).trim().trim_end_matches('.'),)+
                }
            }
        }
    };
}

codes! {
    /// No models found.
    NoModelsFound = "no_models_found",
    /// Permission missing.
    MissingPermission = "missing_permission",
    /// No answer in time.
    EndpointTimeout = "endpoint_timeout",
    /// AWS could not be reached.
    EndpointUnreachable = "endpoint_unreachable",
    /// The answer broke off.
    AnswerBroken = "answer_broken",
    /// The region's endpoint does not know the request.
    OperationUnsupported = "operation_unsupported",
    /// Too many requests.
    Throttled = "throttled",
    /// Quota used up.
    QuotaExceeded = "quota_exceeded",
    /// AWS has a fault.
    AwsUnavailable = "aws_unavailable",
    /// AWS blocks the account.
    AccountBlocked = "account_blocked",
    /// A field is not as AWS wants it.
    FieldsInvalid = "fields_invalid",
    /// AWS refused for a reason of its own.
    UnknownRefusal = "unknown_refusal",

    /// The role does not trust the service.
    TrustPolicyDenied = "trust_policy_denied",
    /// The role lets others in.
    ExternalIdNotEnforced = "external_id_not_enforced",
    /// The proof of trust could not be made.
    ExternalIdNotProved = "external_id_not_proved",
    /// The role is in another partition.
    PartitionNotAssumable = "partition_not_assumable",
    /// Another AWS account than before.
    AccountChanged = "account_changed",
    /// STS is switched off in the region.
    StsRegionDisabled = "sts_region_disabled",
    /// The role's sessions are too short.
    SessionTooLong = "session_too_long",
    /// The session has ended.
    SessionExpired = "session_expired",
    /// The service's own limits refused.
    SessionPolicyDenied = "session_policy_denied",
    /// The service's own limits were not accepted.
    SessionPolicyInvalid = "session_policy_invalid",
    /// The service has no AWS identity that works.
    ServiceIdentityMissing = "service_identity_missing",
    /// The service may not assume roles.
    ServiceIdentityDenied = "service_identity_denied",
    /// The service's clock is wrong.
    ClockSkew = "clock_skew",
    /// The signature was refused.
    SignatureRefused = "signature_refused",

    /// Credentials unknown in this region.
    UnrecognizedClient = "unrecognized_client",
    /// Another region than the credentials are for.
    RegionMismatch = "region_mismatch",
    /// The region is not enabled.
    RegionNotEnabled = "region_not_enabled",

    /// The API key has expired.
    ApiKeyExpired = "api_key_expired",
    /// The API key is not valid.
    ApiKeyInvalid = "api_key_invalid",
    /// API keys are not allowed.
    BearerNotAllowed = "bearer_not_allowed",

    /// The OIDC provider is missing.
    OidcProviderMissing = "oidc_provider_missing",
    /// The audience was refused.
    OidcAudienceRejected = "oidc_audience_rejected",
    /// AWS could not reach the OIDC issuer.
    OidcIssuerUnreachable = "oidc_issuer_unreachable",
    /// The OIDC token was refused.
    OidcTokenRejected = "oidc_token_rejected",

    /// A new password is required.
    CognitoNewPasswordRequired = "cognito_new_password_required",
    /// The password must be reset.
    CognitoPasswordResetRequired = "cognito_password_reset_required",
    /// The user is not confirmed.
    CognitoUserNotConfirmed = "cognito_user_not_confirmed",
    /// The user is disabled.
    CognitoUserDisabled = "cognito_user_disabled",
    /// User name or password is wrong.
    CognitoBadCredentials = "cognito_bad_credentials",
    /// Locked out for a while.
    CognitoLockedOut = "cognito_locked_out",
    /// A second factor is required.
    CognitoMfaRequired = "cognito_mfa_required",
    /// The pool asks for something else than a password.
    CognitoChallengeUnsupported = "cognito_challenge_unsupported",
    /// The app client does not allow SRP.
    CognitoSrpNotEnabled = "cognito_srp_not_enabled",
    /// The app client's secret does not fit.
    CognitoClientSecretMismatch = "cognito_client_secret_mismatch",
    /// User pool or app client not found.
    CognitoPoolNotFound = "cognito_pool_not_found",
    /// The user pool's settings refuse the sign-in.
    CognitoPoolMisconfigured = "cognito_pool_misconfigured",
    /// A trigger of the user pool refused.
    CognitoTriggerRefused = "cognito_trigger_refused",
    /// A firewall refused the sign-in.
    CognitoFirewallRefused = "cognito_firewall_refused",
    /// The sign-in was interrupted.
    CognitoSignInInterrupted = "cognito_sign_in_interrupted",
    /// The kept sign-in has ended.
    CognitoRefreshRefused = "cognito_refresh_refused",
    /// The user pool is not linked to the identity pool.
    CognitoPoolNotLinked = "cognito_pool_not_linked",
    /// Identity pool not found.
    CognitoIdentityPoolNotFound = "cognito_identity_pool_not_found",
    /// The identity belongs to another user.
    CognitoIdentityMismatch = "cognito_identity_mismatch",
    /// The identity pool refused the sign-in.
    CognitoTokenRefused = "cognito_token_refused",
    /// The identity pool's role cannot be used.
    CognitoRoleMisconfigured = "cognito_role_misconfigured",

    /// No access to the model.
    ModelAccessNotGranted = "model_access_not_granted",
    /// Access to the model is being set up.
    ModelAccessPending = "model_access_pending",
    /// The model must be subscribed to first.
    MarketplaceSubscriptionMissing = "marketplace_subscription_missing",
    /// The use case form is missing.
    ModelUseCaseFormMissing = "model_use_case_form_missing",
    /// The model needs an inference profile.
    OnDemandUnsupported = "on_demand_unsupported",
    /// The model has reached its end of life.
    ModelEndOfLife = "model_end_of_life",
    /// The model is closed to new users.
    ModelLegacy = "model_legacy",
    /// The model does not exist here.
    ModelNotFound = "model_not_found",
    /// The model is not ready.
    ModelNotReady = "model_not_ready",
    /// The model took too long.
    ModelTimeout = "model_timeout",
    /// The model failed.
    ModelFailed = "model_failed",
    /// The model is overloaded.
    ModelOverloaded = "model_overloaded",
    /// The model did not accept the request.
    ModelRequestInvalid = "model_request_invalid",
    /// The model cannot be used in conversations.
    ConverseUnsupported = "converse_unsupported",
    /// The model does not stream.
    StreamingUnsupported = "streaming_unsupported",

    /// The access was changed meanwhile.
    AccessChanged = "access_changed",
    /// The service could not read its store.
    StoreUnavailable = "store_unavailable",
    /// Not needed for this way of connecting.
    NotApplicable = "not_applicable",
    /// Not asked for.
    NotRequested = "not_requested",
    /// Not tried, since an earlier step failed.
    EarlierStepFailed = "earlier_step_failed",
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The names that the product's contract promises.
    const PROMISED: &str = "no_models_found missing_permission endpoint_timeout endpoint_unreachable \
        trust_policy_denied unrecognized_client region_mismatch region_not_enabled partition_not_assumable \
        api_key_expired api_key_invalid bearer_not_allowed oidc_provider_missing oidc_audience_rejected \
        oidc_issuer_unreachable cognito_new_password_required cognito_password_reset_required \
        cognito_user_not_confirmed cognito_user_disabled cognito_bad_credentials cognito_locked_out \
        cognito_mfa_required cognito_srp_not_enabled cognito_client_secret_mismatch cognito_pool_not_linked \
        model_access_not_granted model_use_case_form_missing on_demand_unsupported model_end_of_life throttled \
        external_id_not_enforced account_changed";

    #[test]
    fn every_promised_code_is_there() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        for promised in PROMISED.split_whitespace() {
            assert!(names.contains(promised), "{promised}");
        }
    }

    #[test]
    fn no_two_codes_share_a_name_or_a_title() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let titles: HashSet<_> = Code::ALL.iter().map(|code| code.title()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert_eq!(titles.len(), Code::ALL.len());
    }
}
