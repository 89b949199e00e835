//! The service as an issuer of OIDC tokens, whose keys a customer's account was given.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use credential_provider::{
    Result,
    iam_role::{Subject, TokenSigner},
};
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(crate) const ISSUER: &str = "https://issuer.example/oidc/ten";
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

pub(crate) struct Issuer {
    pkcs8: Vec<u8>,
    pub(crate) jwks: Value,
    now: i64,
}

impl Issuer {
    /// An issuer with a key of its own, in this second.
    pub(crate) fn at(now: i64) -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref()).unwrap();
        // An uncompressed point: 4, then x and y.
        let point = pair.public_key().as_ref();
        let encode = |part| BASE64_URL_SAFE_NO_PAD.encode(part);
        let (x, y) = (encode(&point[1..33]), encode(&point[33..65]));
        Self {
            pkcs8: document.as_ref().to_vec(),
            jwks: json!({ "keys": [{ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": x, "y": y }] }),
            now,
        }
    }
}

/// What a token says of whom it speaks for.
pub(crate) fn subject(subject: Subject) -> String {
    format!("{}:{}", subject.tenant, subject.access)
}

impl TokenSigner for Issuer {
    fn sign(&self, of: Subject) -> BoxFuture<'_, Result<Zeroizing<String>>> {
        let claims = json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject(of),
            "iat": self.now,
            "exp": self.now + 300,
        });
        let key = EncodingKey::from_ec_der(&self.pkcs8);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
        Box::pin(std::future::ready(Ok(Zeroizing::new(token))))
    }
}
