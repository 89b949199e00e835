//! What the cache did, in numbers, for whoever shows metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What a cache did since it was made, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeaseCounts {
    /// Calls that found a lease.
    pub hits: u64,
    /// Calls that had to wait for a fetch.
    pub misses: u64,
    /// Calls that were told of a failure without another attempt.
    pub rests: u64,
    /// Fetches begun, those of misses, refreshes and tests together.
    pub fetches: u64,
    /// Fetches begun because a lease in use would end soon.
    pub refreshes: u64,
    /// Fetches that brought no lease.
    pub failures: u64,
    /// Leases held, those on their way included.
    pub leases: u64,
}

/// The same, while it counts.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) hits: Counter,
    pub(super) misses: Counter,
    pub(super) rests: Counter,
    pub(super) fetches: Counter,
    pub(super) refreshes: Counter,
    pub(super) failures: Counter,
}

#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Counters {
    pub(super) fn read(&self, leases: usize) -> LeaseCounts {
        LeaseCounts {
            hits: self.hits.read(),
            misses: self.misses.read(),
            rests: self.rests.read(),
            fetches: self.fetches.read(),
            refreshes: self.refreshes.read(),
            failures: self.failures.read(),
            leases: leases as u64,
        }
    }
}
