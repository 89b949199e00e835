//! An issuer's token, read and then checked against the issuer's keys.
//!
//! AWS keeps an issuer's keys for a while; here they are fetched for every token, so that a changed key shows at once.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    crypto::verify,
    jwk::{Jwk, JwkSet},
};
use serde_json::Value;
use time::OffsetDateTime;

use super::OidcProvider;
use crate::Refusal;

/// A token, as it says of itself until it is checked.
pub(super) struct Token<'a> {
    text: &'a str,
    header: jsonwebtoken::Header,
    claims: Value,
}

/// AWS waits no longer for an issuer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::ES256,
    Algorithm::ES384,
];

impl<'a> Token<'a> {
    /// Reads it, without believing it.
    pub(super) fn read(text: &'a str) -> Result<Self, Refusal> {
        let no_jwt = || {
            invalid(
                "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
            )
        };
        let header = jsonwebtoken::decode_header(text).map_err(|_| no_jwt())?;
        let claims = text
            .split('.')
            .nth(1)
            .and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        let claims: Value = claims
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(no_jwt)?;
        let token = Self {
            text,
            header,
            claims,
        };
        let texts = [
            ("iss", token.issuer()),
            ("sub", token.subject()),
            ("aud", token.audience()),
        ];
        let absent = texts
            .into_iter()
            .find(|(_, text)| text.is_empty())
            .map(|(name, _)| name);
        let absent = absent.or_else(|| {
            ["exp", "iat"]
                .into_iter()
                .find(|name| token.claims[name].as_i64().is_none())
        });
        match absent {
            Some(name) => Err(invalid(&format!("Missing a required claim: {name}"))),
            None => Ok(token),
        }
    }

    pub(super) fn issuer(&self) -> &str {
        self.claims["iss"].as_str().unwrap_or_default()
    }

    pub(super) fn subject(&self) -> &str {
        self.claims["sub"].as_str().unwrap_or_default()
    }

    /// Whom it is for: `azp` counts before `aud`, as at AWS.
    pub(super) fn audience(&self) -> &str {
        let audience = &self.claims["aud"];
        let first = audience.as_str().or_else(|| audience.get(0)?.as_str());
        self.claims["azp"].as_str().or(first).unwrap_or_default()
    }

    /// Whether the issuer made it, for an audience that `provider` lets in, and it has not ended.
    pub(super) async fn check(
        &self,
        provider: &OidcProvider,
        now: OffsetDateTime,
    ) -> Result<(), Refusal> {
        let no_key = || {
            invalid(
                "Couldn't retrieve verification key from your identity provider, please reference \
                 AssumeRoleWithWebIdentity documentation for requirements",
            )
        };
        let keys = match &provider.jwks {
            Some(keys) => Some(keys.clone()),
            None => fetch_keys(&provider.issuer).await,
        };
        let keys: JwkSet = keys
            .and_then(|keys| serde_json::from_value(keys).ok())
            .ok_or_else(no_key)?;
        let key = self.key(&keys).ok_or_else(no_key)?;
        if !self.is_signed_with(key) {
            return Err(invalid(
                "The signature of the ID Token provided is not valid.",
            ));
        }
        let (ends, now) = (
            self.claims["exp"].as_i64().unwrap_or_default(),
            now.unix_timestamp(),
        );
        if ends <= now {
            let message = format!(
                "Token expired: current date/time {now} must be before the expiration date/time {ends}"
            );
            return Err(Refusal::new(400, "ExpiredTokenException", message));
        }
        if !provider
            .audiences
            .iter()
            .any(|audience| audience == self.audience())
        {
            return Err(invalid("Incorrect token audience"));
        }
        Ok(())
    }

    /// The key that it names, or the only one.
    fn key<'k>(&self, keys: &'k JwkSet) -> Option<&'k Jwk> {
        match &self.header.kid {
            Some(id) => keys.find(id),
            None if keys.keys.len() == 1 => keys.keys.first(),
            None => None,
        }
    }

    fn is_signed_with(&self, key: &Jwk) -> bool {
        let Some((signed, signature)) = self.text.rsplit_once('.') else {
            return false;
        };
        let algorithm = self.header.alg;
        ALGORITHMS.contains(&algorithm)
            && DecodingKey::from_jwk(key)
                .and_then(|key| verify(signature, signed.as_bytes(), &key, algorithm))
                .unwrap_or(false)
    }
}

/// The issuer's keys, found as AWS finds them: by its discovery document, which has to name the issuer itself.
async fn fetch_keys(issuer: &str) -> Option<Value> {
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .ok()?;
    let get = async |url: &str| {
        let answer = http.get(url).send().await.ok()?.error_for_status().ok()?;
        answer.json::<Value>().await.ok()
    };
    let document = get(&format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    ))
    .await?;
    if document["issuer"] != issuer {
        return None;
    }
    get(document["jwks_uri"].as_str()?).await
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidIdentityToken", message)
}
