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
        Failed::Refused(refusal) => refusal.error.aws().and_then(|aws| aws.retry_after),
        Failed::Unsent(_) | Failed::Lost(_) => None,
    };
    let asked = asked.unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use credential_provider::{AwsError, Error};
    use http::{HeaderMap, header::RETRY_AFTER};

    use super::{super::refusal::Refusal, *};

    /// Chance that is no chance.
    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn overloaded(retry_after: Option<&str>) -> Failed {
        let headers = retry_after.map(|seconds| (RETRY_AFTER, seconds.parse().unwrap()));
        let headers = HeaderMap::from_iter(headers);
        let aws = AwsError::new("Converse", 529, "overloaded_error", "", None);
        Failed::Refused(Refusal::new(aws, &headers))
    }

    /// How many milliseconds it is waited, if it is sent again.
    fn millis(failed: &Failed, retries: u32, chance: u8) -> Option<u128> {
        pause(failed, retries, &Always(chance)).map(|pause| pause.as_millis())
    }

    #[test]
    fn pauses_grow_and_chance_shortens_them() {
        let error = Error::Unreachable { operation: "x" };
        for failed in [overloaded(None), Failed::Unsent(error)] {
            assert_eq!(millis(&failed, 0, 0), Some(200));
            assert_eq!(millis(&failed, 0, 128), Some(150));
            assert_eq!(millis(&failed, 1, 0), Some(400));
            assert_eq!(millis(&failed, 2, 0), None);
        }
    }

    #[test]
    fn aws_is_not_asked_before_it_wants_to_be_nor_is_anybody_kept_waiting_for_long() {
        assert_eq!(millis(&overloaded(Some("3")), 0, 0), Some(3_000));
        assert_eq!(millis(&overloaded(Some("0")), 0, 0), Some(200));
        assert_eq!(millis(&overloaded(Some("60")), 0, 0), None);
    }

    #[test]
    fn what_may_have_been_heard_is_not_sent_again() {
        let lost = Failed::Lost(Error::Unreachable { operation: "x" });
        assert_eq!(millis(&lost, 0, 0), None);
    }
}
