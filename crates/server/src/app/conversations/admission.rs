//! What the reader of a request's body goes by: whose it is, and whether it is still wanted.

use std::{sync::OnceLock, time::Duration};

use domain::TenantId;
use tokio_util::sync::CancellationToken;

/// A caller who was let in, as whatever reads the body sees it.
#[derive(Debug)]
pub struct Admission {
    /// Whose room the body takes.
    pub tenant: TenantId,
    lost: CancellationToken,
    upload: OnceLock<Duration>,
}

impl Admission {
    pub(super) const fn new(tenant: TenantId, lost: CancellationToken) -> Self {
        Self {
            tenant,
            lost,
            upload: OnceLock::new(),
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

    pub(super) fn uploaded(&self) -> Duration {
        self.upload.get().copied().unwrap_or_default()
    }
}
