//! A key that signs, and the half of it that is published.
//!
//! RS256: what every issuer has that STS is known to be used with, and what OpenID Connect demands of each. A smaller
//! ES256 would save nothing that matters: a token is signed once for an hour of calls.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    error::Unspecified,
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::SigningKeyId;
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{AlgorithmParameters, Jwk},
};
use store::signing_keys::SigningKey;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// With which the keys sign.
pub(super) const ALGORITHM: Algorithm = Algorithm::RS256;

/// A key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: SigningKeyId,
    pub(crate) signs_from: OffsetDateTime,
    pub(crate) public: PublicKey,
    pub(super) private: EncodingKey,
}

/// What is published of a key: an RSA public key, in base64url.
#[derive(Clone)]
pub(crate) struct PublicKey {
    pub(crate) modulus: String,
    pub(crate) exponent: String,
}

/// A new private key, in PKCS#8 and PEM. It takes a tenth of a second of a processor's time; the randomness is the
/// cipher library's own, which takes none from outside.
pub(crate) fn generate() -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
    let text = Zeroizing::new(BASE64_STANDARD.encode(der.as_ref()));
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        *text
    );
    Ok(pem.into_bytes().into())
}

impl Key {
    /// A kept key. None if it is not what [`generate`] made.
    pub(crate) fn read(kept: &SigningKey) -> Option<Self> {
        let private = EncodingKey::from_rsa_pem(&kept.private_key).ok()?;
        let jwk = Jwk::from_encoding_key(&private, ALGORITHM).ok()?;
        let AlgorithmParameters::RSA(public) = jwk.algorithm else {
            return None;
        };
        Some(Self {
            id: kept.id,
            signs_from: kept.signs_from,
            public: PublicKey {
                modulus: public.n,
                exponent: public.e,
            },
            private,
        })
    }
}

#[cfg(test)]
impl Key {
    /// A new key that signs from then on.
    pub(super) fn at(signs_from: OffsetDateTime) -> Self {
        let kept = SigningKey {
            id: SigningKeyId::new(signs_from, &mut crate::random::random()),
            published_at: signs_from,
            signs_from,
            private_key: generate().unwrap(),
        };
        Self::read(&kept).unwrap()
    }
}
