//! Whose a login is: an ID token of a user pool, read as strictly as identity pools read them.

use serde_json::Value;
use time::OffsetDateTime;

use super::{
    identity_pool::{IdentityPool, Provider},
    signing_key::{self, Distrust},
    user_pool::UserPool,
};
use crate::Refusal;

/// A login that was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    /// The provider's name.
    pub(super) provider: String,
    /// The subject there.
    pub(super) subject: String,
    /// The roles that the token names.
    pub(super) roles: Vec<String>,
}

/// Believes a login, or says why not. `user_pools` are all there are, in whatever account.
pub(super) fn check<'a>(
    pool: &IdentityPool,
    user_pools: impl IntoIterator<Item = &'a UserPool>,
    (provider, token): (&str, &str),
    now: OffsetDateTime,
) -> Result<Login, Refusal> {
    let user_pool = user_pools
        .into_iter()
        .find(|user_pool| user_pool.provider() == provider)
        .ok_or_else(unsupported)?;
    let mut links = pool
        .providers
        .iter()
        .filter(|link| link.user_pool == user_pool.id)
        .peekable();
    if links.peek().is_none() {
        return Err(unsupported());
    }

    let claims = signing_key::read(token).map_err(|distrust| distrusted(&distrust))?;
    if claims["iss"] != user_pool.issuer() {
        return Err(invalid("Issuer doesn't match providerName"));
    }
    let Some(audience) = claims["aud"].as_str() else {
        return Err(invalid("Missing a required claim: aud"));
    };
    user_pool
        .key
        .verify(token)
        .map_err(|distrust| distrusted(&distrust))?;
    let now = now.unix_timestamp();
    let expiry = claims["exp"].as_i64().unwrap_or_default();
    if now >= expiry {
        return Err(invalid(&format!("Token expired: {now} >= {expiry}")));
    }
    let link = links
        .find(|link| link.client_id == audience)
        .ok_or_else(unsupported)?;
    check_at_the_pool(link, user_pool, &claims)?;
    Ok(Login {
        provider: provider.to_owned(),
        subject: text(&claims["sub"]),
        roles: claims["cognito:roles"]
            .as_array()
            .map(|roles| roles.iter().map(text).collect())
            .unwrap_or_default(),
    })
}

fn check_at_the_pool(link: &Provider, pool: &UserPool, claims: &Value) -> Result<(), Refusal> {
    if !link.checks_tokens {
        return Ok(());
    }
    let signed_in_at = claims["auth_time"].as_i64().unwrap_or_default();
    let is_good = pool
        .find_user(&text(&claims["cognito:username"]))
        .is_some_and(|user| {
            let signed_out_at = user.signed_out_at.map(OffsetDateTime::unix_timestamp);
            user.enabled && signed_out_at.is_none_or(|at| at < signed_in_at)
        });
    if is_good && !pool.revoked.contains(&text(&claims["origin_jti"])) {
        Ok(())
    } else {
        Err(invalid("Token is revoked"))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn distrusted(distrust: &Distrust) -> Refusal {
    match distrust {
        Distrust::Malformed => invalid("Not a valid OpenId Connect identity token."),
        Distrust::Signature => invalid("Token signature invalid."),
    }
}

fn invalid(why: &str) -> Refusal {
    let message = format!("Invalid login token. {why}");
    Refusal::new(400, "NotAuthorizedException", message)
}

fn unsupported() -> Refusal {
    let message = "Token is not from a supported provider of this identity pool.";
    Refusal::new(400, "NotAuthorizedException", message)
}
