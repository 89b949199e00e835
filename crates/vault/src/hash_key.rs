//! Keyed hashes of what must be found or compared but not read: bodies behind an idempotency key, role claims, external
//! ids, refused passwords.
//!
//! The key is a platform secret of its own, sealed like any other and never rotated, so hashes outlive master keys.
//! It has no use besides [`HashKey::digest`].

use std::{fmt, iter};

use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

use crate::error::Error;
use crate::frame;
use crate::key_bytes::{KeyBytes, wipes_itself};

// What an HMAC is made of; it has no marker of its own.
const _: () = wipes_itself::<Sha256>();

/// The key of all keyed hashes.
#[derive(ZeroizeOnDrop)]
pub struct HashKey(KeyBytes);

impl HashKey {
    /// A new one, to be [sealed](fn@crate::seal) and kept.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(KeyBytes::random(rng))
    }

    /// The one that was kept.
    ///
    /// # Errors
    /// [`Error::NotAHashKey`] if it is not 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        KeyBytes::copied(bytes).map(Self).ok_or(Error::NotAHashKey)
    }

    /// The key itself, for [sealing](fn@crate::seal) and for nothing else.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// HMAC-SHA256 of `purpose` and `parts`, each behind its length: no other purpose, and no other division of the same
    /// bytes into parts, gives this hash. Parts may be secret; no copy of them is kept.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of every length (RFC 2104)"
    )]
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("HMAC takes this key");
        let parts = iter::once(purpose.as_bytes()).chain(parts.iter().copied());
        frame::write(parts, |piece| mac.update(piece));
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HashKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_and_read_again_it_is_the_same() {
        let key = HashKey(KeyBytes::filled(|bytes| bytes[0] = 1));
        let again = HashKey::from_bytes(key.as_bytes()).unwrap();
        assert_eq!(
            key.digest("claim", &[b"arn"]),
            again.digest("claim", &[b"arn"])
        );
    }

    #[test]
    fn is_32_bytes() {
        for length in [0, 16, 31, 33, 64] {
            assert_eq!(
                HashKey::from_bytes(&vec![1; length]).unwrap_err(),
                Error::NotAHashKey
            );
        }
    }

    #[test]
    fn key_purpose_and_division_into_parts_all_matter() {
        let key = HashKey(KeyBytes::filled(|bytes| bytes[0] = 1));
        let other = HashKey(KeyBytes::filled(|bytes| bytes[0] = 2));
        let digests = [
            key.digest("claim", &[b"ab", b"c"]),
            other.digest("claim", &[b"ab", b"c"]),
            key.digest("clai", &[b"mab", b"c"]),
            key.digest("external-id", &[b"ab", b"c"]),
            key.digest("claim", &[b"a", b"bc"]),
            key.digest("claim", &[b"abc"]),
            key.digest("claim", &[b"abc", b""]),
            key.digest("claim", &[b"", b"abc"]),
            key.digest("claim", &[b"c", b"ab"]),
            key.digest("claim", &[]),
        ];
        for (i, left) in digests.iter().enumerate() {
            for right in &digests[i + 1..] {
                assert_ne!(left, right);
            }
        }
    }
}
