//! The cache of leases: one fetch however many wait, refreshed ahead while in use, and never a lease that has ended, was
//! refused, or belongs to a revision of the access that is gone.
//!
//! A fetch is a task of its own, limited in time, one at a time for each access. What fails is not tried again before it
//! had some rest, and a refused password not at all. Nothing here is written anywhere, and no lease outlives a
//! disconnect: whoever follows changes calls the `forget` functions, and each fetch asks [`Accesses::is_current`] before
//! its lease is believed.

mod accesses;
mod counts;
mod entry;
mod failure;
mod fetch;
mod flight;
mod held;
mod jitter;
mod key;
mod slot;
mod table;
#[cfg(test)]
mod tests;

use std::{fmt, ops::ControlFlow, sync::Arc, time::Duration};

use domain::{AccessId, TenantId};

pub use self::{
    accesses::{Accesses, Occasion},
    counts::LeaseCounts,
    key::{LeaseKey, PolicyHash},
};
use self::{counts::Counters, fetch::launch, flight::Why, slot::Finding, table::Table};
use crate::{Aws, Lease, Result};

/// What bounds the cache.
#[derive(Debug, Clone, Copy)]
pub struct LeasesSettings {
    /// The most accesses that leases are kept of.
    pub capacity: usize,
    /// The longest that making a lease may take, its calls and their retries together.
    pub limit: Duration,
}

impl Default for LeasesSettings {
    fn default() -> Self {
        Self {
            capacity: 20_000,
            limit: Duration::from_secs(20),
        }
    }
}

/// The leases of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Leases(Arc<Inner>);

struct Inner {
    aws: Aws,
    accesses: Arc<dyn Accesses>,
    limit: Duration,
    table: Table,
    counts: Counters,
}

impl Leases {
    /// No leases yet.
    pub fn new(aws: Aws, accesses: Arc<dyn Accesses>, settings: LeasesSettings) -> Self {
        Self(Arc::new(Inner {
            table: Table::new(settings.capacity, Arc::clone(aws.clock())),
            aws,
            accesses,
            limit: settings.limit,
            counts: Counters::default(),
        }))
    }

    /// A lease: the one at hand, or else a new one, fetched for everybody who waits for it.
    ///
    /// # Errors
    /// Why none can be made; if that was found out lately, at once. [`Error::Superseded`](crate::Error::Superseded) if
    /// the access was changed or forgotten meanwhile: look at it again.
    pub async fn get(&self, key: &LeaseKey) -> Result<Lease> {
        let Self(inner) = self;
        let clock = &**inner.aws.clock();
        let found = inner
            .table
            .visit(key, |entry, slots| match slots.find(key, clock) {
                Finding::Lease(lease) => ControlFlow::Break(Ok(lease)),
                Finding::Due(lease) => {
                    launch(inner, entry, slots, key, Why::Due);
                    ControlFlow::Break(Ok(lease))
                }
                Finding::Failed(error) => ControlFlow::Break(Err(error)),
                Finding::Nothing => ControlFlow::Continue(match slots.slot(key).first_flight() {
                    Some(flight) => flight.join(),
                    None => launch(inner, entry, slots, key, Why::Missing),
                }),
            });
        match found {
            ControlFlow::Break(result) => {
                match result {
                    Ok(_) => inner.counts.hits.count(),
                    Err(_) => inner.counts.rests.count(),
                }
                result
            }
            ControlFlow::Continue(outcome) => {
                inner.counts.misses.count();
                outcome.wait().await
            }
        }
    }

    /// A lease made after this was called, for a person who tests a connection: neither the one at hand nor a failure
    /// of lately will do, and a refused password is tried again, once.
    ///
    /// # Errors
    /// Why none can be made now. What AWS refuses ends the lease at hand too.
    pub async fn renew(&self, key: &LeaseKey) -> Result<Lease> {
        let Self(inner) = self;
        let outcome =
            inner
                .table
                .visit(key, |entry, slots| match slots.slot(key).waiting_flight() {
                    Some(flight) => {
                        flight.why = Why::Test;
                        flight.join()
                    }
                    None => launch(inner, entry, slots, key, Why::Test),
                });
        outcome.wait().await
    }

    /// Gives up a lease that AWS did not accept, such as one whose session was revoked: the next call fetches another.
    /// One that is only seconds old stays, for another would fare no better.
    pub fn discard(&self, key: &LeaseKey, lease: &Lease) {
        let Self(inner) = self;
        inner.table.peek(key, |slots| {
            slots.discard(key, lease, &**inner.aws.clock());
        });
    }

    /// Forgets the leases of an access that was changed or removed, and strikes what is on its way: whoever waits for it
    /// is told [`Error::Superseded`](crate::Error::Superseded).
    pub fn forget(&self, tenant: TenantId, access: AccessId) {
        self.0.table.forget((tenant, access));
    }

    /// The same for all accesses of a tenant.
    pub fn forget_tenant(&self, tenant: TenantId) {
        self.0.table.forget_tenants(|doomed| doomed == tenant);
    }

    /// The same for everybody, when it is not known what has changed.
    pub fn forget_all(&self) {
        self.0.table.forget_tenants(|_| true);
    }

    /// What the cache did so far. Looks at everything in it: for metrics, not for each call.
    pub fn counts(&self) -> LeaseCounts {
        self.0.counts.read(self.0.table.leases())
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").finish_non_exhaustive()
    }
}
