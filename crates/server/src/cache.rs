//! A bounded cache of what the database said, which never keeps what a change made untrue.
//!
//! Who misses while the same is being read waits for that read first, and reads by itself only if it brought nothing.
//!
//! A read may have begun before a change and end after it was forgotten. So the number of forgettings is compared
//! around the read, and an entry that a forgetting may have missed is thrown away.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use moka::future::Cache as Entries;
use tokio::sync::Mutex;

/// Longest that an entry is kept that nobody asks for. Entries in use do not end: the change feed is what keeps them true, a
/// replica that cannot read it stops to believe them, and an outage of the database is no time to ask it anew.
const TIME_TO_IDLE: Duration = Duration::from_secs(3_600);

/// How many keys can be read at a time without waiting for each other.
const TURNS: usize = 64;

/// What the database said, by key.
pub(crate) struct Cache<K, V> {
    entries: Entries<K, Arc<V>>,
    forgettings: AtomicU64,
    /// Held by who reads; by hash of the key, so that some keys share one.
    turns: [Mutex<()>; TURNS],
    hasher: RandomState,
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
            turns: [const { Mutex::const_new(()) }; TURNS],
            hasher: RandomState::new(),
        }
    }

    /// The entry, if it is here.
    pub(crate) async fn peek(&self, key: &K) -> Option<Arc<V>> {
        self.entries.get(key).await
    }

    /// The entry, read if it is not here. That there is none is not kept.
    pub(crate) async fn get<E, F>(
        &self,
        key: K,
        read: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, E>
    where
        F: Future<Output = Result<Option<V>, E>>,
    {
        match self.entries.get(&key).await {
            Some(value) => Ok(Some(value)),
            // On the heap: it is rare, and futures that hold it stay small.
            None => Box::pin(self.fill(key, read)).await,
        }
    }

    async fn fill<E, F>(&self, key: K, read: impl FnOnce() -> F) -> Result<Option<Arc<V>>, E>
    where
        F: Future<Output = Result<Option<V>, E>>,
    {
        let turn = usize::try_from(self.hasher.hash_one(&key) % TURNS as u64);
        let turn = &self.turns[turn.unwrap_or_default()];
        let reading = turn.try_lock();
        if reading.is_err() {
            drop(turn.lock().await);
            if let Some(value) = self.entries.get(&key).await {
                return Ok(Some(value));
            }
        }
        let before = self.forgettings.load(SeqCst);
        let Some(value) = read().await? else {
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

    use futures_util::future::join_all;

    use super::*;

    async fn get(cache: &Cache<u8, u8>, key: u8, value: u8) -> u8 {
        *cache
            .get(key, async || Ok::<_, Infallible>(Some(value)))
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
            cache.get(1, async || Ok::<_, Infallible>(None)).await,
            Ok(None)
        );
        assert_eq!(get(&cache, 1, 10).await, 10);
    }

    #[tokio::test]
    async fn who_misses_together_reads_once() {
        let cache = Cache::new(10);
        let reads = AtomicU64::new(0);
        let read = || {
            cache.get(1, async || {
                reads.fetch_add(1, SeqCst);
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(Some(10))
            })
        };
        let values = join_all((0..64).map(|_| read())).await;
        assert!(
            values
                .into_iter()
                .all(|value| *value.unwrap().unwrap() == 10)
        );
        assert_eq!(reads.load(SeqCst), 1);
    }

    #[tokio::test]
    async fn a_read_that_brings_nothing_holds_up_nobody_for_long() {
        let cache: Cache<u8, u8> = Cache::new(10);
        let (under_way, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let read = || {
            cache.get(1, async || {
                most.fetch_max(under_way.fetch_add(1, SeqCst) + 1, SeqCst);
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                under_way.fetch_sub(1, SeqCst);
                Err("away")
            })
        };
        let values = join_all((0..64).map(|_| read())).await;
        assert!(values.into_iter().all(|value| value == Err("away")));
        assert_eq!(most.load(SeqCst), 63, "after the first one all at once");
    }

    #[tokio::test]
    async fn a_read_that_a_change_overtook_is_not_kept() {
        let cache = Cache::new(10);
        let stale = cache
            .get(1, async || {
                cache.forget(|value| *value == 10);
                Ok::<_, Infallible>(Some(10))
            })
            .await;
        assert_eq!(stale.unwrap().as_deref(), Some(&10));
        assert_eq!(cache.peek(&1).await, None);
    }
}
