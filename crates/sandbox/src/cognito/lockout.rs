//! How long a user is locked out after wrong passwords: from the fifth on for a second, then for twice as long each time,
//! up to about 15 minutes. What is tried meanwhile is refused unseen and makes it no longer. A right password, or
//! 15 minutes without a try, begins anew.

use time::{Duration, OffsetDateTime};

const FREE: u32 = 5;
const LONGEST: Duration = Duration::minutes(15);

/// The wrong passwords of one user.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lockout {
    failures: u32,
    last: Option<OffsetDateTime>,
}

impl Lockout {
    /// Whether nothing is looked at now.
    pub(super) fn holds(&self, now: OffsetDateTime) -> bool {
        let Some(over) = self.failures.checked_sub(FREE) else {
            return false;
        };
        let length = Duration::seconds(1_i64 << over.min(10)).min(LONGEST);
        self.last.is_some_and(|last| now < last + length)
    }

    /// Notes a wrong password.
    pub(super) fn fail(&mut self, now: OffsetDateTime) {
        if self.last.is_some_and(|last| now >= last + LONGEST) {
            self.failures = 0;
        }
        self.failures += 1;
        self.last = Some(now);
    }

    /// Notes a right password.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn after(failures: u32) -> (Lockout, OffsetDateTime) {
        let mut lockout = Lockout::default();
        let mut now = START;
        for _ in 0..failures {
            while lockout.holds(now) {
                now += Duration::seconds(1);
            }
            lockout.fail(now);
        }
        (lockout, now)
    }

    #[test]
    fn four_wrong_passwords_are_free() {
        let (lockout, now) = after(4);
        assert!(!lockout.holds(now));
    }

    #[test]
    fn each_failure_from_the_fifth_on_doubles_the_time_up_to_a_quarter_of_an_hour() {
        for (failures, seconds) in [(5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900)] {
            let (lockout, now) = after(failures);
            assert!(
                lockout.holds(now + Duration::seconds(seconds - 1)),
                "{failures}"
            );
            assert!(
                !lockout.holds(now + Duration::seconds(seconds)),
                "{failures}"
            );
        }
    }

    #[test]
    fn a_right_password_or_a_quiet_quarter_of_an_hour_begins_anew() {
        let (mut lockout, now) = after(9);
        lockout.clear();
        lockout.fail(now);
        assert!(!lockout.holds(now));

        let (mut lockout, now) = after(9);
        let later = now + LONGEST;
        lockout.fail(later);
        assert!(!lockout.holds(later));
    }
}
