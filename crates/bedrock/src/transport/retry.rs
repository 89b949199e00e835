//! When a request is sent again, and after what pause.

use std::time::Duration;

use domain::Entropy;

use super::attempt::Failed;

/// How often a request is sent again. It does not count when only the time of its signature was wrong.
const RETRIES: u32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest that AWS may ask to wait. Who is asked to wait longer is told so instead.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long to wait before the request is sent again after it failed; `None` if it is not.
pub(super) fn pause(failed: &Failed, retries: u32, entropy: &dyn Entropy) -> Option<Duration> {
    let asked = match failed {
        Failed::Refused(refusal) => refusal.retry_after.unwrap_or_default(),
        Failed::Unsent(_) | Failed::Lost(_) => Duration::ZERO,
    };
    let goes_on = retries < RETRIES && failed.is_passing() && asked <= LONGEST_PAUSE;
    goes_on.then(|| asked.max(backoff(retries, entropy)))
}

/// Twice as long each time, less up to a half of it, so that what failed together does not come back together.
fn backoff(retries: u32, entropy: &dyn Entropy) -> Duration {
    let mut chance = [0];
    entropy.fill(&mut chance);
    let whole = FIRST_PAUSE * 2_u32.pow(retries);
    whole - whole / 2 * u32::from(chance[0]) / 256
}
