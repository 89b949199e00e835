//! One master key: wraps data keys, and can be told from another without wrapping anything.
//!
//! The 32 bytes of the key file are used for neither directly; HKDF makes a subkey for each purpose and version, so what
//! is published for the check says nothing about the key that wraps, and a key filed under the wrong version fits nowhere.

use std::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::Error;
use crate::key_bytes::KeyBytes;
use crate::place::Place;
use crate::version::Version;
use crate::{aad, cipher, frame};

/// A master key of one [`Version`].
#[derive(ZeroizeOnDrop)]
pub struct MasterKey {
    #[zeroize(skip)]
    version: Version,
    wrap: KeyBytes,
    check: [u8; 32],
}

impl MasterKey {
    pub(crate) fn derive(version: Version, secret: &KeyBytes) -> Self {
        let (mut prk, hkdf) = Hkdf::<Sha256>::extract(None, secret.as_bytes());
        prk.zeroize();

        let mut check = [0; 32];
        expand(&hkdf, b"bi-vault/1/check-value", version, &mut check);
        Self {
            version,
            wrap: KeyBytes::filled(|key| expand(&hkdf, b"bi-vault/1/wrap-key", version, key)),
            check,
        }
    }

    /// Which one it is.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// What to remember, in the open, to know this key again. It does not help to find the key.
    #[must_use]
    pub fn check_value(&self) -> [u8; 32] {
        self.check
    }

    /// Whether this is the key whose [`check_value`](Self::check_value) was remembered. In constant time.
    #[must_use]
    pub fn matches(&self, check_value: &[u8]) -> bool {
        self.check.ct_eq(check_value).into()
    }

    pub(crate) fn wrap_key(
        &self,
        place: &Place<'_>,
        data_key_id: Uuid,
        data_key: &KeyBytes,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        let aad = aad::wrap(place, data_key_id, self.version);
        cipher::encrypt(&self.wrap, &aad, data_key.as_bytes(), rng)
    }

    pub(crate) fn unwrap_key(
        &self,
        place: &Place<'_>,
        data_key_id: Uuid,
        wrapped_key: &[u8],
    ) -> Result<KeyBytes, Error> {
        let aad = aad::wrap(place, data_key_id, self.version);
        let data_key = cipher::decrypt(&self.wrap, &aad, wrapped_key)?;
        KeyBytes::copied(&data_key).ok_or(Error::Refused)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::expect_used,
    reason = "HKDF-SHA256 gives up to 8160 bytes; this asks for 32"
)]
fn expand(hkdf: &Hkdf<Sha256>, purpose: &[u8], version: Version, key: &mut [u8; 32]) {
    hkdf.expand(&frame::bytes([purpose, &version.to_be_bytes()]), key)
        .expect("32 bytes are within HKDF's reach");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: i32, byte: u8) -> MasterKey {
        let secret = KeyBytes::filled(|bytes| bytes[0] = byte);
        MasterKey::derive(version.try_into().unwrap(), &secret)
    }

    #[test]
    fn knows_itself_again() {
        assert!(key(1, 1).matches(&key(1, 1).check_value()));
    }

    #[test]
    fn tells_others_apart() {
        let check_value = key(1, 1).check_value();
        assert!(!key(1, 2).matches(&check_value));
        assert!(
            !key(2, 1).matches(&check_value),
            "the same bytes under another version"
        );
        assert!(!key(1, 1).matches(&check_value[..31]));
        assert!(!key(1, 1).matches(&[]));
        for bit in 0..256 {
            let mut other = check_value;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!key(1, 1).matches(&other));
        }
    }

    #[test]
    fn the_check_value_is_neither_the_key_nor_its_subkey() {
        let secret = KeyBytes::filled(|bytes| bytes[0] = 1);
        let key = key(1, 1);
        assert_ne!(&key.check_value(), secret.as_bytes());
        assert_ne!(&key.check_value(), key.wrap.as_bytes());
        assert_ne!(secret.as_bytes(), key.wrap.as_bytes());
    }
}
