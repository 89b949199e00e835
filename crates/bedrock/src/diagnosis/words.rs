//! What a customer reads: for every code what happened, what to do about it, and what may be behind it.
//!
//! `{action}`, `{resource}`, `{model}`, `{profile}`, `{region}` and `{challenge}` are filled in where they are known,
//! and have words of their own where they are not. A remedy begins with what to do and names the place in AWS's console.

use super::Code;

/// A code's words.
pub(crate) struct Words {
    /// What happened.
    pub message: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Whether the same may work later without anybody changing anything.
    pub retryable: bool,
    /// What may be behind it, the likeliest first, where AWS does not tell.
    pub causes: &'static [&'static str],
}

/// What lasts until somebody changes something.
const fn lasting(message: &'static str, remedy: &'static str) -> Words {
    Words {
        message,
        remedy,
        retryable: false,
        causes: &[],
    }
}

/// What may pass by itself.
const fn passing(message: &'static str, remedy: &'static str) -> Words {
    Words {
        message,
        remedy,
        retryable: true,
        causes: &[],
    }
}

impl Words {
    const fn causes(mut self, causes: &'static [&'static str]) -> Self {
        self.causes = causes;
        self
    }

    /// The words of `code`.
    pub(crate) const fn of(code: Code) -> Self {
        use Code as C;
        match code {
            C::NoModelsFound => lasting(
                "AWS answered with an empty list of models for {region}.",
                "Check that {region} is a region with Amazon Bedrock, and open Bedrock console, Model catalog there to see which models it has.",
            ),
            C::MissingPermission => lasting(
                "The identity that this connection acts as may not use {action} on {resource}.",
                "Allow {action} on {resource}: in the IAM console open the role or user, Permissions, and add it to the policy for Bedrock. A new permission can take a minute to work.",
            )
            .causes(&[
                "no policy of the role or user allows the action",
                "a policy allows it for other resources or regions only",
                "the policy is attached to another role or user",
            ]),
            C::EndpointTimeout => passing(
                "AWS did not answer in time in {region}.",
                "Try again; if it goes on, check that the region {region} is right and has Amazon Bedrock.",
            )
            .causes(&[
                "the region is slow or disturbed at the moment",
                "a network between the service and AWS drops the packets",
            ]),
            C::EndpointUnreachable => passing(
                "AWS could not be reached in {region}.",
                "Try again; if it goes on, check that the region {region} exists and has Amazon Bedrock.",
            )
            .causes(&[
                "the region does not exist or does not have Amazon Bedrock",
                "the service's network does not let it reach AWS",
            ]),
            C::AnswerBroken => passing(
                "AWS's answer broke off before its end.",
                "Try again; what came of the answer until then may have been paid for.",
            ),
            C::OperationUnsupported => lasting(
                "The endpoint in {region} does not know {action}.",
                "Choose a region in which Amazon Bedrock offers it; others are not affected.",
            ),
            C::Throttled => passing(
                "AWS refuses further requests for the moment, since too many came.",
                "Try again in a moment. If it goes on, ask for a higher quota in the Service Quotas console of the AWS account.",
            ),
            C::QuotaExceeded => lasting(
                "A quota of the AWS account for Amazon Bedrock is used up.",
                "Ask for a higher quota in the Service Quotas console, Amazon Bedrock, or wait until the quota's period is over.",
            ),
            C::AwsUnavailable => passing(
                "AWS had a fault of its own.",
                "Try again in a few minutes; the AWS Health Dashboard tells of disturbances in {region}.",
            ),
            C::AccountBlocked => lasting(
                "AWS does not let this AWS account use Amazon Bedrock.",
                "Open a case with AWS Support (Account and billing): only AWS can lift such a block. New accounts often have one until they are verified.",
            ),
            C::FieldsInvalid => lasting(
                "AWS does not accept one of the fields.",
                "Compare every field with what the AWS console shows, and paste it again.",
            ),
            C::UnknownRefusal => lasting(
                "AWS refused, in words that are not known here.",
                "Read AWS's own message below; with the request id AWS Support can say more.",
            ),

            C::TrustPolicyDenied => lasting(
                "AWS does not let the service assume the role.",
                "Compare the role's trust policy with the one in the setup instructions: in the IAM console open Roles, the role, Trust relationships, and check the role's ARN, the principal and the external ID, or for OpenID Connect the provider, the audience and the subject, letter by letter.",
            )
            .causes(&[
                "the role does not exist, or its ARN is mistyped",
                "the trust policy does not name this service's principal",
                "the trust policy demands another external ID",
                "a service control policy of the organisation forbids it",
            ]),
            C::ExternalIdNotEnforced => lasting(
                "The role can also be assumed without what should be needed, so that anybody who knows its ARN could let the service in.",
                "Add the condition from the setup instructions to the role's trust policy: in the IAM console open Roles, the role, Trust relationships. It must demand the external ID (with OIDC: the subject), then test again.",
            )
            .causes(&[
                "the trust policy has no condition sts:ExternalId (with OIDC: none for the subject)",
                "the trust policy has a second statement without the condition",
            ]),
            C::ExternalIdNotProved => passing(
                "It could not be found out whether the role refuses everybody else.",
                "Test again in a minute; nothing needs to be changed in AWS.",
            ),
            C::PartitionNotAssumable => lasting(
                "The role is in another partition of AWS (such as GovCloud or China), and no role can be assumed from one partition in another.",
                "Use a role in the region's own partition; if the service itself runs elsewhere, connect by OIDC or with a Bedrock API key.",
            ),
            C::AccountChanged => lasting(
                "The credentials now lead to another AWS account than before.",
                "Enter credentials of the account that was connected, or start a new connection for the other account.",
            ),
            C::StsRegionDisabled => lasting(
                "The AWS account has switched off the STS endpoint that the service asks.",
                "Activate it: IAM console, Account settings, Security Token Service, Endpoints.",
            ),
            C::SessionTooLong => lasting(
                "AWS does not give sessions of one hour for this role.",
                "Set the role's maximum session duration to one hour or more: IAM console, Roles, the role, Edit.",
            ),
            C::SessionExpired => passing(
                "The temporary credentials have ended.",
                "Try again: new ones are made each time.",
            ),
            C::SessionPolicyDenied => lasting(
                "The service itself limits its sessions and does not allow itself {action}.",
                "Tell the platform's support: nothing can be changed on the AWS side.",
            ),
            C::SessionPolicyInvalid => lasting(
                "AWS does not accept the limits that the service puts on its own session.",
                "Tell the platform's support: nothing can be changed on the AWS side.",
            ),
            C::ServiceIdentityMissing => lasting(
                "The service has no AWS identity of its own that works, and needs one to assume roles.",
                "Tell the platform's support, or connect by OIDC or with a Bedrock API key meanwhile.",
            ),
            C::ServiceIdentityDenied => lasting(
                "The service's own AWS identity may not assume roles.",
                "Tell the platform's support: its identity needs sts:AssumeRole for the role's ARN.",
            ),
            C::ClockSkew => passing(
                "AWS finds the service's clock wrong.",
                "Tell the platform's support if it goes on: nothing can be changed on the AWS side.",
            ),
            C::SignatureRefused => lasting(
                "AWS does not accept the signature of the request.",
                "Tell the platform's support: something between the service and AWS changes requests, or the credentials are damaged.",
            ),

            C::UnrecognizedClient => lasting(
                "AWS does not know these credentials in {region}.",
                "Check the region, and whether it is enabled for the account (AWS console, account menu, Account, AWS Regions); then make or enter the credentials again.",
            )
            .causes(&[
                "the region is not enabled in the AWS account",
                "the credentials were deleted or replaced",
                "the credentials belong to another partition of AWS",
            ]),
            C::RegionMismatch => lasting(
                "The credentials are for another region than {region}.",
                "Choose the region that they were made for, or make new ones in {region}.",
            ),
            C::RegionNotEnabled => lasting(
                "The AWS account is reached, but AWS does not know it in {region}: the region is not enabled there.",
                "Enable {region}: AWS console, account menu, Account, AWS Regions. It can take some minutes. Or choose another region.",
            ),

            C::ApiKeyExpired => lasting(
                "The API key has expired.",
                "Make a new one: Bedrock console, API keys. Short-term keys last 12 hours at most; a long-term key or an IAM role lasts longer.",
            ),
            C::ApiKeyInvalid => lasting(
                "AWS does not accept the API key in {region}.",
                "Make a new key: Bedrock console, API keys, in {region}, and paste all of it.",
            )
            .causes(&[
                "the key is for another region",
                "the key was deactivated, reset or deleted",
                "the key was not copied as a whole",
            ]),
            C::BearerNotAllowed => lasting(
                "The API key is known, but its user may not use API keys.",
                "Allow bedrock:CallWithBearerToken for the key's user: IAM console, Users, the user, Permissions.",
            )
            .causes(&[
                "the user's policies do not allow bedrock:CallWithBearerToken",
                "the organisation forbids Bedrock API keys by a service control policy",
            ]),

            C::OidcProviderMissing => lasting(
                "The AWS account does not know the service as an OIDC provider.",
                "Register it with exactly the URL of the setup instructions: IAM console, Identity providers, Add provider, OpenID Connect, in the role's account.",
            ),
            C::OidcAudienceRejected => lasting(
                "The OIDC provider in the AWS account does not allow the audience.",
                "Add the audience of the setup instructions: IAM console, Identity providers, the provider, Audiences.",
            ),
            C::OidcIssuerUnreachable => passing(
                "AWS could not fetch the keys of the service's OIDC issuer.",
                "Try again in a minute; if it goes on, tell the platform's support that AWS does not reach its OIDC issuer.",
            ),
            C::OidcTokenRejected => lasting(
                "AWS does not accept the service's OIDC token.",
                "Compare provider URL and audience with the setup instructions: IAM console, Identity providers. If they agree, tell the platform's support.",
            )
            .causes(&[
                "the provider's URL differs from the issuer's",
                "the service's clock or key is wrong",
            ]),

            C::CognitoNewPasswordRequired => lasting(
                "The Cognito user still has its first, temporary password.",
                "Set a permanent password: Cognito console, User pools, the pool, Users, the user, or aws cognito-idp admin-set-user-password --permanent; then enter it here.",
            ),
            C::CognitoPasswordResetRequired => lasting(
                "The Cognito user's password must be reset.",
                "Set a permanent password: Cognito console, User pools, the pool, Users, the user, or aws cognito-idp admin-set-user-password --permanent; then enter it here.",
            ),
            C::CognitoUserNotConfirmed => lasting(
                "The Cognito user is not confirmed.",
                "Confirm it: Cognito console, User pools, the pool, Users, the user, Actions, Confirm account.",
            ),
            C::CognitoUserDisabled => lasting(
                "The Cognito user is disabled.",
                "Enable it: Cognito console, User pools, the pool, Users, the user, Actions, Enable user access.",
            ),
            C::CognitoBadCredentials => lasting(
                "Cognito does not accept the user name or the password.",
                "Enter both again; they can be checked and set under Cognito console, User pools, the pool, Users. Cognito locks a user out after some wrong passwords, so it is not tried again by itself.",
            )
            .causes(&[
                "the password is wrong",
                "the user does not exist in this pool",
                "the user's password must be reset, which the pool hides",
            ]),
            C::CognitoLockedOut => passing(
                "Cognito does not let this user in for a while, since wrong passwords were tried.",
                "Wait 15 minutes, check the password under Cognito console, User pools, the pool, Users, and test again.",
            ),
            C::CognitoMfaRequired => lasting(
                "The user pool asks this user for a second factor, which an unattended service cannot give.",
                "Switch it off for this user: Cognito console, User pools, the pool, Sign-in, Multi-factor authentication (optional instead of required), or use a pool of its own for the service.",
            ),
            C::CognitoChallengeUnsupported => lasting(
                "The user pool asks this user for {challenge}, which an unattended service cannot answer.",
                "Let the app client sign in by SRP alone: Cognito console, User pools, the pool, App clients, the client, Authentication flows.",
            ),
            C::CognitoSrpNotEnabled => lasting(
                "The app client does not allow sign-in by SRP.",
                "Switch on ALLOW_USER_SRP_AUTH: Cognito console, User pools, the pool, App clients, the client, Edit, Authentication flows.",
            ),
            C::CognitoClientSecretMismatch => lasting(
                "The app client's secret does not fit the app client.",
                "Copy the secret again: Cognito console, User pools, the pool, App clients, the client, Show client secret. Leave the field empty if the client has none.",
            )
            .causes(&[
                "the app client has a secret and none was entered",
                "the secret belongs to another app client",
                "the app client has no secret and one was entered",
            ]),
            C::CognitoPoolNotFound => lasting(
                "Cognito does not know the user pool or the app client in this region.",
                "Compare both: Cognito console, User pools, the pool, Overview (user pool ID) and App clients (client ID).",
            )
            .causes(&[
                "the app client ID is mistyped, or belongs to another pool",
                "the user pool was deleted",
                "the user pool is in another region",
            ]),
            C::CognitoPoolMisconfigured => lasting(
                "A setting of the user pool does not allow the sign-in.",
                "Read AWS's own message below and change the setting: Cognito console, User pools, the pool.",
            ),
            C::CognitoTriggerRefused => lasting(
                "A Lambda trigger of the user pool refused the sign-in, or failed.",
                "Look at the trigger: Cognito console, User pools, the pool, Extensions; its log is in CloudWatch.",
            ),
            C::CognitoFirewallRefused => lasting(
                "A firewall (AWS WAF) in front of the user pool refused the sign-in.",
                "Allow the service's addresses: Cognito console, User pools, the pool, AWS WAF.",
            ),
            C::CognitoSignInInterrupted => passing(
                "The sign-in took too long, or was made twice at once.",
                "Try again; nothing needs to be changed in AWS.",
            ),
            C::CognitoRefreshRefused => passing(
                "Cognito has ended the sign-in that was kept, by expiry or sign-out.",
                "Try again: the service signs in anew with the password. To end it less often, raise the refresh token's life under Cognito console, User pools, the pool, App clients, the client.",
            ),
            C::CognitoPoolNotLinked => lasting(
                "The identity pool does not accept sign-ins of this user pool and app client.",
                "Add them: Cognito console, Identity pools, the pool, User access, Add identity provider, Amazon Cognito user pool, with this user pool ID and app client ID.",
            ),
            C::CognitoIdentityPoolNotFound => lasting(
                "Cognito does not know the identity pool in this region.",
                "Compare the ID: Cognito console, Identity pools, the pool, Identity pool overview.",
            ),
            C::CognitoIdentityMismatch => passing(
                "The identity that was kept does not belong to this user.",
                "Try again: the service asks for the identity anew. If it goes on, look at Cognito console, Identity pools, the pool, Identity browser.",
            ),
            C::CognitoTokenRefused => passing(
                "The identity pool does not accept the user's sign-in.",
                "Try again, so that the service signs in anew; if it goes on, check that the user was not deleted or signed out, and the pool under Cognito console, Identity pools, the pool, User access.",
            ),
            C::CognitoRoleMisconfigured => lasting(
                "The identity pool has no role for signed-in users, or its role does not trust the pool.",
                "Set the authenticated role: Cognito console, Identity pools, the pool, User access, Authenticated access; its trust policy must name this identity pool (aud) and authenticated (amr).",
            ),

            C::ModelAccessNotGranted => lasting(
                "The AWS account has no access to {model}.",
                "Ask for access: Bedrock console, Model catalog, the model, in {region}; the model's provider may need to be agreed to first.",
            ),
            C::ModelAccessPending => passing(
                "AWS is setting up access to {model}.",
                "Wait up to 15 minutes and try again.",
            ),
            C::MarketplaceSubscriptionMissing => lasting(
                "{model} must be subscribed to in AWS Marketplace, and this identity may not do so.",
                "Open the model once as an administrator (Bedrock console, Model catalog, the model, Open in playground), or allow aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions. It works within some minutes.",
            ),
            C::ModelUseCaseFormMissing => lasting(
                "Anthropic wants to know once per AWS account what its models are used for.",
                "Fill in the use case form: Bedrock console, Model catalog, an Anthropic model, Submit use case details. It works within 15 minutes.",
            ),
            C::OnDemandUnsupported => lasting(
                "{model} cannot be called by its own id, only through an inference profile.",
                "Use {profile} instead of the model's id.",
            ),
            C::ModelEndOfLife => lasting(
                "{model} has reached its end of life.",
                "Choose a newer model of the same provider: Bedrock console, Model catalog.",
            ),
            C::ModelLegacy => lasting(
                "{model} is a legacy model and closed to accounts that have not used it lately.",
                "Choose a newer model of the same provider: Bedrock console, Model catalog.",
            ),
            C::ModelNotFound => lasting(
                "AWS does not know {model} in {region}.",
                "Choose a model from the list of this connection, or compare the id: Bedrock console, Model catalog, in {region}.",
            ),
            C::ModelNotReady => passing(
                "{model} is being loaded.",
                "Wait some minutes and try again: imported models are loaded when they are first used.",
            ),
            C::ModelTimeout => passing(
                "{model} took too long to answer.",
                "Try again; if it goes on, choose another model or region.",
            ),
            C::ModelFailed => passing(
                "{model} failed while it answered.",
                "Try again; if it goes on, choose another model or region.",
            ),
            C::ModelOverloaded => passing(
                "{model} has too much to do at the moment.",
                "Try again in a moment, or use an inference profile that spans more regions.",
            ),
            C::ModelRequestInvalid => lasting(
                "{model} does not accept the request.",
                "Read AWS's own message below; another model may accept the same request.",
            ),
            C::ConverseUnsupported => lasting(
                "{model} has no conversation interface (Converse), so that it cannot be used in conversations.",
                "Choose a text or chat model for conversations: Bedrock console, Model catalog.",
            ),
            C::StreamingUnsupported => lasting(
                "{model} does not stream its answers.",
                "Use it with whole answers, or choose a model that streams.",
            ),

            C::AccessChanged => passing(
                "The connection was changed while it was tested.",
                "Test again: the result would have been about what was there before.",
            ),
            C::StoreUnavailable => passing(
                "The service could not read or keep what the connection needs.",
                "Try again in a minute; if it goes on, tell the platform's support.",
            ),
            C::NotApplicable => lasting(
                "This step is not needed here.",
                "Do nothing: it says nothing about the connection.",
            ),
            C::NotRequested => lasting(
                "This step costs tokens and was not asked for.",
                "Name a model to try in order to run it.",
            ),
            C::EarlierStepFailed => lasting(
                "This step was not tried, since an earlier one failed.",
                "Mend the earlier step first, then test again.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a remedy may begin with: it says what to do.
    const VERBS: &str = "Activate Add Allow Ask Check Choose Compare Confirm Copy Do Enable Enter Fill Let Look Make Mend \
        Name Open Read Register Set Switch Tell Test Try Use Wait";

    #[test]
    fn every_remedy_says_what_to_do() {
        for code in Code::ALL {
            let remedy = Words::of(*code).remedy;
            let verb = remedy.split(' ').next().unwrap();
            assert!(
                VERBS.split_whitespace().any(|known| known == verb),
                "{}: {remedy}",
                code.as_str()
            );
        }
    }

    #[test]
    fn every_text_is_made_of_sentences() {
        for code in Code::ALL {
            let words = Words::of(*code);
            for text in [words.message, words.remedy] {
                assert!(text.ends_with('.') && text.len() > 20, "{text}");
            }
            for cause in words.causes {
                assert!(!cause.ends_with('.'), "{cause}");
            }
        }
    }

    #[test]
    fn what_is_to_be_done_in_cognito_names_the_console_page() {
        let passing_by = [Code::CognitoSignInInterrupted];
        for code in Code::ALL {
            if code.as_str().starts_with("cognito_") && !passing_by.contains(code) {
                let remedy = Words::of(*code).remedy;
                assert!(remedy.contains("Cognito console, "), "{remedy}");
            }
        }
    }

    #[test]
    fn every_blank_is_a_known_one() {
        let known = [
            "{action}",
            "{resource}",
            "{model}",
            "{profile}",
            "{region}",
            "{challenge}",
        ];
        for code in Code::ALL {
            let words = Words::of(*code);
            let mut text = format!("{} {}", words.message, words.remedy);
            for blank in known {
                text = text.replace(blank, "");
            }
            assert!(!text.contains(['{', '}']), "{text}");
        }
    }
}
