//! What the reader of a request's body goes by: whose it is, and whether it is still wanted.

use std::{sync::OnceLock, time::Duration};

use domain::TenantId;
use tokio_util::sync::CancellationToken;

use super::Timing;

/// A caller who was let in, as whatever reads the body sees it.
#[derive(Debug)]
pub struct Admission {
    /// Whose room the body takes.
    pub tenant: TenantId,
    lost: CancellationToken,
    upload: OnceLock<Duration>,
    timing: OnceLock<Timing>,
}

impl Admission {
    pub(super) const fn new(tenant: TenantId, lost: CancellationToken) -> Self {
        Self {
            tenant,
            lost,
            upload: OnceLock::new(),
            timing: OnceLock::new(),
        }
    }

    /// Returns when the caller has lost what the request depends on.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Notes how long the body took to arrive, once.
    pub fn note_upload(&self, took: Duration) {
        let _ = self.upload.set(took);
    }

    /// Where the time went until the answer began, or there was none; none before a model was found to ask.
    pub fn timing(&self) -> Option<Timing> {
        self.timing.get().copied()
    }

    /// Notes it, once: of several answers to one request the first.
    pub(super) fn note_timing(&self, timing: Timing) {
        let _ = self.timing.set(timing);
    }

    pub(super) fn uploaded(&self) -> Duration {
        self.upload.get().copied().unwrap_or_default()
    }
}
