//! Signing in to the user pool, and refreshing what that gave.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::{
    Client,
    operation::{RequestId, initiate_auth::InitiateAuthOutput},
    types::{AuthFlowType, AuthenticationResultType, ChallengeNameType},
};
use zeroize::Zeroizing;

use super::{Cognito, RefreshToken, secret_hash::secret_hash, srp};
use crate::{Aws, AwsError, Error, Result, Service, from_sdk, sdk_config};

const INITIATE: &str = "InitiateAuth";
const RESPOND: &str = "RespondToAuthChallenge";
const REFRESH: &str = "GetTokensFromRefreshToken";

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
    let client = client(access, aws);
    let handshake = srp::Handshake::new(aws.entropy()).map_err(|_| nonsense(INITIATE))?;
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
        .map_err(|error| from_sdk(INITIATE, aws.call_limit(), &error))?;
    request_ids.extend(asked.request_id().map(str::to_owned));
    let parameters = verifier(&asked)?;
    let challenge = |name: &str| {
        let value = parameters.get(name).map(String::as_str);
        value.ok_or_else(|| nonsense(INITIATE))
    };
    let proof = handshake
        .prove(
            access.pools.user_pool.name(),
            &srp::Challenge {
                salt: challenge("SALT")?,
                public: challenge("SRP_B")?,
                secret_block: challenge("SECRET_BLOCK")?,
                user: challenge("USER_ID_FOR_SRP")?,
            },
            &access.password,
            aws.clock().now(),
        )
        .map_err(|_| nonsense(INITIATE))?;
    // From here on Cognito calls the user by its own name, and the secret's hash has to as well.
    let user = challenge("USER_ID_FOR_SRP")?;
    let secret_block = challenge("SECRET_BLOCK")?.to_owned();
    let responses = [
        ("USERNAME", Some(user.to_owned())),
        ("PASSWORD_CLAIM_SECRET_BLOCK", Some(secret_block)),
        ("PASSWORD_CLAIM_SIGNATURE", Some(proof.signature)),
        ("TIMESTAMP", Some(proof.timestamp)),
        ("SECRET_HASH", secret_hash(&access.client, user)),
    ];
    let answered = client
        .respond_to_auth_challenge()
        .client_id(access.client.id.as_str())
        .challenge_name(ChallengeNameType::PasswordVerifier)
        .set_session(asked.session().map(str::to_owned))
        .set_challenge_responses(Some(given(responses)))
        .send()
        .await
        .map_err(|error| refused_password(from_sdk(RESPOND, aws.call_limit(), &error)))?;
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
    let answer = client(access, aws)
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

/// A proof is good once, so no call of a sign-in is made twice.
fn client(access: &Cognito, aws: &Aws) -> Client {
    let region = access.pools.user_pool.region().as_str();
    let aws = &aws.without_retries();
    let config = sdk_config!(
        aws_sdk_cognitoidentityprovider,
        aws,
        Service::CognitoUserPools,
        region
    );
    Client::from_conf(config.build())
}

fn given<const N: usize>(pairs: [(&str, Option<String>); N]) -> HashMap<String, String> {
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// What Cognito asks for the password's proof, unless it asks for something else.
fn verifier(asked: &InitiateAuthOutput) -> Result<&HashMap<String, String>> {
    match asked.challenge_name() {
        Some(ChallengeNameType::PasswordVerifier) => asked
            .challenge_parameters()
            .ok_or_else(|| nonsense(INITIATE)),
        Some(other) => Err(Error::Challenged(other.as_str().to_owned())),
        None => Err(nonsense(INITIATE)),
    }
}

fn tokens(operation: &'static str, result: Option<&AuthenticationResultType>) -> Result<Tokens> {
    let result = result.ok_or_else(|| nonsense(operation))?;
    let id = result.id_token().ok_or_else(|| nonsense(operation))?;
    Ok(Tokens {
        id: Zeroizing::new(id.to_owned()),
        refresh: result.refresh_token().map(RefreshToken::new),
    })
}

/// Whether it was the password that was refused: nothing else counts towards a lock-out.
fn refused_password(error: Error) -> Error {
    match error {
        Error::Rejected(refusal)
            if refusal.code == "NotAuthorizedException"
                && refusal
                    .message
                    .starts_with("Incorrect username or password") =>
        {
            Error::PasswordRefused(refusal)
        }
        error => error,
    }
}

fn nonsense(operation: &'static str) -> Error {
    Error::Faulty(AwsError::new(
        operation,
        200,
        "",
        "the answer lacks what was asked for",
        None,
    ))
}
