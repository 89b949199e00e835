//! Signing in to the user pool, and refreshing what that gave.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::{
    Client,
    operation::{RequestId, initiate_auth::InitiateAuthOutput},
    types::{AuthFlowType, AuthenticationResultType, ChallengeNameType},
};
use zeroize::Zeroizing;

use super::{AppClient, Cognito, RefreshToken, UserPoolId, secret_hash::secret_hash, srp};
use crate::{Aws, AwsError, Error, Result, Service, from_sdk, sdk_config};

const INITIATE: &str = "InitiateAuth";
const RESPOND: &str = "RespondToAuthChallenge";
const REFRESH: &str = "GetTokensFromRefreshToken";
const REVOKE: &str = "RevokeToken";

/// What a sign-in gave.
pub(super) struct Tokens {
    /// Says who the user is: identity pools want this one.
    pub(super) id: Zeroizing<String>,
    /// For the next time.
    pub(super) refresh: Option<RefreshToken>,
}

/// Signs in with the password, once: a refused one counts towards the user's lock-out.
pub(super) async fn with_password(
    access: &Cognito,
    aws: &Aws,
    request_ids: &mut Vec<String>,
) -> Result<Tokens> {
    let client = client(&access.pools.user_pool, aws);
    let handshake = srp::Handshake::new(aws.entropy()).map_err(flawed)?;
    let username = access.username.as_str();
    let parameters = [
        ("USERNAME", Some(username.to_owned())),
        ("SRP_A", Some(handshake.public())),
        ("SECRET_HASH", secret_hash(&access.client, username)),
    ];
    let asked = client
        .initiate_auth()
        .auth_flow(AuthFlowType::UserSrpAuth)
        .client_id(access.client.id.as_str())
        .set_auth_parameters(Some(given(parameters)))
        .send()
        .await
        .map_err(|error| told_apart(from_sdk(INITIATE, aws.call_limit(), &error)))?;
    request_ids.extend(asked.request_id().map(str::to_owned));
    let answered = client
        .respond_to_auth_challenge()
        .client_id(access.client.id.as_str())
        .challenge_name(ChallengeNameType::PasswordVerifier)
        .set_session(asked.session().map(str::to_owned))
        .set_challenge_responses(Some(responses(access, aws, handshake, &asked)?))
        .send()
        .await
        .map_err(|error| told_apart(from_sdk(RESPOND, aws.call_limit(), &error)))?;
    request_ids.extend(answered.request_id().map(str::to_owned));
    if let Some(challenge) = answered.challenge_name() {
        return Err(Error::Challenged(challenge.as_str().to_owned()));
    }
    tokens(RESPOND, answered.authentication_result())
}

/// Takes new tokens for the refresh token; with rotation on, a new refresh token is among them.
pub(super) async fn with_refresh_token(
    access: &Cognito,
    aws: &Aws,
    token: &RefreshToken,
    request_ids: &mut Vec<String>,
) -> Result<Tokens> {
    let secret = access.client.secret.as_ref();
    let answer = client(&access.pools.user_pool, aws)
        .get_tokens_from_refresh_token()
        .client_id(access.client.id.as_str())
        .set_client_secret(secret.map(|secret| secret.expose().to_owned()))
        .refresh_token(token.expose())
        .send()
        .await
        .map_err(|error| from_sdk(REFRESH, aws.call_limit(), &error))?;
    request_ids.extend(answer.request_id().map(str::to_owned));
    tokens(REFRESH, answer.authentication_result())
}

/// Ends a refresh token, and whatever else came of the sign-in that gave it.
///
/// # Errors
/// [`Error::Rejected`] if the app client has revocation turned off; any other of a call.
pub async fn revoke(
    aws: &Aws,
    pool: &UserPoolId,
    app: &AppClient,
    token: &RefreshToken,
) -> Result<()> {
    let secret = app.secret.as_ref();
    client(pool, aws)
        .revoke_token()
        .client_id(app.id.as_str())
        .set_client_secret(secret.map(|secret| secret.expose().to_owned()))
        .token(token.expose())
        .send()
        .await
        .map_err(|error| from_sdk(REVOKE, aws.call_limit(), &error))?;
    Ok(())
}

/// A proof is good once, so no call of a sign-in is made twice.
fn client(pool: &UserPoolId, aws: &Aws) -> Client {
    let region = pool.region().as_str();
    let aws = &aws.without_retries();
    let config = sdk_config!(
        aws_sdk_cognitoidentityprovider,
        aws,
        Service::CognitoUserPools,
        region
    );
    Client::from_conf(config.build())
}

/// The proof of the password, for what Cognito asked.
fn responses(
    access: &Cognito,
    aws: &Aws,
    handshake: srp::Handshake,
    asked: &InitiateAuthOutput,
) -> Result<HashMap<String, String>> {
    match asked.challenge_name() {
        Some(ChallengeNameType::PasswordVerifier) => {}
        Some(other) => return Err(Error::Challenged(other.as_str().to_owned())),
        None => return Err(Error::lacking(INITIATE, "a challenge", None)),
    }
    let parameter = |name| {
        let parameters = asked.challenge_parameters();
        let value = parameters.and_then(|parameters| parameters.get(name));
        value
            .map(String::as_str)
            .ok_or_else(|| Error::lacking(INITIATE, name, None))
    };
    // From here on Cognito calls the user by its own name, and the secret's hash has to as well.
    let user = parameter("USER_ID_FOR_SRP")?;
    let secret_block = parameter("SECRET_BLOCK")?;
    let challenge = srp::Challenge {
        salt: parameter("SALT")?,
        public: parameter("SRP_B")?,
        secret_block,
        user,
    };
    let pool = access.pools.user_pool.name();
    let proof = handshake
        .prove(pool, &challenge, &access.password, aws.clock().now())
        .map_err(flawed)?;
    Ok(given([
        ("USERNAME", Some(user.to_owned())),
        ("PASSWORD_CLAIM_SECRET_BLOCK", Some(secret_block.to_owned())),
        ("PASSWORD_CLAIM_SIGNATURE", Some(proof.signature)),
        ("TIMESTAMP", Some(proof.timestamp)),
        ("SECRET_HASH", secret_hash(&access.client, user)),
    ]))
}

fn given<const N: usize>(pairs: [(&str, Option<String>); N]) -> HashMap<String, String> {
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

fn tokens(operation: &'static str, result: Option<&AuthenticationResultType>) -> Result<Tokens> {
    let result = result.ok_or_else(|| Error::lacking(operation, "tokens", None))?;
    let id = result
        .id_token()
        .ok_or_else(|| Error::lacking(operation, "an ID token", None))?;
    Ok(Tokens {
        id: Zeroizing::new(id.to_owned()),
        refresh: result.refresh_token().map(RefreshToken::new),
    })
}

/// Cognito has one code for a wrong password, which counts towards a lock-out, for a sign-in that took too long and may
/// be repeated, and for much else.
fn told_apart(error: Error) -> Error {
    match error {
        Error::Rejected(no) if says(&no, "Incorrect username or password") => {
            Error::PasswordRefused(no)
        }
        Error::Rejected(no) if says(&no, "Invalid session for the user") => Error::Faulty(no),
        error => error,
    }
}

fn says(refusal: &AwsError, words: &str) -> bool {
    refusal.code == "NotAuthorizedException" && refusal.message.starts_with(words)
}

fn flawed(flaw: srp::Flaw) -> Error {
    Error::nonsense(INITIATE, &flaw.to_string(), None)
}
