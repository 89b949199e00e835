//! InitiateAuth: a client names the user and its half of the exchange, the pool answers with its own.

use base64::{Engine, prelude::BASE64_STANDARD};
use num_bigint::BigUint;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    app_client::AppClient,
    draw,
    input::{Input, Parameters},
    pool_user::{PoolUser, Status, uuid_of},
    refresh, rules,
    srp::{Exchange, Verifier},
    user_pool::{self, LambdaTrouble, UserPool},
};
use crate::{Call, Refusal, State};

/// An exchange that waits for the proof of the password.
#[derive(Clone)]
pub(super) struct Exchanged {
    pub(super) client_id: String,
    /// The user; none if there is no such user and the client hides that.
    pub(super) user: Option<String>,
    /// `USER_ID_FOR_SRP`.
    pub(super) name: String,
    pub(super) exchange: Exchange,
    pub(super) session: String,
    pub(super) begun_at: OffsetDateTime,
    pub(super) is_used: bool,
}

/// Begins a sign-in, or refreshes one.
pub(super) fn initiate(
    state: &mut State,
    call: &Call,
    input: &Input<'_>,
) -> Result<Value, Refusal> {
    let flow = input.required("AuthFlow", &rules::AUTH_FLOW)?;
    let client_id = input.required("ClientId", &rules::CLIENT_ID)?;
    let parameters = input.map("AuthParameters")?;
    let (pool, client) = user_pool::of_client(state, call, client_id)?;
    match flow {
        "USER_SRP_AUTH" if client.allows_srp => exchange(pool, &client, &parameters, call),
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" if client.allows_refresh => {
            refresh::by_flow(pool, &client, &parameters, call)
        }
        "ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => {
            Err(invalid_parameter("Initiate Auth method not supported."))
        }
        _ => Err(invalid_parameter(&format!(
            "{flow} is not enabled for the client."
        ))),
    }
}

fn exchange(
    pool: &mut UserPool,
    client: &AppClient,
    parameters: &Parameters<'_>,
    call: &Call,
) -> Result<Value, Refusal> {
    let name = parameters.required("USERNAME")?;
    let client_public = parameters.required("SRP_A")?;
    client.check_hash(name, parameters.optional("SECRET_HASH"))?;
    let invalid = || invalid_parameter("SRP_A is not a valid public value.");
    let client_public = BigUint::parse_bytes(client_public.as_bytes(), 16).ok_or_else(invalid)?;

    let user = known(pool, client, name)?;
    let srp_name = user.map_or_else(|| imagined_name(name), |user| user.username.clone());
    let password = user.map_or("", |user| &user.password);
    let verifier = Verifier::of(pool.name(), &srp_name, password);
    let salt = verifier.salt();
    let exchange =
        Exchange::begin(verifier, client_public, &draw::bytes::<128>(call)).ok_or_else(invalid)?;
    let public = exchange.public();
    let secret_block = BASE64_STANDARD.encode(draw::bytes::<1100>(call));
    let session = draw::text::<360>(call);
    let exchanged = Exchanged {
        client_id: client.id.clone(),
        user: user.map(|user| user.username.clone()),
        name: srp_name.clone(),
        exchange,
        session: session.clone(),
        begun_at: call.now,
        is_used: false,
    };
    pool.forget_stale(call.now);
    pool.exchanges.insert(secret_block.clone(), exchanged);
    Ok(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "Session": session,
        "ChallengeParameters": {
            "SALT": salt,
            "SRP_B": public,
            "SECRET_BLOCK": secret_block,
            "USERNAME": srp_name,
            "USER_ID_FOR_SRP": srp_name,
        },
    }))
}

/// The user of this name, if the client may know that there is one.
fn known<'a>(
    pool: &'a UserPool,
    client: &AppClient,
    name: &str,
) -> Result<Option<&'a PoolUser>, Refusal> {
    match pool.find_user(name) {
        Some(user) if user.status != Status::ResetRequired => {
            pre_authenticate(pool)?;
            Ok(Some(user))
        }
        _ if client.hides_users => Ok(None),
        Some(_) => Err(Refusal::new(
            400,
            "PasswordResetRequiredException",
            "Password reset required for the user",
        )),
        None => Err(Refusal::new(
            400,
            "UserNotFoundException",
            "User does not exist.",
        )),
    }
}

fn pre_authenticate(pool: &UserPool) -> Result<(), Refusal> {
    let (code, message) = match &pool.pre_authentication {
        None => return Ok(()),
        Some(LambdaTrouble::Refuses(words)) => (
            "UserLambdaValidationException",
            format!("PreAuthentication failed with error {words}."),
        ),
        Some(LambdaTrouble::Fails) => (
            "UnexpectedLambdaException",
            "PreAuthentication invocation failed due to error AccessDeniedException.".to_owned(),
        ),
        Some(LambdaTrouble::AnswersNonsense) => (
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output".to_owned(),
        ),
    };
    Err(Refusal::new(400, code, message))
}

/// What a user who does not exist would be called: always the same, and a UUID where an address signs in.
fn imagined_name(name: &str) -> String {
    if name.contains('@') {
        uuid_of(name)
    } else {
        name.to_owned()
    }
}

fn invalid_parameter(message: &str) -> Refusal {
    Refusal::new(400, "InvalidParameterException", message)
}
