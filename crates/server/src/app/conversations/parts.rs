//! A request that a model is asked for several times: where its time goes is known of all of them together alone.

use std::time::Duration;

use tokio::time::Instant;

use super::{Call, Converser, Timing};

/// Such a request, until it is dropped.
pub(crate) struct Parts<'a> {
    converser: &'a Converser,
    /// How long one of them was waited for.
    waited: Duration,
    /// What of that was no waiting, but work on one of them.
    worked: Duration,
    /// How long the slowest of them waited for the lease that they share.
    lease: Duration,
}

impl<'a> Parts<'a> {
    pub(crate) const fn new(converser: &'a Converser) -> Self {
        Self {
            converser,
            waited: Duration::ZERO,
            worked: Duration::ZERO,
            lease: Duration::ZERO,
        }
    }

    /// Waits for the next of them that has an answer.
    pub(crate) async fn wait<T>(&mut self, next: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let answered = next.await;
        self.waited += began.elapsed();
        answered
    }

    /// Notes what one of them was that has an answer.
    pub(crate) fn note(&mut self, call: &Call) {
        let timing = call.timing();
        self.worked += timing.own();
        self.lease = self.lease.max(timing.lease);
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        let admission = &self.converser.admission;
        admission.note_timing(Timing {
            upload: admission.uploaded(),
            lease: self.lease,
            upstream: self.waited.saturating_sub(self.worked + self.lease),
            total: self.converser.began.elapsed(),
        });
    }
}
