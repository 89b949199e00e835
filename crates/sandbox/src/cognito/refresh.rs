//! Tokens, the first ones and those that follow: GetTokensFromRefreshToken, the older flow REFRESH_TOKEN_AUTH, RevokeToken.
//!
//! A refresh token that was replaced works for the client's grace period, and then is told from one that never was. What
//! replaces it ends when the first one would have ended.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    app_client::AppClient,
    draw,
    input::{Input, Parameters},
    rules, tokens,
    user_pool::{self, UserPool},
};
use crate::{Call, Refusal, State};

/// What a refresh token stands for.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) username: String,
    /// The sign-in that it comes from, `origin_jti`.
    pub(super) origin: String,
    /// When the user signed in.
    pub(super) signed_in_at: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
    pub(super) replaced_at: Option<OffsetDateTime>,
}

/// The tokens of a user who just signed in.
pub(super) fn first(pool: &mut UserPool, client: &AppClient, username: &str, call: &Call) -> Value {
    let grant = Grant {
        client_id: client.id.clone(),
        username: username.to_owned(),
        origin: draw::uuid(call),
        signed_in_at: call.now,
        expires_at: call.now + client.refresh_lifetime,
        replaced_at: None,
    };
    let mut result = tokens::issue(pool, client, &grant, call);
    result["RefreshToken"] = json!(keep(pool, grant, call));
    json!({ "ChallengeParameters": {}, "AuthenticationResult": result })
}

/// GetTokensFromRefreshToken.
pub(super) fn refresh(state: &mut State, call: &Call, input: &Input<'_>) -> Result<Value, Refusal> {
    let token = input.required("RefreshToken", &rules::TOKEN)?;
    let client_id = input.required("ClientId", &rules::CLIENT_ID)?;
    let secret = input.optional("ClientSecret", &rules::CLIENT_SECRET)?;
    let (pool, client) = user_pool::of_client(state, call, client_id)?;
    client.check_secret(secret)?;
    let grant = good(pool, &client, token, call.now)?.clone();
    let mut result = tokens::issue(pool, &client, &grant, call);
    if client.rotation.is_some() {
        if let Some(old) = pool.grants.get_mut(token) {
            old.replaced_at.get_or_insert(call.now);
        }
        let next = Grant {
            replaced_at: None,
            ..grant
        };
        result["RefreshToken"] = json!(keep(pool, next, call));
    }
    Ok(json!({ "AuthenticationResult": result }))
}

/// The flow REFRESH_TOKEN_AUTH. Its SECRET_HASH is made over the user's own name.
pub(super) fn by_flow(
    pool: &mut UserPool,
    client: &AppClient,
    parameters: &Parameters<'_>,
    call: &Call,
) -> Result<Value, Refusal> {
    let token = parameters.required("REFRESH_TOKEN")?;
    let grant = good(pool, client, token, call.now)?;
    client.check_hash(&grant.username, parameters.optional("SECRET_HASH"))?;
    let result = tokens::issue(pool, client, grant, call);
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}

/// RevokeToken: ends a refresh token and all tokens of the same sign-in.
pub(super) fn revoke(state: &mut State, call: &Call, input: &Input<'_>) -> Result<Value, Refusal> {
    let token = input.required("Token", &rules::TOKEN)?;
    let client_id = input.required("ClientId", &rules::CLIENT_ID)?;
    let secret = input.optional("ClientSecret", &rules::CLIENT_SECRET)?;
    let (pool, client) = user_pool::of_client(state, call, client_id)?;
    client.check_secret(secret)?;
    let Some(grant) = pool.grants.get(token) else {
        let message = "Unsupported token type";
        return Err(Refusal::new(400, "UnsupportedTokenTypeException", message));
    };
    if grant.client_id != client.id {
        let message = "Unauthorized request";
        return Err(Refusal::new(400, "UnauthorizedException", message));
    }
    let origin = grant.origin.clone();
    pool.revoked.insert(origin);
    Ok(json!({}))
}

fn good<'a>(
    pool: &'a UserPool,
    client: &AppClient,
    token: &str,
    now: OffsetDateTime,
) -> Result<&'a Grant, Refusal> {
    let refuse = |message| Err(Refusal::new(400, "NotAuthorizedException", message));
    let grant = pool.grants.get(token);
    let Some(grant) = grant.filter(|grant| grant.client_id == client.id) else {
        return refuse("Invalid Refresh Token");
    };
    if now >= grant.expires_at {
        return refuse("Refresh Token has expired");
    }
    let Some(user) = pool.find_user(&grant.username) else {
        let message = "User does not exist.";
        return Err(Refusal::new(400, "UserNotFoundException", message));
    };
    if !user.enabled {
        return refuse("User is disabled.");
    }
    let is_signed_out = user
        .signed_out_at
        .is_some_and(|at| grant.signed_in_at <= at);
    if is_signed_out || pool.revoked.contains(&grant.origin) {
        return refuse("Refresh Token has been revoked");
    }
    let grace = client.rotation.unwrap_or_default();
    if grant.replaced_at.is_some_and(|at| now >= at + grace) {
        let message = "Refresh token has been invalidated by rotation";
        return Err(Refusal::new(400, "RefreshTokenReuseException", message));
    }
    Ok(grant)
}

/// Makes a refresh token for a grant: as long as AWS's, which are encrypted tokens of five parts.
fn keep(pool: &mut UserPool, grant: Grant, call: &Call) -> String {
    let part = draw::text::<1200>(call);
    let token = format!(
        "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.{}.{}.{}.{}",
        &part[..342],
        &part[342..358],
        &part[358..1578],
        &part[1578..1600],
    );
    pool.grants.insert(token.clone(), grant);
    token
}
