//! How often a tenant may do something that costs somebody else: a bucket that fills up again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Clock, TenantId};
use time::Duration;

/// The most tenants that are counted; beyond it, those whose buckets are full again are dropped.
const CAPACITY: usize = 20_000;

/// A bucket for each tenant, on this replica.
pub(super) struct Rate {
    clock: Arc<dyn Clock>,
    /// How many at once.
    burst: u32,
    /// How long until one more.
    every: Duration,
    /// Per tenant: until when its bucket is not full.
    full_at: Mutex<HashMap<TenantId, Duration>>,
}

impl Rate {
    pub(super) fn new(clock: Arc<dyn Clock>, burst: u32, every: Duration) -> Self {
        Self {
            clock,
            burst,
            every,
            full_at: Mutex::default(),
        }
    }

    /// Takes one out of the tenant's bucket.
    ///
    /// # Errors
    /// The seconds to wait, if it is empty.
    pub(super) fn take(&self, tenant: TenantId) -> Result<(), u64> {
        let now = self.clock.elapsed();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= CAPACITY {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.entry(tenant).or_insert(now);
        let filled = (*at).max(now) + self.every;
        let wait = filled - now - self.every * self.burst;
        if wait.is_positive() {
            return Err(u64::try_from(wait.whole_seconds()).unwrap_or(0) + 1);
        }
        *at = filled;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;
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
}
