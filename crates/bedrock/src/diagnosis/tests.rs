//! AWS's own texts, as they are met in the field, and the codes they must get.

use std::{collections::HashSet, time::Duration};

use credential_provider::classify;

use super::*;

fn say(operation: &'static str, status: u16, code: &str, message: &str) -> Diagnosis {
    let error = classify(AwsError::new(operation, status, code, message, Some("r-1")));
    diagnose(&error, Context::default())
}

#[test]
#[rustfmt::skip]
fn what_aws_says_gets_its_code() {
    for (operation, status, code, message, means) in [
        ("AssumeRole", 403, "AccessDenied", "User: arn:aws:iam::999999999999:user/bi is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Bedrock", Code::TrustPolicyDenied),
        ("AssumeRole", 403, "AccessDenied", "User: arn:aws:iam::999999999999:user/bi is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Bedrock because no role trust policy allows the sts:AssumeRole action", Code::TrustPolicyDenied),
        ("AssumeRole", 403, "AccessDenied", "User: arn:aws:iam::999999999999:user/bi is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Bedrock because no identity-based policy allows the sts:AssumeRole action", Code::ServiceIdentityDenied),
        ("AssumeRole", 403, "InvalidClientTokenId", "The security token included in the request is invalid.", Code::ServiceIdentityMissing),
        ("AssumeRole", 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", Code::SessionTooLong),
        ("AssumeRole", 400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining", Code::SessionTooLong),
        ("AssumeRole", 400, "PackedPolicyTooLarge", "", Code::SessionPolicyInvalid),
        ("AssumeRole", 403, "RegionDisabledException", "STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.", Code::StsRegionDisabled),
        ("AssumeRoleWithWebIdentity", 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", Code::TrustPolicyDenied),
        ("AssumeRoleWithWebIdentity", 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://bi.example/oidc/ten_1", Code::OidcProviderMissing),
        ("AssumeRoleWithWebIdentity", 400, "InvalidIdentityToken", "Incorrect token audience", Code::OidcAudienceRejected),
        ("AssumeRoleWithWebIdentity", 400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements", Code::OidcIssuerUnreachable),
        ("AssumeRoleWithWebIdentity", 400, "IDPCommunicationError", "", Code::OidcIssuerUnreachable),
        ("AssumeRoleWithWebIdentity", 400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)", Code::OidcTokenRejected),
        ("AssumeRoleWithWebIdentity", 400, "ExpiredTokenException", "Token expired: current date/time 1 must be before the expiration date/time 0", Code::OidcTokenRejected),
        ("AssumeRoleWithWebIdentity", 403, "IDPRejectedClaim", "", Code::OidcTokenRejected),
        ("GetCallerIdentity", 403, "InvalidClientTokenId", "The security token included in the request is invalid.", Code::UnrecognizedClient),
        ("GetCallerIdentity", 403, "ExpiredToken", "The security token included in the request is expired", Code::SessionExpired),
        ("GetCallerIdentity", 403, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/B/s is not authorized to perform: sts:GetCallerIdentity with an explicit deny in a service control policy", Code::MissingPermission),
        ("RespondToAuthChallenge", 400, "NotAuthorizedException", "Incorrect username or password.", Code::CognitoBadCredentials),
        ("InitiateAuth", 400, "UserNotFoundException", "User does not exist.", Code::CognitoBadCredentials),
        ("RespondToAuthChallenge", 400, "NotAuthorizedException", "Password attempts exceeded", Code::CognitoLockedOut),
        ("RespondToAuthChallenge", 400, "NotAuthorizedException", "User is disabled.", Code::CognitoUserDisabled),
        ("RespondToAuthChallenge", 400, "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.", Code::CognitoNewPasswordRequired),
        ("InitiateAuth", 400, "NotAuthorizedException", "Unable to verify secret hash for client 1example23456789", Code::CognitoClientSecretMismatch),
        ("InitiateAuth", 400, "NotAuthorizedException", "Client 1example23456789 is configured with secret but SECRET_HASH was not received", Code::CognitoClientSecretMismatch),
        ("RespondToAuthChallenge", 400, "NotAuthorizedException", "Invalid session for the user, session is expired.", Code::CognitoSignInInterrupted),
        ("RespondToAuthChallenge", 400, "NotAuthorizedException", "Invalid session for the user, session can only be used once.", Code::CognitoSignInInterrupted),
        ("GetTokensFromRefreshToken", 400, "NotAuthorizedException", "Refresh Token has expired", Code::CognitoRefreshRefused),
        ("GetTokensFromRefreshToken", 400, "NotAuthorizedException", "Refresh Token has been revoked", Code::CognitoRefreshRefused),
        ("GetTokensFromRefreshToken", 400, "RefreshTokenReuseException", "", Code::CognitoRefreshRefused),
        ("RespondToAuthChallenge", 400, "PasswordResetRequiredException", "Password reset required for the user", Code::CognitoPasswordResetRequired),
        ("RespondToAuthChallenge", 400, "UserNotConfirmedException", "User is not confirmed.", Code::CognitoUserNotConfirmed),
        ("InitiateAuth", 400, "ResourceNotFoundException", "User pool client 1example23456789 does not exist.", Code::CognitoPoolNotFound),
        ("InitiateAuth", 400, "InvalidParameterException", "USER_SRP_AUTH is not enabled for the client.", Code::CognitoSrpNotEnabled),
        ("InitiateAuth", 400, "InvalidParameterException", "1 validation error detected", Code::FieldsInvalid),
        ("InitiateAuth", 400, "TooManyRequestsException", "Rate exceeded", Code::Throttled),
        ("InitiateAuth", 400, "LimitExceededException", "Attempt limit exceeded, please try after some time.", Code::Throttled),
        ("InitiateAuth", 400, "InvalidUserPoolConfigurationException", "", Code::CognitoPoolMisconfigured),
        ("InitiateAuth", 400, "UserLambdaValidationException", "PreAuthentication failed with error no.", Code::CognitoTriggerRefused),
        ("InitiateAuth", 400, "UnexpectedLambdaException", "", Code::CognitoTriggerRefused),
        ("InitiateAuth", 400, "InvalidLambdaResponseException", "", Code::CognitoTriggerRefused),
        ("InitiateAuth", 400, "OperationNotEnabledException", "", Code::CognitoPoolMisconfigured),
        ("InitiateAuth", 400, "FeatureUnavailableInTierException", "", Code::CognitoPoolMisconfigured),
        ("InitiateAuth", 403, "ForbiddenException", "Request not allowed due to WAF block.", Code::CognitoFirewallRefused),
        ("GetId", 400, "NotAuthorizedException", "Token is not from a supported provider of this identity pool.", Code::CognitoPoolNotLinked),
        ("GetId", 400, "NotAuthorizedException", "Invalid login token. Issuer doesn't match providerName", Code::CognitoPoolNotLinked),
        ("GetId", 400, "NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.", Code::CognitoPoolNotLinked),
        ("GetCredentialsForIdentity", 400, "NotAuthorizedException", "Invalid login token. Token expired: 1764000000 >= 1763996400", Code::CognitoTokenRefused),
        ("GetCredentialsForIdentity", 400, "NotAuthorizedException", "Invalid login token. Missing a required claim: aud", Code::CognitoTokenRefused),
        ("GetCredentialsForIdentity", 400, "NotAuthorizedException", "Logins don't match. Please include at least one valid login for this identity or identity pool.", Code::CognitoIdentityMismatch),
        ("GetCredentialsForIdentity", 400, "NotAuthorizedException", "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.", Code::CognitoRoleMisconfigured),
        ("GetCredentialsForIdentity", 400, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles for this pool.", Code::CognitoRoleMisconfigured),
        ("GetId", 400, "ResourceNotFoundException", "IdentityPool 'eu-west-1:6d2b' not found.", Code::CognitoIdentityPoolNotFound),
        ("GetId", 400, "ResourceConflictException", "", Code::CognitoIdentityMismatch),
        ("GetId", 400, "ExternalServiceException", "", Code::AwsUnavailable),
        ("ListFoundationModels", 403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.", Code::ApiKeyInvalid),
        ("Converse", 403, "AccessDeniedException", "Invalid API Key format: Must start with pre-defined prefix", Code::ApiKeyInvalid),
        ("Converse", 403, "AccessDeniedException", "Authorization header is missing", Code::ApiKeyInvalid),
        ("Converse", 403, "AccessDeniedException", "Bearer Token has expired", Code::ApiKeyExpired),
        ("Converse", 403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/k is not authorized to perform: bedrock:CallWithBearerToken on resource: arn:aws:bedrock:eu-west-1:123456789012:* because no identity-based policy allows the bedrock:CallWithBearerToken action", Code::BearerNotAllowed),
        ("Converse", 403, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/k is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:eu-west-1::foundation-model/x because no identity-based policy allows the bedrock:InvokeModel action", Code::MissingPermission),
        ("Converse", 403, "AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/B/s is not authorized to perform: bedrock:Rerank on resource: x because no session policy allows the bedrock:Rerank action", Code::SessionPolicyDenied),
        ("ListFoundationModels", 403, "UnrecognizedClientException", "The security token included in the request is invalid.", Code::UnrecognizedClient),
        ("ListFoundationModels", 403, "ExpiredTokenException", "The security token included in the request is expired", Code::SessionExpired),
        ("ListFoundationModels", 403, "InvalidSignatureException", "Signature expired: 20261122T000000Z is now earlier than 20261122T001000Z", Code::ClockSkew),
        ("ListFoundationModels", 403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided.", Code::SignatureRefused),
        ("ListFoundationModels", 403, "AccessDeniedException", "", Code::MissingPermission),
        ("ListFoundationModels", 404, "UnknownOperationException", "", Code::OperationUnsupported),
        ("ListFoundationModels", 400, "ValidationException", "Your account is not authorized to invoke this API operation.", Code::AccountBlocked),
        ("Converse", 400, "ValidationException", "Operation not allowed", Code::AccountBlocked),
        ("Converse", 400, "ValidationException", "Access denied. Please create a support case at https://console.aws.amazon.com/support", Code::AccountBlocked),
        ("Converse", 404, "FTUFormNotFilled", "", Code::ModelUseCaseFormMissing),
        ("Converse", 404, "ResourceNotFoundException", "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.", Code::ModelUseCaseFormMissing),
        ("Converse", 404, "ResourceNotFoundException", "This model version has reached the end of its life. Please refer to the AWS documentation for more details.", Code::ModelEndOfLife),
        ("Converse", 404, "ResourceNotFoundException", "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days. Please upgrade to an active model on Amazon Bedrock", Code::ModelLegacy),
        ("Converse", 404, "ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier.", Code::ModelNotFound),
        ("Converse", 403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", Code::ModelAccessNotGranted),
        ("Converse", 403, "AccessDeniedException", "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model.", Code::MarketplaceSubscriptionMissing),
        ("Converse", 403, "AccessDeniedException", "You do not have access to explicit prompt caching", Code::UnknownRefusal),
        ("Converse", 400, "SerializationException", "", Code::ModelRequestInvalid),
        ("Converse", 403, "MPAgreementBeingCreated", "", Code::ModelAccessPending),
        ("Converse", 400, "ValidationException", "Invocation of model ID anthropic.claude-sonnet-4-5-20250929-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.", Code::OnDemandUnsupported),
        ("Converse", 400, "ValidationException", "The provided model identifier is invalid.", Code::ModelNotFound),
        ("Converse", 400, "ValidationException", "This action doesn't support the model that you provided. Try again with a supported text or chat model.", Code::ConverseUnsupported),
        ("ConverseStream", 400, "ValidationException", "The model is unsupported for streaming.", Code::StreamingUnsupported),
        ("Converse", 400, "ValidationException", "The value at messages.0.content is empty.", Code::ModelRequestInvalid),
        ("Converse", 400, "ServiceQuotaExceededException", "", Code::QuotaExceeded),
        ("Converse", 400, "ConflictException", "", Code::AwsUnavailable),
        ("Converse", 408, "ModelTimeoutException", "", Code::ModelTimeout),
        ("Converse", 424, "ModelErrorException", "", Code::ModelFailed),
        ("ConverseStream", 424, "ModelStreamErrorException", "", Code::ModelFailed),
        ("Converse", 429, "ThrottlingException", "Too many tokens, please wait before trying again.", Code::Throttled),
        ("Converse", 429, "ModelNotReadyException", "Model is not ready for inference.", Code::ModelNotReady),
        ("Converse", 500, "InternalServerException", "", Code::AwsUnavailable),
        ("Converse", 503, "ServiceUnavailableException", "", Code::AwsUnavailable),
        ("Converse", 529, "overloaded_error", "Overloaded", Code::ModelOverloaded),
        ("Converse", 418, "TeapotException", "short and stout", Code::UnknownRefusal),
        ("AssumeRole", 507, "", "", Code::AwsUnavailable),
        ("AssumeRole", 400, "SlowDown", "", Code::Throttled),
    ] {
        let diagnosis = say(operation, status, code, message);
        assert_eq!(diagnosis.code, means, "{operation} {status} {code}: {message}");
        let aws = diagnosis.aws.unwrap();
        assert_eq!((aws.operation, aws.request_id.as_deref()), (operation, Some("r-1")));
    }
}

#[test]
fn what_a_user_is_asked_for_gets_its_code() {
    for (challenge, means) in [
        ("NEW_PASSWORD_REQUIRED", Code::CognitoNewPasswordRequired),
        ("SMS_MFA", Code::CognitoMfaRequired),
        ("EMAIL_OTP", Code::CognitoMfaRequired),
        ("SOFTWARE_TOKEN_MFA", Code::CognitoMfaRequired),
        ("SELECT_MFA_TYPE", Code::CognitoMfaRequired),
        ("MFA_SETUP", Code::CognitoMfaRequired),
        ("SMS_OTP", Code::CognitoMfaRequired),
        ("CUSTOM_CHALLENGE", Code::CognitoChallengeUnsupported),
        ("SELECT_CHALLENGE", Code::CognitoChallengeUnsupported),
        ("DEVICE_SRP_AUTH", Code::CognitoChallengeUnsupported),
        ("WEB_AUTHN", Code::CognitoChallengeUnsupported),
    ] {
        let diagnosis = diagnose(&Error::Challenged(challenge.to_owned()), Context::default());
        assert_eq!(diagnosis.code, means, "{challenge}");
    }
    let custom = diagnose(
        &Error::Challenged("CUSTOM_CHALLENGE".to_owned()),
        Context::default(),
    );
    assert!(
        custom.message.contains("CUSTOM_CHALLENGE"),
        "{}",
        custom.message
    );
}

#[test]
fn credentials_that_sts_knows_are_unknown_only_to_the_region() {
    let region: Region = "me-central-1".parse().unwrap();
    let error = classify(AwsError::new(
        "ListFoundationModels",
        403,
        "UnrecognizedClientException",
        "",
        None,
    ));
    let context = Context {
        region: Some(&region),
        identity_confirmed: true,
        ..Context::default()
    };
    let diagnosis = diagnose(&error, context);
    assert_eq!(diagnosis.code, Code::RegionNotEnabled);
    assert!(diagnosis.remedy.contains("Enable me-central-1"));
}

#[test]
fn a_missing_permission_names_action_and_resource() {
    let diagnosis = say(
        "ConverseStream",
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/k is not authorized to perform: bedrock:InvokeModelWithResponseStream on \
         resource: arn:aws:bedrock:eu-west-3::foundation-model/x because no identity-based policy allows it",
    );
    for text in [&diagnosis.message, &diagnosis.remedy] {
        assert!(
            text.contains("bedrock:InvokeModelWithResponseStream"),
            "{text}"
        );
        assert!(
            text.contains("arn:aws:bedrock:eu-west-3::foundation-model/x"),
            "{text}"
        );
    }
}

#[test]
fn an_organisation_that_forbids_is_named_as_the_cause() {
    let diagnosis = say(
        "ListFoundationModels",
        403,
        "AccessDeniedException",
        "User: u is not authorized to perform: bedrock:ListFoundationModels with an explicit deny in a service control policy",
    );
    assert_eq!(diagnosis.likely_causes.len(), 1);
    assert!(diagnosis.likely_causes[0].contains("service control policy"));
}

#[test]
fn a_model_that_needs_a_profile_is_told_which() {
    let error = classify(AwsError::new(
        "Converse",
        400,
        "ValidationException",
        "with on-demand throughput isn’t supported",
        None,
    ));
    let known = Context {
        model: Some("anthropic.x"),
        profile: Some("eu.anthropic.x"),
        ..Context::default()
    };
    assert!(diagnose(&error, known).remedy.contains("eu.anthropic.x"));
    let unknown = diagnose(&error, Context::default());
    assert!(
        unknown.message.starts_with("The model cannot"),
        "{}",
        unknown.message
    );
    assert!(
        unknown.remedy.contains("an inference profile"),
        "{}",
        unknown.remedy
    );
}

#[test]
fn what_is_found_without_aws_gets_its_code() {
    for (error, means) in [
        (
            Error::TimedOut {
                operation: "GetId",
                limit: Duration::from_secs(1),
            },
            Code::EndpointTimeout,
        ),
        (
            Error::Unreachable { operation: "GetId" },
            Code::EndpointUnreachable,
        ),
        (
            Error::Broken {
                operation: "Converse",
            },
            Code::AnswerBroken,
        ),
        (Error::NoIdentity, Code::ServiceIdentityMissing),
        (Error::Superseded, Code::AccessChanged),
        (Error::Unavailable, Code::StoreUnavailable),
        (Unfit::KeyExpired.into(), Code::ApiKeyExpired),
        (Unfit::KeyOfAnotherRegion.into(), Code::RegionMismatch),
        (Unfit::PoolOfAnotherRegion.into(), Code::RegionMismatch),
        (
            Unfit::RoleOfAnotherPartition.into(),
            Code::PartitionNotAssumable,
        ),
    ] {
        let diagnosis = diagnose(&error, Context::default());
        assert_eq!(diagnosis.code, means);
        assert_eq!(diagnosis.aws, None);
    }
}

/// What no refusal of AWS means: it is found out by ourselves, here or in the report.
const LOCAL: [Code; 16] = [
    Code::NoModelsFound,
    Code::EndpointTimeout,
    Code::EndpointUnreachable,
    Code::AnswerBroken,
    Code::UnknownRefusal,
    Code::ExternalIdNotEnforced,
    Code::ExternalIdNotProved,
    Code::PartitionNotAssumable,
    Code::AccountChanged,
    Code::RegionMismatch,
    Code::AccessChanged,
    Code::StoreUnavailable,
    Code::NotApplicable,
    Code::NotRequested,
    Code::EarlierStepFailed,
    Code::ServiceIdentityMissing,
];

#[test]
fn every_code_is_meant_by_a_row_or_found_by_ourselves() {
    let meant: HashSet<_> = TABLE.iter().map(|row| row.means).chain(LOCAL).collect();
    for code in Code::ALL {
        assert!(meant.contains(code), "{}", code.as_str());
    }
}

#[test]
fn only_what_may_pass_by_itself_is_retryable() {
    assert!(say("Converse", 429, "ThrottlingException", "").retryable);
    assert!(say("Converse", 503, "ServiceUnavailableException", "").retryable);
    assert!(!say("AssumeRole", 403, "AccessDenied", "").retryable);
    assert!(
        !say(
            "RespondToAuthChallenge",
            400,
            "NotAuthorizedException",
            "Incorrect username or password."
        )
        .retryable
    );
}

#[test]
fn the_page_is_what_the_table_says() {
    const COMMITTED: &str = include_str!("../../DIAGNOSIS.md");
    assert!(
        document() == COMMITTED,
        "`cargo run -p bedrock --example diagnosis > crates/bedrock/DIAGNOSIS.md` writes it anew"
    );
}
