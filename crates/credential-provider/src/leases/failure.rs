//! A fetch that failed, and until when it is not tried again.

use domain::Entropy;
use time::Duration;

use super::jitter;
use crate::Error;

/// How long a no of AWS's is taken for an answer.
const REJECTED: Duration = Duration::seconds(30);
/// How long an outage is waited for at first; each further failure doubles it.
const FIRST: Duration = Duration::seconds(1);
/// The longest, jitter and all, that AWS is given to recover, and that our own storage is.
const LONGEST: Duration = Duration::seconds(60);
const LONGEST_OURS: Duration = Duration::seconds(5);
/// By how much a wait may be longer than it need be.
const SPREAD: f64 = 1.5;

pub(super) struct Failure {
    error: Error,
    in_a_row: u32,
    rests_until: Duration,
}

impl Failure {
    /// Notes that a fetch failed now, which is `elapsed`, after `last` failed.
    pub(super) fn after(
        last: Option<&Self>,
        error: Error,
        elapsed: Duration,
        entropy: &dyn Entropy,
    ) -> Self {
        let in_a_row = last.map_or(1, |last| last.in_a_row.saturating_add(1));
        Self {
            rests_until: elapsed.saturating_add(rest(&error, in_a_row, entropy)),
            error,
            in_a_row,
        }
    }

    pub(super) const fn error(&self) -> &Error {
        &self.error
    }

    pub(super) fn rests(&self, elapsed: Duration) -> bool {
        elapsed < self.rests_until
    }
}

fn rest(error: &Error, in_a_row: u32, entropy: &dyn Entropy) -> Duration {
    if !error.is_temporary() {
        return REJECTED * jitter::between(1.0, 1.2, entropy);
    }
    let longest = match error {
        Error::Unavailable => LONGEST_OURS,
        _ => LONGEST,
    };
    let doubled = FIRST * 2_i32.saturating_pow(in_a_row - 1);
    doubled.min(longest / SPREAD) * jitter::between(1.0, SPREAD, entropy)
}
