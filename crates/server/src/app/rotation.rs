//! Another master key: made the active one, then everything re-wrapped under it, while the service runs.

use domain::TenantId;
use serde_json::json;
use store::{
    changes::Change,
    master_keys,
    rotation::{self, Progress},
    tenants,
};
use vault::Version;

use super::{Caller, Error, Result, audit};
use crate::Context;

/// Makes version `to` the one that seals, and re-wraps what older ones wrapped. Killed or run again, it goes on where it
/// stopped.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Store`]: above all [`store::Error::MissingMasterKey`] and [`store::Error::WrongMasterKey`].
pub async fn rotate(context: &Context, caller: &Caller, to: Version) -> Result<Progress> {
    caller.scope.require_operator()?;
    let key = context
        .ring
        .get(to)
        .ok_or(Error::Store(store::Error::MissingMasterKey(to)))?;
    let mut tx = context.store.platform().await?;
    // The version that sealed until now must open too, or nothing could be re-wrapped.
    let before = master_keys::active(&mut tx, &context.ring).await?;
    master_keys::activate(&mut tx, key, context.now()).await?;
    let mut tx = tx.enter(TenantId::PLATFORM).await?;
    let detail = json!({ "before": i32::from(before) });
    audit::append(context, &mut tx, caller, "master_key.activated", to, detail).await?;
    tx.commit(&[Change::MasterKey], context.now()).await?;
    tracing::info!(%before, active = %to, "the master key that seals");

    let mut tx = context.store.platform().await?;
    let mut progress = rotation::rewrap_platform(
        &mut tx,
        &context.ring,
        key,
        context.now(),
        &mut context.rng(),
    )
    .await?;
    tx.commit(&[], context.now()).await?;
    let mut last = None;
    loop {
        let mut tx = context.store.platform().await?;
        let tenants = tenants::ids_after(&mut tx, last).await?;
        drop(tx);
        let Some(end) = tenants.last() else {
            return Ok(progress);
        };
        last = Some(*end);
        for tenant in tenants {
            progress += rewrap_tenant(context, tenant, key).await?;
        }
    }
}

async fn rewrap_tenant(
    context: &Context,
    tenant: TenantId,
    key: &vault::MasterKey,
) -> Result<Progress> {
    let mut progress = Progress::default();
    let mut after = None;
    loop {
        let mut tx = match context.store.write(tenant).await {
            // Deleted: it has no secrets any more.
            Err(store::Error::TenantGone) => return Ok(progress),
            tx => tx?,
        };
        let (batch, next) = rotation::rewrap_batch(
            &mut tx,
            &context.ring,
            key,
            after,
            context.now(),
            &mut context.rng(),
        )
        .await?;
        tx.commit(&[], context.now()).await?;
        progress += batch;
        if next.is_none() {
            return Ok(progress);
        }
        after = next;
    }
}
