//! What the reader of a request's body goes by: whose it is, and whether it is still wanted.

use std::{sync::OnceLock, time::Duration};

use domain::TenantId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Timing;

/// A caller who was let in, as whatever reads the body sees it.
#[derive(Debug)]
pub struct Admission {
    /// Whose room the body takes.
    pub tenant: TenantId,
    lost: CancellationToken,
    upload: OnceLock<Duration>,
    waiting: OnceLock<Waiting>,
    timing: OnceLock<Timing>,
}

/// A caller whose model is asked, and who waits for AWS.
#[derive(Debug)]
struct Waiting {
    began: Instant,
    since: Instant,
    before: Timing,
}

impl Admission {
    pub(super) const fn new(tenant: TenantId, lost: CancellationToken) -> Self {
        Self {
            tenant,
            lost,
            upload: OnceLock::new(),
            waiting: OnceLock::new(),
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

    /// Where the time went until the answer began, or there was none; until now, if AWS is still waited for. None before a
    /// model was asked, or was to be.
    pub fn timing(&self) -> Option<Timing> {
        let timing = self.timing.get().copied();
        timing.or_else(|| self.waiting.get().map(Waiting::until_now))
    }

    /// Notes that AWS is waited for since then, once, and where the time went before.
    pub(super) fn note_waiting(&self, began: Instant, since: Instant, before: Timing) {
        let _ = self.waiting.set(Waiting {
            began,
            since,
            before,
        });
    }

    /// Notes it, once.
    pub(super) fn note_timing(&self, timing: Timing) {
        let _ = self.timing.set(timing);
    }

    pub(super) fn uploaded(&self) -> Duration {
        self.upload.get().copied().unwrap_or_default()
    }
}

impl Waiting {
    fn until_now(&self) -> Timing {
        Timing {
            upstream: self.since.elapsed(),
            total: self.began.elapsed(),
            ..self.before
        }
    }
}
