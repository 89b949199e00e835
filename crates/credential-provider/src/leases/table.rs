//! The accesses in use, a bounded number of them.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use domain::{Clock, TenantId};
use time::Duration;

use super::{
    LeaseKey,
    entry::{Entry, Slots},
    key::Owner,
};

/// How often ended leases are looked for, at most.
const TIDIED_EVERY: Duration = Duration::seconds(60);
/// The part of a full table that is given up at once, so that not each newcomer has to look for the least used.
const GIVEN_UP: usize = 16;

/// The accesses in use. What is looked at is looked at under the table's lock: nobody goes on with an entry that was
/// forgotten meanwhile.
pub(super) struct Table {
    capacity: usize,
    clock: Arc<dyn Clock>,
    rows: RwLock<Rows>,
}

struct Rows {
    entries: HashMap<Owner, Arc<Entry>>,
    tidied: Duration,
}

impl Table {
    pub(super) fn new(capacity: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            capacity: capacity.max(1),
            rows: RwLock::new(Rows {
                entries: HashMap::new(),
                tidied: clock.elapsed(),
            }),
            clock,
        }
    }

    /// Lets `act` see what is known about the key's access, even if that is nothing.
    pub(super) fn visit<T>(
        &self,
        key: &LeaseKey,
        act: impl FnOnce(&Arc<Entry>, &mut Slots) -> T,
    ) -> T {
        if let Some(entry) = self.read().entries.get(&key.owner()) {
            return act(entry, &mut entry.lock());
        }
        let mut rows = self.write();
        self.make_room(&mut rows);
        let entry = rows.entries.entry(key.owner()).or_default();
        act(entry, &mut entry.lock())
    }

    /// Lets `act` see what is known about the key's access, if something is.
    pub(super) fn peek(&self, key: &LeaseKey, act: impl FnOnce(&mut Slots)) {
        if let Some(entry) = self.read().entries.get(&key.owner()) {
            act(&mut entry.lock());
        }
    }

    /// Forgets one access.
    pub(super) fn forget(&self, owner: Owner) {
        if let Some(entry) = self.write().entries.remove(&owner) {
            entry.lock().strike();
        }
    }

    /// Forgets the accesses of the tenants that `is_doomed` names.
    pub(super) fn forget_tenants(&self, is_doomed: impl Fn(TenantId) -> bool) {
        self.write().entries.retain(|(tenant, _), entry| {
            let is_doomed = is_doomed(*tenant);
            if is_doomed {
                entry.lock().strike();
            }
            !is_doomed
        });
    }

    /// How many leases there are, or might soon be.
    pub(super) fn leases(&self) -> usize {
        let rows = self.read();
        rows.entries
            .values()
            .map(|entry| entry.lock().leases())
            .sum()
    }

    /// Drops what has ended, now and then, and what was used least lately, if there is no room. What is on its way stays:
    /// its access would otherwise be fetched twice at a time.
    fn make_room(&self, rows: &mut Rows) {
        let elapsed = self.clock.elapsed();
        let is_full = rows.entries.len() >= self.capacity;
        if !is_full && elapsed - rows.tidied < TIDIED_EVERY {
            return;
        }
        rows.tidied = elapsed;
        rows.entries.retain(|_, entry| {
            let mut slots = entry.lock();
            slots.tidy(&*self.clock);
            !slots.is_empty()
        });
        if rows.entries.len() >= self.capacity {
            self.give_up_least_used(rows);
        }
    }

    fn give_up_least_used(&self, rows: &mut Rows) {
        let idle_since =
            |(owner, entry): (&Owner, &Arc<Entry>)| Some((entry.lock().idle_since()?, *owner));
        let mut idle: Vec<_> = rows.entries.iter().filter_map(idle_since).collect();
        let surplus = rows.entries.len() + 1 - self.capacity;
        let many = surplus.max(self.capacity / GIVEN_UP).min(idle.len());
        if many < idle.len() {
            idle.select_nth_unstable(many);
        }
        for (_, owner) in idle.drain(..many) {
            rows.entries.remove(&owner);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rows> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}
