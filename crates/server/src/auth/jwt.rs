//! Tokens of an identity provider: signature, issuer, audience, time. What the claims mean is decided by the caller.

use std::sync::Arc;

use domain::Clock;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, PublicKeyUse},
};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use super::{
    callers::Refused,
    jwks::{Jwks, NoKey},
};
use crate::{config::JwtIssuer, pulse::Health};

/// How far the provider's clock and ours may differ.
const SKEW: Duration = Duration::seconds(60);

/// Asymmetric ones only: with a shared secret, whoever can check a token can make one.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The claims of a token that was verified.
pub(super) struct Claims {
    /// Who it is about.
    pub(super) subject: String,
    claims: Map<String, Value>,
}

impl Claims {
    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }
}

/// Why a token is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadToken {
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// It is not, or not for us.
    #[error("the token is not valid: {0}")]
    Invalid(&'static str),
    /// The provider's keys cannot be fetched.
    #[error(transparent)]
    Unavailable(NoKey),
}

impl From<BadToken> for Refused {
    fn from(error: BadToken) -> Self {
        match error {
            BadToken::Expired => Self::Expired,
            BadToken::Invalid(why) => Self::Unknown(why),
            BadToken::Unavailable(_) => Self::ProviderUnavailable,
        }
    }
}

/// Verifies the tokens of one issuer for one audience.
pub struct OidcVerifier {
    issuer: JwtIssuer,
    jwks: Jwks,
    clock: Arc<dyn Clock>,
}

impl OidcVerifier {
    /// A verifier that has fetched no key yet.
    pub fn new(issuer: JwtIssuer, clock: Arc<dyn Clock>) -> Self {
        Self {
            jwks: Jwks::new(issuer.issuer.clone(), Arc::clone(&clock)),
            issuer,
            clock,
        }
    }

    /// Whether the provider publishes keys, for whoever looks for what is wrong.
    pub(super) async fn check(&self) -> Result<String, String> {
        match self.jwks.count().await {
            Ok(keys) => Ok(format!("{} publishes {keys} keys", self.issuer.issuer)),
            Err(error) => Err(format!("{}: {error}", self.issuer.issuer)),
        }
    }

    /// How the provider is, as far as it was needed.
    pub(super) fn health(&self) -> Health {
        self.jwks.health()
    }

    /// Whether the token says it is this issuer's. Only which keys to use follows from it.
    pub(super) fn is_named_by(&self, token: &str) -> bool {
        unverified_issuer(token).as_deref() == Some(&self.issuer.issuer)
    }

    /// The token's claims, if it can be believed.
    pub(super) async fn verify(&self, token: &str) -> Result<Claims, BadToken> {
        let header =
            decode_header(token).map_err(|_| BadToken::Invalid("its header cannot be read"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(BadToken::Invalid("its algorithm is not accepted"));
        }
        // Whoever does not understand what is critical must refuse (RFC 7515, 4.1.11), and we know no extension.
        if header.crit.is_some() {
            return Err(BadToken::Invalid(
                "it needs an extension that is not understood here",
            ));
        }
        let key = match self.jwks.key(header.kid.as_deref()).await {
            Ok(key) => key,
            Err(NoKey::Unknown) => {
                return Err(BadToken::Invalid("its key is not the identity provider's"));
            }
            Err(unavailable) => return Err(BadToken::Unavailable(unavailable)),
        };
        let claims = self.claims(token, header.alg, &key)?;
        self.check_times(&claims)?;
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .filter(|subject| {
                !subject.is_empty() && subject.len() <= 256 && !subject.contains('\0')
            })
            .ok_or(BadToken::Invalid("it has no usable subject"))?
            .to_owned();
        Ok(Claims { subject, claims })
    }

    fn claims(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: &Jwk,
    ) -> Result<Map<String, Value>, BadToken> {
        if !is_for_signatures(key, algorithm) {
            return Err(BadToken::Invalid("its key is not for such signatures"));
        }
        let key =
            DecodingKey::from_jwk(key).map_err(|_| BadToken::Invalid("its key cannot be used"))?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer.issuer]);
        validation.set_audience(&[&self.issuer.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // Times are checked below, by the clock that tests can move.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        decode(token, &key, &validation)
            .map(|data| data.claims)
            .map_err(|error| {
                use jsonwebtoken::errors::ErrorKind;
                BadToken::Invalid(match error.kind() {
                    ErrorKind::InvalidAudience => "it is for another audience",
                    ErrorKind::InvalidIssuer => "it is from another issuer",
                    ErrorKind::MissingRequiredClaim(_) => {
                        "a claim is missing: iss, aud, exp and sub are needed"
                    }
                    ErrorKind::InvalidSignature => "its signature is wrong",
                    _ => "it cannot be read",
                })
            })
    }

    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), BadToken> {
        let now = self.clock.now();
        let expires = instant(claims, "exp")?.ok_or(BadToken::Invalid("it has no expiry"))?;
        if expires + SKEW <= now {
            return Err(BadToken::Expired);
        }
        for claim in ["nbf", "iat"] {
            if instant(claims, claim)?.is_some_and(|from| from - SKEW > now) {
                return Err(BadToken::Invalid("it is not valid yet: compare the clocks"));
            }
        }
        Ok(())
    }
}

/// A claim that is a point in time; what cannot be read as one is refused, never ignored.
fn instant(claims: &Map<String, Value>, name: &str) -> Result<Option<OffsetDateTime>, BadToken> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    // RFC 7519 allows fractions of seconds, which some providers send.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds, saturating; the range is checked next"
    )]
    let seconds = value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds as i64));
    seconds
        // Room for the skew on both sides.
        .filter(|seconds| (0..=253_402_300_000).contains(seconds))
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .map(Some)
        .ok_or(BadToken::Invalid("one of its times cannot be read"))
}

fn is_for_signatures(key: &Jwk, algorithm: Algorithm) -> bool {
    let used_so = key
        .common
        .public_key_use
        .as_ref()
        .is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let made_for = key
        .common
        .key_algorithm
        .is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    used_so && made_for
}

fn unverified_issuer(token: &str) -> Option<String> {
    let data = jsonwebtoken::dangerous::insecure_decode::<Map<String, Value>>(token).ok()?;
    data.claims.get("iss")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(name: &str, value: Value) -> Map<String, Value> {
        Map::from_iter([(name.to_owned(), value)])
    }

    #[test]
    fn times_are_read_or_refused_never_ignored() {
        assert!(
            matches!(instant(&claims("exp", json!(10)), "exp"), Ok(Some(at)) if at.unix_timestamp() == 10)
        );
        assert!(
            matches!(instant(&claims("exp", json!(10.9)), "exp"), Ok(Some(at)) if at.unix_timestamp() == 10)
        );
        assert!(matches!(
            instant(&claims("nbf", json!(10)), "exp"),
            Ok(None)
        ));
        for bad in [
            json!("10"),
            json!(-1),
            json!(1e300),
            json!(null),
            json!([1]),
            json!(i64::MAX),
            json!(u64::MAX),
        ] {
            assert!(
                instant(&claims("exp", bad.clone()), "exp").is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn no_shared_secret_algorithm_is_accepted() {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            assert!(!ALGORITHMS.contains(&algorithm));
        }
    }
}
