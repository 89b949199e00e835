//! Which of AWS's refusals means what: the one table, read from the top, the first row that matches. A refusal that was
//! met in the field and is not here gets a row, and `DIAGNOSIS.md` is made anew.

use credential_provider::AwsError;

use super::Code;

/// One refusal of AWS.
#[derive(Debug)]
pub(crate) struct Row {
    /// For which operations; all of them if empty.
    pub on: &'static [&'static str],
    /// The HTTP status; any if 0. [`CHALLENGE`] stands for a question of Cognito's.
    pub status: u16,
    /// AWS's code; any if empty.
    pub code: &'static str,
    /// What AWS's message contains, whatever its case and apostrophes; anything if empty.
    pub says: &'static str,
    /// Only if AWS says nothing at all.
    pub silent: bool,
    /// Only if GetCallerIdentity accepted the same credentials a moment before.
    pub confirmed: bool,
    /// What it means.
    pub means: Code,
    /// What may be behind it, where this row knows better than the code's own words.
    pub causes: &'static [&'static str],
}

/// The status of a challenge, whose name stands in place of AWS's code: Cognito asks instead of refusing.
pub(crate) const CHALLENGE: u16 = 200;

const fn row(
    on: &'static [&'static str],
    code: &'static str,
    says: &'static str,
    means: Code,
) -> Row {
    Row {
        on,
        status: 0,
        code,
        says,
        silent: false,
        confirmed: false,
        means,
        causes: &[],
    }
}

impl Row {
    const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    const fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    const fn confirmed(mut self) -> Self {
        self.confirmed = true;
        self
    }

    const fn causes(mut self, causes: &'static [&'static str]) -> Self {
        self.causes = causes;
        self
    }

    /// Whether this is the refusal.
    pub(crate) fn matches(&self, aws: &AwsError, confirmed: bool) -> bool {
        (self.on.is_empty() || self.on.contains(&aws.operation))
            && (self.status == 0 || self.status == aws.status)
            && (self.code.is_empty() || self.code == aws.code)
            && (self.says.is_empty() || plain(&aws.message).contains(&plain(self.says)))
            && (!self.silent || aws.message.is_empty())
            && (!self.confirmed || confirmed)
    }
}

/// AWS is not of one mind about capitals and apostrophes.
fn plain(text: &str) -> String {
    text.replace('’', "'").to_ascii_lowercase()
}

const ANY: &[&str] = &[];
const ASSUME: &[&str] = &["AssumeRole"];
const OIDC: &[&str] = &["AssumeRoleWithWebIdentity"];
const STS: &[&str] = &["AssumeRole", "AssumeRoleWithWebIdentity"];
const POOL: &[&str] = &[
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetTokensFromRefreshToken",
];
const REFRESH: &[&str] = &["GetTokensFromRefreshToken"];
const IDENTITIES: &[&str] = &["GetId", "GetCredentialsForIdentity"];
const COGNITO: &[&str] = &[
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetTokensFromRefreshToken",
    "GetId",
    "GetCredentialsForIdentity",
];
const MODEL: &[&str] = &[
    "Converse",
    "ConverseStream",
    "InvokeModel",
    "InvokeModelWithResponseStream",
    "CountTokens",
];

