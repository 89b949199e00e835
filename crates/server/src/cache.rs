//! A bounded cache of what the database said, which never keeps what a change made untrue.
//!
//! A read may have begun before a change and end after it was forgotten. So the number of forgettings is compared
//! around the read, and an entry that a forgetting may have missed is thrown away.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use moka::future::Cache as Entries;

/// Longest that an entry is kept that nobody asks for. Entries in use do not end: the change feed is what keeps them true, a
/// replica that cannot read it stops to believe them, and an outage of the database is no time to ask it anew.
const TIME_TO_IDLE: Duration = Duration::from_secs(3_600);

/// What the database said, by key.
pub(crate) struct Cache<K, V> {
    entries: Entries<K, Arc<V>>,
    forgettings: AtomicU64,
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// A cache of at most `capacity` entries.
    pub(crate) fn new(capacity: u64) -> Self {
        let entries = Entries::builder()
            .max_capacity(capacity)
            .time_to_idle(TIME_TO_IDLE)
            .support_invalidation_closures()
            .build();
        Self {
            entries,
            forgettings: AtomicU64::new(0),
        }
    }

    /// The entry, if it is here.
    pub(crate) async fn peek(&self, key: &K) -> Option<Arc<V>> {
        self.entries.get(key).await
    }

    /// The entry, read if it is not here. That there is none is not kept.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<Arc<V>>, E> {
        if let Some(value) = self.entries.get(&key).await {
            return Ok(Some(value));
        }
        let before = self.forgettings.load(SeqCst);
        let Some(value) = read.await? else {
            return Ok(None);
        };
        let value = Arc::new(value);
        self.entries.insert(key.clone(), Arc::clone(&value)).await;
        if self.forgettings.load(SeqCst) != before {
            self.entries.invalidate(&key).await;
        }
        Ok(Some(value))
    }

    /// Forgets the entries that `doomed` names.
    pub(crate) fn forget(&self, doomed: impl Fn(&V) -> bool + Send + Sync + 'static) {
        self.forgettings.fetch_add(1, SeqCst);
        if self
            .entries
            .invalidate_entries_if(move |_, value| doomed(value))
            .is_err()
        {
            // Only a cache built without closures refuses them; forgetting all is always right.
            self.entries.invalidate_all();
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.forgettings.fetch_add(1, SeqCst);
        self.entries.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    async fn get(cache: &Cache<u8, u8>, key: u8, value: u8) -> u8 {
        *cache
            .get::<Infallible>(key, async { Ok(Some(value)) })
            .await
            .unwrap()
            .unwrap()
    }

    #[tokio::test]
    async fn what_is_here_is_not_read_again() {
        let cache = Cache::new(10);
        assert_eq!(get(&cache, 1, 10).await, 10);
        assert_eq!(get(&cache, 1, 11).await, 10);
        cache.forget(|value| *value == 99);
        assert_eq!(get(&cache, 1, 11).await, 10);
        cache.forget(|value| *value == 10);
        assert_eq!(get(&cache, 1, 11).await, 11);
        cache.forget_all();
        assert_eq!(get(&cache, 1, 12).await, 12);
    }

    #[tokio::test]
    async fn absence_is_not_kept() {
        let cache: Cache<u8, u8> = Cache::new(10);
        assert_eq!(
            cache.get::<Infallible>(1, async { Ok(None) }).await,
            Ok(None)
        );
        assert_eq!(get(&cache, 1, 10).await, 10);
    }

    #[tokio::test]
    async fn a_read_that_a_change_overtook_is_not_kept() {
        let cache = Cache::new(10);
        let stale = cache
            .get::<Infallible>(1, async {
                cache.forget(|value| *value == 10);
                Ok(Some(10))
            })
            .await;
        assert_eq!(stale.unwrap().as_deref(), Some(&10));
        assert_eq!(cache.peek(&1).await, None);
    }
}
