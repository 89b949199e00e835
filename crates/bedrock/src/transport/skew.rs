//! How far this machine's clock is from AWS's: signatures are refused that seem five minutes old or from the future.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use domain::Clock;
use time::{Duration, OffsetDateTime};

/// What AWS may be ahead or behind without anything being done about it: safely less than what it refuses.
const TOLERATED: Duration = Duration::minutes(4);

/// How far AWS's clock is ahead of this machine's, in seconds, as its last refusal showed. One for all regions: it is
/// this machine that is wrong.
#[derive(Debug, Default)]
pub(super) struct Skew(AtomicI64);

impl Skew {
    /// What time it is for AWS.
    pub(super) fn now(&self, clock: &dyn Clock) -> OffsetDateTime {
        let ahead = Duration::seconds(self.0.load(Relaxed));
        clock.now().saturating_add(ahead)
    }

    /// Learns from AWS's date of a refusal that came at `believed` that it is another time for AWS. Says whether it is.
    pub(super) fn learn(
        &self,
        clock: &dyn Clock,
        believed: OffsetDateTime,
        date: OffsetDateTime,
    ) -> bool {
        let is_off = (date - believed).abs() > TOLERATED;
        if is_off {
            self.0.store((date - clock.now()).whole_seconds(), Relaxed);
        }
        is_off
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_that_is_wrong_is_seen_through_in_both_directions_and_again() {
        let clock = ManualClock::at(datetime!(2026-11-22 12:00 UTC));
        let skew = Skew::default();
        assert_eq!(skew.now(&clock), clock.now());
        for date in [
            datetime!(2026-11-22 13:00 UTC),
            datetime!(2026-11-21 12:00 UTC),
        ] {
            assert!(skew.learn(&clock, skew.now(&clock), date));
            assert_eq!(skew.now(&clock), date);
        }
        clock.advance(Duration::seconds(5));
        assert_eq!(skew.now(&clock), datetime!(2026-11-21 12:00:05 UTC));
    }

    #[test]
    fn a_clock_that_is_right_enough_is_left_alone() {
        let clock = ManualClock::at(datetime!(2026-11-22 12:00 UTC));
        let skew = Skew::default();
        assert!(!skew.learn(&clock, clock.now(), datetime!(2026-11-22 12:04 UTC)));
        assert_eq!(skew.now(&clock), clock.now());
    }
}
