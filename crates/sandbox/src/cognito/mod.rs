//! Cognito: user pools, which turn a password into tokens without ever seeing it, and identity pools, which turn a token
//! into credentials.
//!
//! Refusals that public sources tell are worded as there. Where none tells the words, these are the sandbox's own: a
//! refused client secret, revoked and replaced refresh tokens, a revoked login, a public number that is nought, a custom
//! role that the token does not name.
//!
//! Deliberately absent: signing up, remembered devices, passwordless flows, hosted pages, guests.

mod app_client;
mod draw;
mod identities;
mod identity_pool;
mod input;
mod lockout;
mod logins;
mod pool_user;
mod refresh;
mod respond;
mod rules;
mod sign_in;
mod signing_key;
mod srp;
mod timestamp;
mod tokens;
mod user_pool;

pub use app_client::AppClient;
pub use identity_pool::{Identity, IdentityPool, Provider};
pub use pool_user::{Challenge, PoolUser, Status};
pub use user_pool::{LambdaTrouble, UserPool};

use serde_json::{Value, json};

use crate::{Call, Refusal, Service, World, answer::Answer};
use input::Input;

pub(crate) fn answer(world: &World, call: &Call) -> Result<Answer, Refusal> {
    match call.operation {
        "GetJwks" | "GetOpenIdConfiguration" => published(world, call).map(|it| Answer::json(&it)),
        _ => operate(world, call).map(|it| Answer::amz_json(&it)),
    }
}

fn operate(world: &World, call: &Call) -> Result<Value, Refusal> {
    let body = call.json()?;
    let input = match call.service {
        Service::CognitoUserPools => Input::of_user_pools(&body)?,
        _ => Input::of_identity_pools(&body)?,
    };
    if call.operation == "GetCredentialsForIdentity" {
        return identities::get_credentials(world, call, &input);
    }
    let state = &mut world.state();
    match call.operation {
        "InitiateAuth" => sign_in::initiate(state, call, &input),
        "RespondToAuthChallenge" => respond::respond(state, call, &input),
        "GetTokensFromRefreshToken" => refresh::refresh(state, call, &input),
        "RevokeToken" => refresh::revoke(state, call, &input),
        "GetId" => identities::get_id(state, call, &input),
        _ => Err(Refusal::unknown_operation()),
    }
}

/// Whether a call is for this region. Who comes to the sandbox by its address names none, and means any.
fn is_for(call: &Call, region: &str) -> bool {
    let host = call.headers.get(http::header::HOST);
    let label = host.and_then(|host| host.to_str().ok()?.split('.').next());
    label.and_then(Service::of_host).is_none() || call.region == region
}

/// What a user pool tells everybody: where its keys are, and the keys.
fn published(world: &World, call: &Call) -> Result<Value, Refusal> {
    let state = world.state();
    let id = call.segments.first().map_or("", String::as_str);
    let mut pools = state
        .accounts
        .values()
        .flat_map(|account| &account.user_pools);
    let Some(pool) = pools.find(|pool| pool.id == id) else {
        let message = format!("User pool {id} does not exist.");
        return Err(Refusal::new(404, "ResourceNotFoundException", message));
    };
    if call.operation == "GetJwks" {
        return Ok(pool.key.public());
    }
    let issuer = pool.issuer();
    Ok(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "subject_types_supported": ["public"],
    }))
}
