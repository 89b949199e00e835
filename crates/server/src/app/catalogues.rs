//! What can be invoked over each connection, kept for a while: AWS is asked when nobody knows, behind the answer when it
//! is old, and at once when a person wants it fresh.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use bedrock::catalogue::Catalogue;
use credential_provider::{Error as AwsFailure, LeaseKey};
use domain::{Clock, ConnectionId, TenantId};
use moka::future::Cache;
use time::Duration;

use crate::Context;

/// The most connections that catalogues are kept of: one is some 200 KB.
const CAPACITY: u64 = 1_000;
/// From this age on a catalogue is fetched anew behind the answer …
const OLD: Duration = Duration::minutes(10);
/// … and from this one on before it.
const TOO_OLD: Duration = Duration::hours(12);

/// Whose catalogue, and by which lease it is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CatalogueKey {
    pub(super) connection: ConnectionId,
    pub(super) lease: LeaseKey,
}

/// The catalogues of all connections.
pub struct Catalogues {
    entries: Cache<CatalogueKey, Arc<Catalogue>>,
    /// Counted up by each forgetting, so that what was fetched across one is not kept.
    forgettings: AtomicU64,
    refreshing: Mutex<HashSet<CatalogueKey>>,
    clock: Arc<dyn Clock>,
}

impl Catalogues {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(CAPACITY)
                .support_invalidation_closures()
                .build(),
            forgettings: AtomicU64::new(0),
            refreshing: Mutex::default(),
            clock,
        }
    }

    pub(crate) fn forget(&self, tenant: TenantId, connection: ConnectionId) {
        self.forget_if(move |key| key.lease.tenant == tenant && key.connection == connection);
    }

    pub(crate) fn forget_tenant(&self, tenant: TenantId) {
        self.forget_if(move |key| key.lease.tenant == tenant);
    }

    pub(crate) fn forget_all(&self) {
        self.forget_if(|_| true);
    }

    fn forget_if(&self, doomed: impl Fn(&CatalogueKey) -> bool + Send + Sync + 'static) {
        self.forgettings.fetch_add(1, SeqCst);
        if self
            .entries
            .invalidate_entries_if(move |key, _| doomed(key))
            .is_err()
        {
            // Only a cache built without closures refuses them; forgetting all is always right.
            self.entries.invalidate_all();
        }
    }

    /// Whether this caller is to fetch it anew; false while another does.
    fn begin_refresh(&self, key: &CatalogueKey) -> bool {
        self.refreshing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone())
    }

    fn end_refresh(&self, key: &CatalogueKey) {
        self.refreshing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

/// The catalogue of a connection; a fresh one if `refresh`.
///
/// # Errors
/// Why AWS could not be asked, or what it said.
pub(super) async fn catalogue(
    context: &Context,
    key: CatalogueKey,
    refresh: bool,
) -> Result<Arc<Catalogue>, AwsFailure> {
    let catalogues = &context.catalogues;
    if refresh {
        return fetch_and_keep(context, &key).await;
    }
    let kept = catalogues.entries.get(&key).await;
    let age = kept
        .as_ref()
        .map(|kept| catalogues.clock.now() - kept.fetched_at);
    match (kept, age) {
        (Some(kept), Some(age)) if age < OLD => Ok(kept),
        (Some(kept), Some(age)) if age < TOO_OLD => {
            if catalogues.begin_refresh(&key) {
                let context = context.clone();
                tokio::spawn(async move {
                    if let Err(error) = fetch_and_keep(&context, &key).await {
                        tracing::info!(%error, connection = %key.connection, "an old list of models stays");
                    }
                    context.catalogues.end_refresh(&key);
                });
            }
            Ok(kept)
        }
        (Some(_), _) => fetch_and_keep(context, &key).await,
        (None, _) => fetch_once(context, &key).await,
    }
}

/// Whoever asks while it is fetched waits for the same answer.
async fn fetch_once(context: &Context, key: &CatalogueKey) -> Result<Arc<Catalogue>, AwsFailure> {
    let before = context.catalogues.forgettings.load(SeqCst);
    let fetched = context
        .catalogues
        .entries
        .try_get_with_by_ref(key, fetch(context, key))
        .await
        .map_err(|error| AwsFailure::clone(&error))?;
    drop_if_forgotten(context, key, before).await;
    Ok(fetched)
}

async fn fetch_and_keep(
    context: &Context,
    key: &CatalogueKey,
) -> Result<Arc<Catalogue>, AwsFailure> {
    let before = context.catalogues.forgettings.load(SeqCst);
    let fetched = fetch(context, key).await?;
    context
        .catalogues
        .entries
        .insert(key.clone(), Arc::clone(&fetched))
        .await;
    drop_if_forgotten(context, key, before).await;
    Ok(fetched)
}

async fn drop_if_forgotten(context: &Context, key: &CatalogueKey, before: u64) {
    if context.catalogues.forgettings.load(SeqCst) != before {
        context.catalogues.entries.invalidate(key).await;
    }
}

async fn fetch(context: &Context, key: &CatalogueKey) -> Result<Arc<Catalogue>, AwsFailure> {
    let lease = context.leases.get(&key.lease).await?;
    let fetched = Catalogue::fetch(&context.aws.isolated(), &lease, &key.lease.region).await;
    if let Err(AwsFailure::Rejected(_)) = &fetched {
        context.leases.discard(&key.lease, &lease);
    }
    fetched.map(Arc::new)
}
