//! Work that no request waits for: noting when keys were used, and removing what was kept long enough.

use std::time::Duration;

use domain::TenantId;
use store::{changes, retention, tenants};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::Context;

const FLUSH_EVERY: Duration = Duration::from_secs(30);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);
/// A replica that was away longer than this starts with empty caches anyway.
const CHANGES_KEPT: time::Duration = time::Duration::hours(24);

/// Keeps house until `stop`. Every replica does: the work is the same twice as once.
pub(crate) async fn keep(context: Context, stop: CancellationToken) {
    let mut flush = interval(FLUSH_EVERY);
    let mut prune = interval(PRUNE_EVERY);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    prune.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let result = tokio::select! {
            () = stop.cancelled() => return,
            _ = flush.tick() => if_open(&context, context.callers.flush(&context.store)).await,
            _ = prune.tick() => if_open(&context, remove(&context)).await,
        };
        if let Err(error) = result {
            tracing::warn!(%error, "housekeeping was put off");
        }
    }
}

async fn if_open(
    context: &Context,
    work: impl Future<Output = store::Result<()>>,
) -> store::Result<()> {
    if context.pulse.control_plane_open() {
        work.await
    } else {
        Ok(())
    }
}

/// Removes what was kept long enough, tenant by tenant.
async fn remove(context: &Context) -> store::Result<()> {
    let now = context.now();
    let mut tx = context.store.platform().await?;
    let mut removed = changes::prune(&mut tx, now - CHANGES_KEPT).await?;
    tx.commit(&[], now).await?;
    removed += remove_in(context, TenantId::PLATFORM).await?;
    let mut last = None;
    loop {
        let mut tx = context.store.platform().await?;
        let tenants = tenants::ids_after(&mut tx, last).await?;
        drop(tx);
        let Some(end) = tenants.last() else {
            break;
        };
        last = Some(*end);
        for tenant in tenants {
            removed += remove_in(context, tenant).await?;
        }
    }
    tracing::info!(removed, "removed what was kept long enough");
    Ok(())
}

/// Deleted tenants too: their audit events have a retention like any other.
async fn remove_in(context: &Context, tenant: TenantId) -> store::Result<u64> {
    let now = context.now();
    let mut tx = context.store.platform().await?.enter(tenant).await?;
    let removed = retention::prune(&mut tx, now, now - context.settings.audit_retention).await?;
    tx.commit(&[], now).await?;
    Ok(removed)
}
