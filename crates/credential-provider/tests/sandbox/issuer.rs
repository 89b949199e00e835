//! An issuer of OIDC tokens: what it says in them, and whom accounts take it for.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use credential_provider::{
    Error, Result,
    iam_role::{Subject, TokenSigner},
};
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sandbox::sts::OidcProvider;
use serde_json::{Value, json};
use time::Duration;
use zeroize::Zeroizing;

use crate::stage::NOW;

pub(crate) const ISSUER: &str = "https://platform.example/oidc/ten_1";
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) jwk: Value,
    /// Whom its tokens are for.
    pub(crate) audience: &'static str,
    /// How long they live from the beginning of the test on.
    pub(crate) life: Duration,
    /// Whether it signs at all.
    pub(crate) signs: bool,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref()).unwrap();
        // An uncompressed point: 4, then x and y.
        let point = pair.public_key().as_ref();
        let encode = |part| BASE64_URL_SAFE_NO_PAD.encode(part);
        Self {
            pkcs8: document.as_ref().to_vec(),
            jwk: json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k1",
                "x": encode(&point[1..33]), "y": encode(&point[33..65]),
            }),
            audience: AUDIENCE,
            life: Duration::minutes(5),
            signs: true,
        }
    }

    /// The provider that an account makes for it.
    pub(crate) fn provider(&self) -> OidcProvider {
        OidcProvider::new(ISSUER)
            .audience(AUDIENCE)
            .jwks(json!({ "keys": [self.jwk] }))
    }
}

/// What trust policies call the subject.
pub(crate) fn name(subject: Subject) -> String {
    format!("{}:{}", subject.tenant, subject.access)
}

impl TokenSigner for Issuer {
    fn sign(&self, subject: Subject) -> BoxFuture<'_, Result<Zeroizing<String>>> {
        let claims = json!({
            "iss": ISSUER,
            "aud": self.audience,
            "sub": name(subject),
            "iat": NOW.unix_timestamp(),
            "exp": (NOW + self.life).unix_timestamp(),
        });
        let header = Header {
            kid: Some("k1".to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        let token = self.signs.then(|| {
            let key = EncodingKey::from_ec_der(&self.pkcs8);
            Zeroizing::new(jsonwebtoken::encode(&header, &claims, &key).unwrap())
        });
        Box::pin(std::future::ready(token.ok_or(Error::Unavailable)))
    }
}
