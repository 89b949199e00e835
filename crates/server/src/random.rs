//! Unguessable bytes: the one place that asks the operating system.

use domain::Entropy;
use rand::{Rng, rand_core::UnwrapErr, rngs::SysRng};

/// The operating system's random source. It fails only on a machine on which nothing can be kept secret, and panics there.
pub(crate) type Random = UnwrapErr<SysRng>;

/// A handle on it.
pub(crate) const fn random() -> Random {
    UnwrapErr(SysRng)
}

/// The same, for what holds on to its source.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        random().fill_bytes(bytes);
    }
}
