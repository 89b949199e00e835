//! Tokens that were met a moment ago. What is remembered is never believed: it only saves or spares a look-up.

use std::{hash::Hash, sync::Arc};

use domain::Clock;
use moka::future::Cache;
use time::{Duration, OffsetDateTime};

/// About 150 bytes each. What is met often is the last to be dropped, so a flood of new ones drops itself.
const CAPACITY: u64 = 20_000;

/// What was met within some time.
pub(super) struct Recent<T> {
    clock: Arc<dyn Clock>,
    lasts: Duration,
    met: Cache<T, OffsetDateTime>,
}

impl<T: Hash + Eq + Clone + Send + Sync + 'static> Recent<T> {
    pub(super) fn new(lasts: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            lasts,
            met: Cache::new(CAPACITY),
        }
    }

    pub(super) async fn meet(&self, token: T) {
        self.met.insert(token, self.clock.now()).await;
    }

    pub(super) async fn has_met(&self, token: &T) -> bool {
        let met = self.met.get(token).await;
        met.is_some_and(|at| self.clock.now() - at < self.lasts)
    }

    pub(super) async fn forget(&self, token: &T) {
        self.met.invalidate(token).await;
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;

    use super::*;

    #[tokio::test]
    async fn a_meeting_is_remembered_for_so_long() {
        let clock = Arc::new(ManualClock::at(OffsetDateTime::UNIX_EPOCH));
        let recent = Recent::new(Duration::seconds(60), Arc::clone(&clock) as Arc<dyn Clock>);
        assert!(!recent.has_met(&1).await);
        recent.meet(1).await;
        clock.advance(Duration::seconds(59));
        assert!(recent.has_met(&1).await && !recent.has_met(&2).await);
        clock.advance(Duration::seconds(1));
        assert!(!recent.has_met(&1).await);
        recent.meet(1).await;
        recent.forget(&1).await;
        assert!(!recent.has_met(&1).await);
    }
}
