//! A private Postgres that is started again when it ends by itself: killed for want of memory, most likely.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use local_postgres::{Cluster, Error, Url};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Result, output::chain};

/// How often to look. The service turns requests away meanwhile.
const LOOK: Duration = Duration::from_millis(200);

/// A server of this process.
pub(super) struct Watched {
    cluster: Arc<Mutex<Cluster>>,
    stop: CancellationToken,
    watch: JoinHandle<()>,
}

impl Watched {
    pub(super) fn new(cluster: Cluster) -> Self {
        let cluster = Arc::new(Mutex::new(cluster));
        let stop = CancellationToken::new();
        let watch = tokio::spawn(watch(Arc::clone(&cluster), stop.clone()));
        Self {
            cluster,
            stop,
            watch,
        }
    }

    pub(super) fn url(&self, database: &str) -> Url {
        lock(&self.cluster).url(database)
    }

    /// Lets commands beside this process use it.
    pub(super) fn share(&self) -> std::result::Result<(), Error> {
        lock(&self.cluster).share()
    }

    /// Stops it for good.
    pub(super) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.watch.await?;
        match Arc::into_inner(self.cluster) {
            Some(cluster) => {
                let cluster = cluster.into_inner().unwrap_or_else(PoisonError::into_inner);
                Ok(tokio::task::spawn_blocking(move || cluster.stop()).await??)
            }
            // The watch, which had the other handle, has ended.
            None => Ok(()),
        }
    }
}

async fn watch(cluster: Arc<Mutex<Cluster>>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if !lock(&cluster).has_ended() {
            continue;
        }
        tracing::error!("the private Postgres has ended by itself: starting it again");
        let cluster = Arc::clone(&cluster);
        let revived = tokio::task::spawn_blocking(move || lock(&cluster).revive()).await;
        if let Ok(Err(error)) = revived {
            tracing::warn!(error = chain(&error), "the private Postgres did not start");
        }
    }
}

fn lock(cluster: &Mutex<Cluster>) -> MutexGuard<'_, Cluster> {
    cluster.lock().unwrap_or_else(PoisonError::into_inner)
}
