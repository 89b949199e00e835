//! A token: who signs it, whom it speaks for, and until when.

use credential_provider::{Error, Result, iam_role::Subject};
use jsonwebtoken::Header;
use rand::CryptoRng;
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::{Key, key::ALGORITHM};

/// Whom tokens are for: what AWS's own console proposes, in every partition.
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// How long a token can be used. STS is asked at once; the rest is for clocks that differ.
const LIFE: Duration = Duration::minutes(5);

/// No `azp`: AWS would take it for the audience.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'static str,
    iat: i64,
    exp: i64,
    jti: String,
}

/// A token of `issuer` for that subject.
pub(super) fn sign(
    key: &Key,
    issuer: &str,
    subject: Subject,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>> {
    let header = Header {
        kid: Some(key.id.to_string()),
        ..Header::new(ALGORITHM)
    };
    let mut number = [0; 16];
    rng.fill_bytes(&mut number);
    let claims = Claims {
        iss: issuer,
        sub: subject.to_string(),
        aud: AUDIENCE,
        iat: now.unix_timestamp(),
        exp: (now + LIFE).unix_timestamp(),
        jti: format!("{:032x}", u128::from_be_bytes(number)),
    };
    jsonwebtoken::encode(&header, &claims, &key.private)
        .map(Zeroizing::new)
        .map_err(|error| {
            tracing::error!(%error, key = %key.id, "no token could be signed");
            Error::Unavailable
        })
}

#[cfg(test)]
mod tests {
    use domain::TenantId;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    use serde_json::Value;

    use super::*;
    use crate::random::random;

    #[test]
    fn a_token_says_who_speaks_for_whom_and_verifies_with_what_is_published() {
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let subject = Subject {
            tenant: TenantId::PLATFORM,
            access: "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap(),
        };
        let (key, another) = (Key::at(now), Key::at(now));
        let sign = || {
            sign(
                &key,
                "https://bi.example/oidc/1",
                subject,
                now,
                &mut random(),
            )
        };
        let (token, next) = (sign().unwrap(), sign().unwrap());
        assert_eq!(
            decode_header(&*token).unwrap().kid,
            Some(key.id.to_string())
        );

        let mut rules = Validation::new(ALGORITHM);
        rules.set_audience(&[AUDIENCE]);
        rules.validate_exp = false;
        let read = |token: &str, key: &Key| {
            let public = &key.public;
            let key = DecodingKey::from_rsa_components(&public.modulus, &public.exponent).unwrap();
            decode::<Value>(token, &key, &rules).map(|read| read.claims)
        };
        let mut claims = read(&token, &key).unwrap();
        let number = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(number.as_str().unwrap().len(), 32);
        assert_ne!(number, read(&next, &key).unwrap()["jti"]);
        assert_eq!(
            claims,
            serde_json::json!({
                "iss": "https://bi.example/oidc/1",
                "sub": "ten_00000000000000000000000000000000:acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
                "aud": "sts.amazonaws.com",
                "iat": 1_800_000_000,
                "exp": 1_800_000_300,
            })
        );
        assert!(read(&token, &another).is_err());
    }
}
