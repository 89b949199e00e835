//! The task that makes a lease.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use tokio::time::timeout;

use super::{
    Inner, LeaseKey,
    entry::{Entry, Slots},
    flight::{self, Flight, FlightId, Outcome, Teller, Why},
};
use crate::{Error, Lease, Result};

/// What a time limit names that none of the calls to AWS has kept.
const OPERATION: &str = "the request for credentials";

/// Sends a fetch on its way.
pub(super) fn launch(
    inner: &Arc<Inner>,
    entry: &Arc<Entry>,
    slots: &mut Slots,
    key: &LeaseKey,
    why: Why,
) -> Outcome {
    let id = slots.next_flight();
    let (teller, outcome) = flight::outcome();
    let fetch = Fetch {
        inner: Arc::clone(inner),
        entry: Arc::clone(entry),
        key: key.clone(),
        id,
        is_refresh: why == Why::Due,
    };
    let task = tokio::spawn(fetch.run(teller)).abort_handle();
    slots
        .slot(key)
        .add(Flight::new(id, why, task, outcome.clone()));
    outcome
}

struct Fetch {
    inner: Arc<Inner>,
    entry: Arc<Entry>,
    key: LeaseKey,
    id: FlightId,
    is_refresh: bool,
}

impl Fetch {
    /// Waits for its turn, makes a lease, puts it down and tells. Waiting and making have a limit each: what gets its
    /// turn late still has the time it needs.
    async fn run(self, teller: Teller) {
        let limit = self.inner.limit;
        // The turn is kept until the lease is put down, so that leases are put down in the order they were asked for.
        let turn = timeout(limit, self.entry.turn.lock()).await;
        let result = match &turn {
            Ok(_) => timeout(limit, self.begin())
                .await
                .unwrap_or_else(|_| self.too_late()),
            Err(_) => self.too_late(),
        };
        // From here on nothing is awaited: putting down strikes the flight, which is this very task.
        teller.tell(self.settle(result));
    }

    fn too_late(&self) -> Result<Lease> {
        Err(Error::TimedOut {
            operation: OPERATION,
            limit: self.inner.limit,
        })
    }

    async fn begin(&self) -> Result<Lease> {
        let why = self.entry.lock().begin(&self.key, self.id)?;
        let counts = &self.inner.counts;
        counts.fetches.count();
        if self.is_refresh {
            counts.refreshes.count();
        }
        AssertUnwindSafe(self.make(why))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                let LeaseKey { tenant, access, .. } = &self.key;
                tracing::error!(%tenant, %access, "the making of a lease panicked");
                Err(Error::Unavailable)
            })
    }

    /// Makes a lease over connections and with a retry budget that are this fetch's alone, so that an access that hangs
    /// or is throttled costs no other one anything.
    async fn make(&self, why: Why) -> Result<Lease> {
        let Self { inner, key, .. } = self;
        let strategy = inner.accesses.strategy(key, why.occasion()).await?;
        let lease = strategy.lease(&inner.aws.isolated(), &key.region).await?;
        if inner.accesses.is_current(key).await? {
            Ok(lease)
        } else {
            Err(Error::Superseded)
        }
    }

    fn settle(&self, result: Result<Lease>) -> Result<Lease> {
        let aws = &self.inner.aws;
        let mut slots = self.entry.lock();
        let settled = slots.settle(self.id, result, &**aws.clock(), aws.entropy());
        if let Err(error) = &settled {
            self.inner.counts.failures.count();
            // Nobody waits for a refresh; whoever waits for another fetch tells of its failure.
            if self.is_refresh {
                let LeaseKey { tenant, access, .. } = &self.key;
                tracing::warn!(%tenant, %access, %error, "a lease could not be refreshed");
            }
        }
        settled
    }
}
