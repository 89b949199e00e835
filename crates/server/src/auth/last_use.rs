//! When keys were last used: collected here, written behind the answers. A process that dies loses a minute at most.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{KeyId, TenantId};
use store::{Store, api_keys};
use time::OffsetDateTime;

#[derive(Default)]
pub(super) struct LastUse(Mutex<HashMap<TenantId, HashMap<KeyId, OffsetDateTime>>>);

impl LastUse {
    pub(super) fn note(&self, space: TenantId, key: KeyId, now: OffsetDateTime) {
        self.lock().entry(space).or_default().insert(key, now);
    }

    /// Writes what was collected. What cannot be written is dropped: it is a hint, not a record.
    pub(super) async fn flush(&self, store: &Store, now: OffsetDateTime) -> store::Result<()> {
        let collected = mem::take(&mut *self.lock());
        for (space, used) in collected {
            let mut used: Vec<_> = used.into_iter().collect();
            // Two replicas that lock the same rows do so in the same order.
            used.sort_unstable_by_key(|(key, _)| *key);
            let mut tx = match store.write(space).await {
                Err(store::Error::TenantGone) => continue,
                tx => tx?,
            };
            api_keys::touch(&mut tx, &used).await?;
            tx.commit(&[], now).await?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, HashMap<KeyId, OffsetDateTime>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
