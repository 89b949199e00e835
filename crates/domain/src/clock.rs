//! Time as an argument, so that tests can move it.

use std::{
    sync::{LazyLock, Mutex},
    time::Instant,
};

use time::{Duration, OffsetDateTime};

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC, in whole microseconds: the precision Postgres keeps.
    fn now(&self) -> OffsetDateTime;

    /// How long since some fixed moment: for measuring, since it never steps as the time of day does.
    fn elapsed(&self) -> Duration;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> OffsetDateTime {
        whole_microseconds(OffsetDateTime::now_utc())
    }

    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        Duration::try_from(START.elapsed()).unwrap_or(Duration::MAX)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<OffsetDateTime>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: OffsetDateTime) -> Self {
        Self(Mutex::new(whole_microseconds(now)))
    }

    /// Moves the clock; a negative duration moves it back.
    pub fn advance(&self, by: Duration) {
        *self.lock() += by;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, OffsetDateTime> {
        // A poisoned clock still tells the time: the value is replaced whole.
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        *self.lock()
    }

    fn elapsed(&self) -> Duration {
        *self.lock() - OffsetDateTime::UNIX_EPOCH
    }
}

fn whole_microseconds(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(at.nanosecond() / 1_000 * 1_000)
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(OffsetDateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), OffsetDateTime::UNIX_EPOCH);
        clock.advance(Duration::seconds(90));
        assert_eq!(
            clock.now(),
            OffsetDateTime::UNIX_EPOCH + Duration::seconds(90)
        );
    }

    #[test]
    fn times_survive_postgres() {
        assert_eq!(SystemClock.now().nanosecond() % 1_000, 0);
    }

    #[test]
    fn what_elapsed_never_steps_back() {
        let before = SystemClock.elapsed();
        assert!(SystemClock.elapsed() >= before && before >= Duration::ZERO);
    }
}
