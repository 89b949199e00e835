//! What can be invoked over each connection, kept for a while: AWS is asked when nobody knows, behind the answer when it
//! is old, and at once when a person wants it fresh.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use bedrock::catalogue::Catalogue;
use credential_provider::{Error as AwsFailure, LeaseKey};
use domain::{Clock, ConnectionId, TenantId};
use futures_util::future::BoxFuture;
use moka::{
    future::Cache,
    ops::compute::{CompResult, Op},
};
use time::Duration;

use super::usable::{has_ended, lease};
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
    under_way: Mutex<Vec<Weak<Fetch>>>,
    clock: Arc<dyn Clock>,
}

/// A fetch under way. What is forgotten meanwhile is not kept.
struct Fetch {
    key: CatalogueKey,
    is_forgotten: AtomicBool,
}

impl Catalogues {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(CAPACITY)
                .support_invalidation_closures()
                .build(),
            under_way: Mutex::default(),
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
        for fetch in self.under_way().iter().filter_map(Weak::upgrade) {
            if doomed(&fetch.key) {
                fetch.is_forgotten.store(true, SeqCst);
            }
        }
        if self
            .entries
            .invalidate_entries_if(move |key, _| doomed(key))
            .is_err()
        {
            // Only a cache built without closures refuses them; forgetting all is always right.
            self.entries.invalidate_all();
        }
    }

    /// Notes that it is being fetched, as long as what is returned is held.
    fn begin(&self, key: &CatalogueKey) -> Arc<Fetch> {
        let fetch = Arc::new(Fetch {
            key: key.clone(),
            is_forgotten: AtomicBool::new(false),
        });
        self.under_way().push(Arc::downgrade(&fetch));
        fetch
    }

    fn is_being_fetched(&self, key: &CatalogueKey) -> bool {
        let under_way = self.under_way();
        let mut fetches = under_way.iter().filter_map(Weak::upgrade);
        fetches.any(|fetch| fetch.key == *key)
    }

    /// Those that have not ended.
    fn under_way(&self) -> MutexGuard<'_, Vec<Weak<Fetch>>> {
        let mut fetches = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        fetches.retain(|fetch| fetch.strong_count() > 0);
        fetches
    }

    /// Ends a fetch whose result is among the entries by now.
    async fn end(&self, fetch: &Fetch) {
        if fetch.is_forgotten.load(SeqCst) {
            self.entries.invalidate(&fetch.key).await;
        }
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
    let kept = catalogues.entries.get(&key).await;
    let age = kept
        .as_ref()
        .map(|kept| catalogues.clock.now() - kept.fetched_at);
    match (kept, age) {
        (Some(_), _) if refresh => refreshed(context, &key).await,
        (Some(kept), Some(age)) if age < OLD => Ok(kept),
        (Some(kept), Some(age)) if age < TOO_OLD => {
            if !catalogues.is_being_fetched(&key) {
                let (context, fetch) = (context.clone(), catalogues.begin(&key));
                tokio::spawn(async move {
                    if let Err(error) = fetch_and_keep(&context, &fetch).await {
                        tracing::info!(%error, connection = %key.connection, "an old list of models stays");
                    }
                });
            }
            Ok(kept)
        }
        (Some(_), _) => fetch_and_keep(context, &catalogues.begin(&key)).await,
        (None, _) => fetch_once(context, &key).await,
    }
}

/// Whoever asks while it is fetched waits for the same answer.
async fn fetch_once(context: &Context, key: &CatalogueKey) -> Result<Arc<Catalogue>, AwsFailure> {
    let catalogues = &context.catalogues;
    let under_way = catalogues.begin(key);
    let fetched = catalogues
        .entries
        .try_get_with_by_ref(key, fetch(context, key))
        .await
        .map_err(|error| AwsFailure::clone(&error))?;
    catalogues.end(&under_way).await;
    Ok(fetched)
}

/// One after the other, for AWS throttles whole accounts: what was fetched since somebody asked is fresh enough for it.
async fn refreshed(context: &Context, key: &CatalogueKey) -> Result<Arc<Catalogue>, AwsFailure> {
    let catalogues = &context.catalogues;
    let asked_at = catalogues.clock.now();
    let under_way = catalogues.begin(key);
    let computed = catalogues
        .entries
        .entry_by_ref(key)
        .and_try_compute_with(async |kept| {
            let is_fresh = kept.is_some_and(|kept| kept.into_value().fetched_at > asked_at);
            if is_fresh {
                return Ok(Op::Nop);
            }
            fetch(context, key).await.map(Op::Put)
        })
        .await?;
    catalogues.end(&under_way).await;
    match computed {
        CompResult::Inserted(entry)
        | CompResult::ReplacedWith(entry)
        | CompResult::Unchanged(entry)
        | CompResult::Removed(entry) => Ok(entry.into_value()),
        // Forgotten between two looks.
        CompResult::StillNone(_) => fetch_once(context, key).await,
    }
}

async fn fetch_and_keep(
    context: &Context,
    under_way: &Fetch,
) -> Result<Arc<Catalogue>, AwsFailure> {
    let catalogues = &context.catalogues;
    let fetched = fetch(context, &under_way.key).await?;
    let key = under_way.key.clone();
    catalogues.entries.insert(key, Arc::clone(&fetched)).await;
    catalogues.end(under_way).await;
    Ok(fetched)
}

/// On the heap: futures that hold it stay small.
fn fetch<'a>(
    context: &'a Context,
    key: &'a CatalogueKey,
) -> BoxFuture<'a, Result<Arc<Catalogue>, AwsFailure>> {
    Box::pin(async move {
        let lease = lease(context, &key.lease).await?;
        let fetched = Catalogue::fetch(&context.aws.isolated(), &lease, &key.lease.region).await;
        if fetched.as_ref().is_err_and(has_ended) {
            context.leases.discard(&key.lease, &lease);
        }
        fetched.map(Arc::new)
    })
}
