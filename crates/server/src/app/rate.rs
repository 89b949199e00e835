//! How often somebody may do something that costs somebody else: a bucket that fills up again.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::Clock;
use time::Duration;

/// The most buckets that are kept; beyond it, those that are full again are dropped …
const CAPACITY: usize = 20_000;
/// … and no more often than so: to look for them takes as long as many requests.
const SWEPT_EVERY: Duration = Duration::SECOND;

/// A bucket for each key, on this replica.
pub(super) struct Rate<K> {
    clock: Arc<dyn Clock>,
    /// How many at once.
    burst: u32,
    /// How long until one more.
    every: Duration,
    buckets: Mutex<Buckets<K>>,
}

struct Buckets<K> {
    /// Per key: until when its bucket is not full.
    full_at: HashMap<K, Duration>,
    swept_at: Duration,
}

impl<K: Hash + Eq> Rate<K> {
    pub(super) fn new(clock: Arc<dyn Clock>, burst: u32, every: Duration) -> Self {
        Self {
            clock,
            burst,
            every,
            buckets: Mutex::new(Buckets {
                full_at: HashMap::new(),
                swept_at: Duration::ZERO,
            }),
        }
    }

    /// Takes one out of a bucket.
    ///
    /// # Errors
    /// The seconds to wait, if it is empty.
    pub(super) fn take(&self, key: K) -> Result<(), u64> {
        let now = self.clock.elapsed();
        let mut buckets = self.lock(now);
        let at = buckets.full_at.entry(key).or_insert(now);
        let filled = (*at).max(now) + self.every;
        self.wait(filled, now)?;
        *at = filled;
        Ok(())
    }

    /// Looks whether one could be taken.
    ///
    /// # Errors
    /// The seconds to wait, if the bucket is empty.
    pub(super) fn look(&self, key: &K) -> Result<(), u64> {
        let now = self.clock.elapsed();
        let at = self.lock(now).full_at.get(key).copied().unwrap_or(now);
        self.wait(at.max(now) + self.every, now)
    }

    /// Takes as many as were used, also more than there are: who comes next waits the longer.
    pub(super) fn charge(&self, key: K, count: u32) {
        let now = self.clock.elapsed();
        let mut buckets = self.lock(now);
        let at = buckets.full_at.entry(key).or_insert(now);
        *at = (*at).max(now) + self.every * count;
    }

    fn wait(&self, filled: Duration, now: Duration) -> Result<(), u64> {
        let wait = filled - now - self.every * self.burst;
        if wait.is_positive() {
            Err(u64::try_from(wait.whole_seconds()).unwrap_or(0) + 1)
        } else {
            Ok(())
        }
    }

    fn lock(&self, now: Duration) -> MutexGuard<'_, Buckets<K>> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.full_at.len() >= CAPACITY && now >= buckets.swept_at + SWEPT_EVERY {
            buckets.full_at.retain(|_, at| *at > now);
            buckets.swept_at = now;
        }
        buckets
    }
}

#[cfg(test)]
mod tests {
    use domain::{ManualClock, TenantId};
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_up_again_and_is_one_tenants() {
        let clock = Arc::new(ManualClock::at(OffsetDateTime::UNIX_EPOCH));
        let rate = Rate::new(clock.clone(), 2, Duration::seconds(10));
        let [one, two] = [1, 2].map(|n| TenantId::from(Uuid::from_u128(n)));
        assert_eq!(rate.take(one), Ok(()));
        assert_eq!(rate.take(one), Ok(()));
        assert_eq!(rate.take(one), Err(11));
        assert_eq!(rate.take(two), Ok(()));
        clock.advance(Duration::seconds(10));
        assert_eq!(rate.take(one), Ok(()));
        assert!(rate.take(one).is_err());
    }

    #[test]
    fn buckets_that_are_full_again_are_dropped_and_looked_for_once_a_second() {
        let clock = Arc::new(ManualClock::at(OffsetDateTime::UNIX_EPOCH));
        let rate = Rate::new(clock.clone(), 1, Duration::milliseconds(100));
        let kept = || rate.buckets.lock().unwrap().full_at.len();
        clock.advance(Duration::SECOND);
        for key in 0..CAPACITY {
            assert_eq!(rate.take(key), Ok(()));
        }
        assert_eq!(rate.take(CAPACITY), Ok(()));
        assert_eq!(kept(), CAPACITY + 1, "none of them is full yet");
        clock.advance(Duration::milliseconds(500));
        assert_eq!(rate.take(CAPACITY + 1), Ok(()));
        assert_eq!(kept(), CAPACITY + 2, "it was looked a moment ago");
        clock.advance(Duration::milliseconds(500));
        assert_eq!(rate.take(CAPACITY + 2), Ok(()));
        assert_eq!(kept(), 1);
    }
}
