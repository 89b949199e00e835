//! Chance, so that what began together does not go on together.

use domain::Entropy;
use rand_core::Rng;

/// Any number from `from` to `to`.
pub(super) fn between(from: f64, to: f64, entropy: &dyn Entropy) -> f64 {
    let chance = f64::from(entropy.rng().next_u32()) / f64::from(u32::MAX);
    from + (to - from) * chance
}
