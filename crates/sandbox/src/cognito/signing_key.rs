//! The key that a user pool signs its tokens with: RS256, made when it is first needed.
//!
//! Keys come from the machine's randomness, not from the sandbox's: aws-lc takes no other.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A pool's key.
#[derive(Default)]
pub(super) struct SigningKey(OnceLock<KeyPair>);

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Distrust {
    /// It is no token at all.
    Malformed,
    /// Somebody else signed it, or nobody.
    Signature,
}

impl SigningKey {
    /// A token with these claims.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "kid": self.id(), "alg": "RS256" });
        let message = format!("{}.{}", encode(&header), encode(claims));
        let pair = self.pair();
        let mut signature = vec![0; pair.public_modulus_len()];
        #[expect(clippy::expect_used, reason = "the buffer is as long as the modulus")]
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .expect("an RSA key signs");
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether this key signed the token.
    pub(super) fn verify(&self, token: &str) -> Result<(), Distrust> {
        let (message, signature) = token.rsplit_once('.').ok_or(Distrust::Malformed)?;
        let signature = BASE64_URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| Distrust::Malformed)?;
        let public = self.pair().public_key().as_ref();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(message.as_bytes(), &signature)
            .map_err(|_| Distrust::Signature)
    }

    /// The key set that others verify tokens with.
    pub(super) fn public(&self) -> Value {
        let public = self.pair().public_key();
        let number = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({ "keys": [{
            "alg": "RS256",
            "e": number(public.exponent().big_endian_without_leading_zero()),
            "kid": self.id(),
            "kty": "RSA",
            "n": number(public.modulus().big_endian_without_leading_zero()),
            "use": "sig",
        }] })
    }

    fn id(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.pair().public_key()))
    }

    fn pair(&self) -> &KeyPair {
        #[expect(
            clippy::expect_used,
            reason = "it fails only where the machine has no randomness"
        )]
        self.0
            .get_or_init(|| KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made"))
    }
}

/// The claims of a token, believed by nobody yet.
pub(super) fn read(token: &str) -> Result<Value, Distrust> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Distrust::Malformed);
    };
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(claims)
        .map_err(|_| Distrust::Malformed)?;
    serde_json::from_slice(&claims).map_err(|_| Distrust::Malformed)
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};

    use super::*;

    #[test]
    fn another_library_verifies_what_is_signed_by_what_is_published() {
        let key = SigningKey::default();
        let token = key.sign(&json!({ "sub": "s", "exp": 4_102_444_800_u64 }));
        let jwk = key.public()["keys"][0].clone();
        let decoding = DecodingKey::from_rsa_components(
            jwk["n"].as_str().unwrap(),
            jwk["e"].as_str().unwrap(),
        )
        .unwrap();
        let read =
            jsonwebtoken::decode::<Value>(&token, &decoding, &Validation::new(Algorithm::RS256))
                .unwrap();
        assert_eq!(read.claims["sub"], "s");
        assert_eq!(read.header.kid.as_deref(), jwk["kid"].as_str());
    }

    #[test]
    fn a_token_that_was_touched_or_is_of_another_key_is_not_believed() {
        let key = SigningKey::default();
        let token = key.sign(&json!({ "sub": "s" }));
        assert_eq!(key.verify(&token), Ok(()));
        let (head, signature) = token.rsplit_once('.').unwrap();
        let claims = encode(&json!({ "sub": "t" }));
        let header = head.split_once('.').unwrap().0;
        for (forged, distrust) in [
            (
                format!("{header}.{claims}.{signature}"),
                Distrust::Signature,
            ),
            (format!("{head}."), Distrust::Signature),
            (format!("{head}.%"), Distrust::Malformed),
            (
                SigningKey::default().sign(&json!({ "sub": "s" })),
                Distrust::Signature,
            ),
        ] {
            assert_eq!(key.verify(&forged), Err(distrust));
        }
    }

    #[test]
    fn what_is_no_token_has_no_claims() {
        for nonsense in ["", "a", "a.b", "a.b.c", "a.e30.c.d", "..", "a.W10x.c"] {
            assert_eq!(read(nonsense), Err(Distrust::Malformed), "{nonsense}");
        }
        assert_eq!(read("a.e30.c"), Ok(json!({})));
    }
}
