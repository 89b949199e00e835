//! Unguessable bytes: the one place that asks the operating system.

use rand::{rand_core::UnwrapErr, rngs::SysRng};

/// The operating system's random source. It fails only on a machine on which nothing can be kept secret, and panics there.
pub(crate) type Random = UnwrapErr<SysRng>;

/// A handle on it.
pub(crate) const fn random() -> Random {
    UnwrapErr(SysRng)
}
