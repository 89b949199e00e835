//! ID and access tokens.

use serde_json::{Value, json};

use super::{app_client::AppClient, draw, refresh::Grant, user_pool::UserPool};
use crate::Call;

/// The `AuthenticationResult` of a grant, without a refresh token.
pub(super) fn issue(pool: &UserPool, client: &AppClient, grant: &Grant, call: &Call) -> Value {
    json!({
        "IdToken": pool.key.sign(&id_claims(pool, client, grant, call)),
        "AccessToken": pool.key.sign(&access_claims(pool, client, grant, call)),
        "ExpiresIn": client.token_lifetime.whole_seconds(),
        "TokenType": "Bearer",
    })
}

fn id_claims(pool: &UserPool, client: &AppClient, grant: &Grant, call: &Call) -> Value {
    let mut claims = shared_claims(pool, client, grant, call);
    claims["token_use"] = json!("id");
    claims["aud"] = json!(client.id);
    claims["cognito:username"] = json!(grant.username);
    if let Some(user) = pool.find_user(&grant.username) {
        if let Some(email) = &user.email {
            claims["email"] = json!(email);
            claims["email_verified"] = json!(true);
        }
        if let Some(preferred) = user.roles.first() {
            claims["cognito:roles"] = json!(user.roles);
            claims["cognito:preferred_role"] = json!(preferred);
        }
    }
    claims
}

fn access_claims(pool: &UserPool, client: &AppClient, grant: &Grant, call: &Call) -> Value {
    let mut claims = shared_claims(pool, client, grant, call);
    claims["token_use"] = json!("access");
    claims["client_id"] = json!(client.id);
    claims["username"] = json!(grant.username);
    claims["scope"] = json!("aws.cognito.signin.user.admin");
    claims
}

fn shared_claims(pool: &UserPool, client: &AppClient, grant: &Grant, call: &Call) -> Value {
    let sub = pool.find_user(&grant.username).map(|user| &user.sub);
    json!({
        "sub": sub,
        "iss": pool.issuer(),
        "origin_jti": grant.origin,
        "jti": draw::uuid(call),
        "event_id": draw::uuid(call),
        "auth_time": grant.signed_in_at.unix_timestamp(),
        "iat": call.now.unix_timestamp(),
        "exp": (call.now + client.token_lifetime).unix_timestamp(),
    })
}
