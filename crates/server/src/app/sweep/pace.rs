//! How fast the sweep goes, and chance, so that what began together does not go on together.

use std::{iter, time::Duration};

use domain::Entropy;
use rand::Rng;
use time::OffsetDateTime;

use crate::app::connections::Expiry;

/// How often connections are looked at, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepSettings {
    /// From one look at a connection to the next.
    pub interval: time::Duration,
    /// The most calls to AWS in a minute, over all tenants.
    pub calls_per_minute: u32,
    /// The longest that a look may take.
    pub longest_look: Duration,
}

/// After a look that told nothing for sure.
const AGAIN: time::Duration = time::Duration::minutes(15);

impl SweepSettings {
    /// Long enough for a test and its models, and shorter than the lease.
    pub const LONGEST_LOOK: Duration = Duration::from_secs(45);

    /// How long to rest after so many calls.
    pub(super) fn rest_after(&self, calls: u32) -> Duration {
        Duration::from_secs(60) * calls / self.calls_per_minute.max(1)
    }

    /// When to look again: about an interval later, and when a key begins to end or ends.
    pub(super) fn next(
        &self,
        expiry: Option<Expiry>,
        now: OffsetDateTime,
        entropy: &dyn Entropy,
    ) -> OffsetDateTime {
        let usual = now + self.interval * between(0.9, 1.1, entropy);
        let moments = expiry.map(|expiry| [expiry.told_from, expiry.end]);
        let moments = moments.into_iter().flatten().filter(|at| *at > now);
        moments.fold(usual, Ord::min)
    }

    /// When to look again after a look that told nothing for sure.
    pub(super) fn soon(&self, now: OffsetDateTime, entropy: &dyn Entropy) -> OffsetDateTime {
        now + AGAIN.min(self.interval) * between(0.9, 1.1, entropy)
    }
}

/// A rest in parts of which none is longer than that.
pub(super) fn parts(rest: Duration, longest: Duration) -> impl Iterator<Item = Duration> {
    let mut left = rest;
    iter::from_fn(move || {
        let part = left.min(longest);
        left -= part;
        (!part.is_zero()).then_some(part)
    })
}

/// As long, or up to half as long again.
pub(super) fn stretched(rest: Duration, entropy: &dyn Entropy) -> Duration {
    rest.mul_f64(between(1.0, 1.5, entropy))
}

fn between(from: f64, to: f64, entropy: &dyn Entropy) -> f64 {
    let chance = f64::from(entropy.rng().next_u32()) / f64::from(u32::MAX);
    from + (to - from) * chance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_rest_has_short_parts() {
        let seconds = |rest| -> Vec<u64> {
            let parts = parts(Duration::from_secs(rest), Duration::from_secs(30));
            parts.map(|part| part.as_secs()).collect()
        };
        assert_eq!(seconds(0), [0; 0]);
        assert_eq!(seconds(20), [20]);
        assert_eq!(seconds(30), [30]);
        assert_eq!(seconds(100), [30, 30, 30, 10]);
    }
}