/// The table.
#[rustfmt::skip]
pub(crate) static TABLE: &[Row] = &[
    // Signatures and clocks.
    row(ANY, "InvalidSignatureException", "Signature expired", Code::ClockSkew),
    row(ANY, "InvalidSignatureException", "Signature not yet current", Code::ClockSkew),
    row(ANY, "SignatureDoesNotMatch", "Signature expired", Code::ClockSkew),
    row(ANY, "SignatureDoesNotMatch", "Signature not yet current", Code::ClockSkew),
    row(ANY, "RequestExpired", "", Code::ClockSkew),
    row(ANY, "RequestTimeTooSkewed", "", Code::ClockSkew),
    row(ASSUME, "InvalidClientTokenId", "", Code::ServiceIdentityMissing),
    row(ASSUME, "SignatureDoesNotMatch", "", Code::ServiceIdentityMissing),
    row(ASSUME, "ExpiredToken", "", Code::ServiceIdentityMissing),
    row(ASSUME, "ExpiredTokenException", "", Code::ServiceIdentityMissing),
    row(ASSUME, "MissingAuthenticationToken", "", Code::ServiceIdentityMissing),
    row(ANY, "InvalidSignatureException", "", Code::SignatureRefused),
    row(ANY, "SignatureDoesNotMatch", "", Code::SignatureRefused),
    row(ANY, "IncompleteSignature", "", Code::SignatureRefused),
    row(ANY, "IncompleteSignatureException", "", Code::SignatureRefused),
    row(ANY, "MissingAuthenticationToken", "", Code::SignatureRefused),
    row(ANY, "MissingAuthenticationTokenException", "", Code::SignatureRefused),

    // STS.
    row(ASSUME, "AccessDenied", "no identity-based policy allows the sts:AssumeRole action", Code::ServiceIdentityDenied),
    row(OIDC, "AccessDenied", "", Code::TrustPolicyDenied).causes(&[
        "the role does not exist, or its ARN is mistyped",
        "the trust policy demands another subject (sub) or audience (aud)",
        "the trust policy names another OIDC provider",
        "a service control policy of the organisation forbids it",
    ]),
    row(ASSUME, "AccessDenied", "", Code::TrustPolicyDenied),
    row(STS, "RegionDisabledException", "", Code::StsRegionDisabled),
    row(STS, "ValidationError", "DurationSeconds", Code::SessionTooLong),
    row(STS, "ValidationError", "", Code::FieldsInvalid),
    row(STS, "MalformedPolicyDocument", "", Code::SessionPolicyInvalid),
    row(STS, "PackedPolicyTooLarge", "", Code::SessionPolicyInvalid),
    row(OIDC, "InvalidIdentityToken", "No OpenIDConnect provider found", Code::OidcProviderMissing),
    row(OIDC, "InvalidIdentityToken", "Incorrect token audience", Code::OidcAudienceRejected),
    row(OIDC, "InvalidIdentityToken", "Couldn't retrieve verification key", Code::OidcIssuerUnreachable),
    row(OIDC, "IDPCommunicationError", "", Code::OidcIssuerUnreachable),
    row(OIDC, "InvalidIdentityToken", "", Code::OidcTokenRejected),
    row(OIDC, "IDPRejectedClaim", "", Code::OidcTokenRejected),
    row(OIDC, "ExpiredTokenException", "", Code::OidcTokenRejected),

    // Cognito user pools: what they ask, and what they refuse.
    row(POOL, "NEW_PASSWORD_REQUIRED", "", Code::CognitoNewPasswordRequired).status(CHALLENGE),
    row(POOL, "SMS_MFA", "", Code::CognitoMfaRequired).status(CHALLENGE),
    row(POOL, "SMS_OTP", "", Code::CognitoMfaRequired).status(CHALLENGE),
    row(POOL, "EMAIL_OTP", "", Code::CognitoMfaRequired).status(CHALLENGE),
    row(POOL, "SOFTWARE_TOKEN_MFA", "", Code::CognitoMfaRequired).status(CHALLENGE),
    row(POOL, "SELECT_MFA_TYPE", "", Code::CognitoMfaRequired).status(CHALLENGE),
    row(POOL, "MFA_SETUP", "", Code::CognitoMfaRequired).status(CHALLENGE),
    row(POOL, "", "", Code::CognitoChallengeUnsupported).status(CHALLENGE),
    row(POOL, "NotAuthorizedException", "Incorrect username or password", Code::CognitoBadCredentials),
    row(POOL, "UserNotFoundException", "", Code::CognitoBadCredentials),
    row(POOL, "NotAuthorizedException", "Password attempts exceeded", Code::CognitoLockedOut),
    row(POOL, "NotAuthorizedException", "User is disabled", Code::CognitoUserDisabled),
    row(POOL, "NotAuthorizedException", "Temporary password has expired", Code::CognitoNewPasswordRequired),
    row(POOL, "NotAuthorizedException", "secret hash", Code::CognitoClientSecretMismatch),
    row(POOL, "NotAuthorizedException", "SECRET_HASH", Code::CognitoClientSecretMismatch),
    row(POOL, "NotAuthorizedException", "configured with secret", Code::CognitoClientSecretMismatch),
    row(POOL, "NotAuthorizedException", "configured for secret", Code::CognitoClientSecretMismatch),
    row(POOL, "InvalidParameterException", "SECRET_HASH", Code::CognitoClientSecretMismatch),
    row(POOL, "NotAuthorizedException", "Invalid session for the user", Code::CognitoSignInInterrupted),
    row(POOL, "CodeMismatchException", "", Code::CognitoSignInInterrupted),
    row(REFRESH, "NotAuthorizedException", "", Code::CognitoRefreshRefused),
    row(REFRESH, "RefreshTokenReuseException", "", Code::CognitoRefreshRefused),
    row(POOL, "PasswordResetRequiredException", "", Code::CognitoPasswordResetRequired),
    row(POOL, "UserNotConfirmedException", "", Code::CognitoUserNotConfirmed),
    row(POOL, "InvalidParameterException", "not enabled for the client", Code::CognitoSrpNotEnabled),
    row(POOL, "InvalidParameterException", "", Code::FieldsInvalid),
    row(POOL, "ResourceNotFoundException", "", Code::CognitoPoolNotFound),
    row(POOL, "InvalidUserPoolConfigurationException", "", Code::CognitoPoolMisconfigured),
    row(POOL, "OperationNotEnabledException", "", Code::CognitoPoolMisconfigured),
    row(POOL, "FeatureUnavailableInTierException", "", Code::CognitoPoolMisconfigured),
    row(POOL, "UserLambdaValidationException", "", Code::CognitoTriggerRefused),
    row(POOL, "UnexpectedLambdaException", "", Code::CognitoTriggerRefused),
    row(POOL, "InvalidLambdaResponseException", "", Code::CognitoTriggerRefused),
    row(POOL, "ForbiddenException", "", Code::CognitoFirewallRefused),

    // Cognito identity pools.
    row(IDENTITIES, "NotAuthorizedException", "not from a supported provider", Code::CognitoPoolNotLinked),
    row(IDENTITIES, "NotAuthorizedException", "doesn't match providerName", Code::CognitoPoolNotLinked),
    row(IDENTITIES, "NotAuthorizedException", "Unauthenticated access is not supported", Code::CognitoPoolNotLinked),
    row(IDENTITIES, "NotAuthorizedException", "Logins don't match", Code::CognitoIdentityMismatch),
    row(IDENTITIES, "NotAuthorizedException", "(classic) flow", Code::CognitoRoleMisconfigured),
    row(IDENTITIES, "NotAuthorizedException", "", Code::CognitoTokenRefused),
    row(IDENTITIES, "InvalidIdentityPoolConfigurationException", "", Code::CognitoRoleMisconfigured),
    row(IDENTITIES, "ResourceNotFoundException", "", Code::CognitoIdentityPoolNotFound),
    row(IDENTITIES, "ResourceConflictException", "", Code::CognitoIdentityMismatch),
    row(IDENTITIES, "InvalidParameterException", "", Code::FieldsInvalid),
    row(IDENTITIES, "ExternalServiceException", "", Code::AwsUnavailable),

    // Bedrock API keys.
    row(ANY, "AccessDeniedException", "Authentication failed", Code::ApiKeyInvalid),
    row(ANY, "AccessDeniedException", "Invalid API Key format", Code::ApiKeyInvalid).causes(&[
        "the key was not copied as a whole",
        "something else than a Bedrock API key was entered",
        "the key's user may not use API keys (bedrock:CallWithBearerToken)",
    ]),
    row(ANY, "AccessDeniedException", "Authorization header is missing", Code::ApiKeyInvalid).causes(&["the key is empty"]),
    row(ANY, "", "Bearer Token has expired", Code::ApiKeyExpired),
    row(ANY, "AccessDeniedException", "CallWithBearerToken", Code::BearerNotAllowed),

    // Credentials.
    row(ANY, "UnrecognizedClientException", "", Code::RegionNotEnabled).confirmed(),
    row(ANY, "InvalidClientTokenId", "", Code::RegionNotEnabled).confirmed(),
    row(ANY, "UnrecognizedClientException", "", Code::UnrecognizedClient),
    row(ANY, "InvalidClientTokenId", "", Code::UnrecognizedClient),
    row(ANY, "ExpiredTokenException", "", Code::SessionExpired),
    row(ANY, "ExpiredToken", "", Code::SessionExpired),

    // Models.
    row(MODEL, "FTUFormNotFilled", "", Code::ModelUseCaseFormMissing),
    row(MODEL, "ResourceNotFoundException", "use case details", Code::ModelUseCaseFormMissing),
    row(MODEL, "AccessDeniedException", "use case details", Code::ModelUseCaseFormMissing),
    row(MODEL, "ResourceNotFoundException", "end of its life", Code::ModelEndOfLife),
    row(MODEL, "ValidationException", "end of its life", Code::ModelEndOfLife),
    row(MODEL, "", "marked by provider as Legacy", Code::ModelLegacy),
    row(MODEL, "ResourceNotFoundException", "", Code::ModelNotFound),
    row(MODEL, "MPAgreementBeingCreated", "", Code::ModelAccessPending),
    row(MODEL, "AccessDeniedException", "aws-marketplace", Code::MarketplaceSubscriptionMissing),
    row(MODEL, "AccessDeniedException", "access to the model", Code::ModelAccessNotGranted),
    row(MODEL, "AccessDeniedException", "Model access is denied", Code::ModelAccessNotGranted),
    row(MODEL, "ValidationException", "on-demand throughput", Code::OnDemandUnsupported),
    row(MODEL, "ValidationException", "model identifier is invalid", Code::ModelNotFound),
    row(MODEL, "ValidationException", "supported text or chat model", Code::ConverseUnsupported),
    row(MODEL, "ValidationException", "support the Converse", Code::ConverseUnsupported),
    row(MODEL, "ValidationException", "supported for streaming", Code::StreamingUnsupported),
    row(MODEL, "ValidationException", "support streaming", Code::StreamingUnsupported),
    row(ANY, "ValidationException", "Operation not allowed", Code::AccountBlocked),
    row(ANY, "ValidationException", "not authorized to invoke this API operation", Code::AccountBlocked),
    row(ANY, "ValidationException", "create a support case", Code::AccountBlocked),
    row(ANY, "AccessDeniedException", "create a support case", Code::AccountBlocked),
    row(MODEL, "ValidationException", "", Code::ModelRequestInvalid),
    row(MODEL, "SerializationException", "", Code::ModelRequestInvalid),
    row(MODEL, "ModelTimeoutException", "", Code::ModelTimeout),
    row(MODEL, "ModelErrorException", "", Code::ModelFailed),
    row(MODEL, "ModelStreamErrorException", "", Code::ModelFailed),
    row(MODEL, "ModelNotReadyException", "", Code::ModelNotReady),
    row(MODEL, "", "", Code::ModelOverloaded).status(529),
    row(ANY, "ServiceQuotaExceededException", "", Code::QuotaExceeded),
    row(ANY, "ConflictException", "", Code::AwsUnavailable),

    // Permissions.
    row(ANY, "AccessDeniedException", "no session policy allows", Code::SessionPolicyDenied),
    row(ANY, "AccessDeniedException", "explicit deny in a service control policy", Code::MissingPermission)
        .causes(&["a service control policy of the organisation forbids it: its administrator can change that"]),
    row(ANY, "AccessDeniedException", "no service control policy allows", Code::MissingPermission)
        .causes(&["no service control policy of the organisation allows it: its administrator can change that"]),
    row(ANY, "AccessDeniedException", "permissions boundary", Code::MissingPermission)
        .causes(&["the permissions boundary of the role or user does not allow it"]),
    row(ANY, "AccessDeniedException", "explicit deny", Code::MissingPermission)
        .causes(&["a policy denies it explicitly, which outweighs every Allow"]),
    row(ANY, "AccessDeniedException", "no VPC endpoint policy allows", Code::MissingPermission)
        .causes(&["the policy of a VPC endpoint on the way does not allow it"]),
    row(ANY, "AccessDeniedException", "not authorized to perform", Code::MissingPermission),
    row(ANY, "AccessDenied", "not authorized to perform", Code::MissingPermission),
    row(ANY, "AccessDeniedException", "", Code::MissingPermission).silent(),
    row(ANY, "AccessDenied", "", Code::MissingPermission).silent(),

    // What any service may say.
    row(ANY, "UnknownOperationException", "", Code::OperationUnsupported),
    row(ANY, "ThrottlingException", "", Code::Throttled),
    row(ANY, "Throttling", "", Code::Throttled),
    row(COGNITO, "TooManyRequestsException", "", Code::Throttled),
    row(COGNITO, "LimitExceededException", "", Code::Throttled),
    row(ANY, "ValidationException", "", Code::FieldsInvalid),
    row(ANY, "", "", Code::Throttled).status(429),
    row(ANY, "", "", Code::AwsUnavailable).status(500),
    row(ANY, "", "", Code::AwsUnavailable).status(502),
    row(ANY, "", "", Code::AwsUnavailable).status(503),
    row(ANY, "", "", Code::AwsUnavailable).status(504),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The refusals that a row is meant for: one for each operation.
    fn meant(row: &Row) -> Vec<AwsError> {
        let operations: &[&'static str] = if row.on.is_empty() {
            &["ListFoundationModels", "Converse", "GetCallerIdentity"]
        } else {
            row.on
        };
        operations
            .iter()
            .map(|operation| AwsError {
                operation,
                status: if row.status == 0 { 400 } else { row.status },
                code: if row.code.is_empty() {
                    "Another"
                } else {
                    row.code
                }
                .to_owned(),
                message: if row.silent {
                    String::new()
                } else {
                    format!("{}.", row.says)
                },
                request_id: None,
                retry_after: None,
            })
            .collect()
    }

    #[test]
    fn no_row_is_hidden_by_an_earlier_one() {
        for row in TABLE {
            let reached = meant(row).iter().any(|aws| {
                TABLE
                    .iter()
                    .find(|candidate| candidate.matches(aws, row.confirmed))
                    .is_some_and(|first| std::ptr::eq(first, row))
            });
            assert!(reached, "{row:?}");
        }
    }

    #[test]
    fn apostrophes_and_capitals_are_all_one() {
        let aws =
            |message: &str| AwsError::new("GetId", 400, "NotAuthorizedException", message, None);
        let row = row(ANY, "", "Logins don't match", Code::CognitoIdentityMismatch);
        assert!(row.matches(&aws("logins don’t match."), false));
        assert!(row.matches(&aws("Logins don't match."), false));
        assert!(!row.matches(&aws("Logins do match."), false));
    }
}
