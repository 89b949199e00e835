//! Work that no request waits for: noting when keys were used, the turn of the issuer's keys, and removing what was kept
//! long enough; and, by itself, noting what conversations used.

use std::time::Duration;

use domain::TenantId;
use store::{changes, passwords, retention, tenants};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Context, app, chain::chain};

const FLUSH_EVERY: Duration = Duration::from_secs(30);
const WRITE_USAGE_EVERY: Duration = Duration::from_secs(10);
const TURN_KEYS_EVERY: Duration = Duration::from_secs(60);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);
/// A replica that was away longer than this starts with empty caches anyway.
const CHANGES_KEPT: time::Duration = time::Duration::hours(24);

/// Longest that the work for one tenant may take: a database that hangs ends no other work.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps house until `stop`. Every replica does: the work is the same twice as once.
pub(crate) async fn keep(context: Context, stop: CancellationToken) {
    let mut flush = interval(FLUSH_EVERY);
    let mut keys = interval(TURN_KEYS_EVERY);
    let mut prune = interval(PRUNE_EVERY);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    keys.set_missed_tick_behavior(MissedTickBehavior::Delay);
    prune.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = flush.tick() => {
                in_time("noting when keys were used", context.callers.flush(&context.store)).await;
            }
            _ = keys.tick() => {
                in_time("turning the signing keys", app::signing_keys::turn(&context)).await;
            }
            _ = prune.tick() => remove(&context).await,
        }
    }
}

/// Writes what conversations used until `stop`. By itself: what a replica that is killed loses is bounded by this, whatever
/// other work takes.
pub(crate) async fn write_usage(context: Context, stop: CancellationToken) {
    let mut usage = interval(WRITE_USAGE_EVERY);
    usage.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = usage.tick() => app::usage::flush(&context).await,
        }
    }
}

/// Does a piece of work; one that fails or hangs is left for the next time.
async fn in_time<T: Default>(what: &str, work: impl Future<Output = store::Result<T>>) -> T {
    let done = timeout(PATIENCE, work).await;
    done.unwrap_or_else(|_| Err(store::Error::silent()))
        .unwrap_or_else(|error| {
            tracing::warn!(error = chain(&error), what, "housekeeping was put off");
            T::default()
        })
}

/// Removes what was kept long enough, tenant by tenant.
async fn remove(context: &Context) {
    let mut removed = in_time("removing changes", remove_changes(context)).await;
    in_time("removing refused passwords", remove_passwords(context)).await;
    let mut tenants = vec![TenantId::PLATFORM];
    while let Some(last) = tenants.last().copied() {
        for tenant in tenants {
            removed += in_time("removing a tenant's", remove_in(context, tenant)).await;
        }
        tenants = in_time("listing tenants", tenants_after(context, last)).await;
    }
    tracing::info!(removed, "removed what was kept long enough");
}

async fn remove_changes(context: &Context) -> store::Result<u64> {
    let mut tx = context.store.platform().await?;
    let removed = changes::prune(&mut tx, context.now() - CHANGES_KEPT).await?;
    tx.commit(&[], context.now()).await?;
    Ok(removed)
}

async fn remove_passwords(context: &Context) -> store::Result<()> {
    let mut tx = context.store.platform().await?;
    passwords::prune(&mut tx, context.now()).await?;
    tx.commit(&[], context.now()).await
}

async fn tenants_after(context: &Context, last: TenantId) -> store::Result<Vec<TenantId>> {
    let mut tx = context.store.platform().await?;
    tenants::ids_after(&mut tx, Some(last)).await
}

/// Deleted tenants too: their audit events have a retention like any other.
async fn remove_in(context: &Context, tenant: TenantId) -> store::Result<u64> {
    let mut removed = 0;
    loop {
        let now = context.now();
        let mut tx = context.store.platform().await?.enter(tenant).await?;
        let pruned = retention::prune(&mut tx, now, now - context.settings.audit_retention).await?;
        tx.commit(&[], now).await?;
        removed += pruned.removed;
        if !pruned.more {
            return Ok(removed);
        }
    }
}
