//! The 32 bytes of any key here. They sit on the heap at one address until they are wiped, so moving the key does not
//! leave copies behind; there is no `Clone` and no `Debug`.

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub(crate) struct KeyBytes(Box<[u8; 32]>);

impl KeyBytes {
    /// A key that `fill` writes.
    pub(crate) fn filled(fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut key = Self(Box::new([0; 32]));
        fill(&mut key.0);
        key
    }

    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        Self::filled(|bytes| rng.fill_bytes(bytes))
    }

    /// A copy of `bytes`, unless they are not 32.
    pub(crate) fn copied(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        Some(Self::filled(|key| key.copy_from_slice(bytes)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for KeyBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for KeyBytes {}

/// Holds a type of a dependency to wiping itself: losing the feature that makes it so must not build.
pub(crate) const fn wipes_itself<T: ZeroizeOnDrop>() {}
