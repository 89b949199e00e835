//! Tenants: provisioned, suspended and deleted by the platform's operator.

use domain::{Cursor, Limit, Name, Page, TenantId, TenantRef, TenantState};
use serde_json::json;
use store::{
    PlatformTx, TenantTx,
    changes::Change,
    tenants::{self, REF_TAKEN, Tenant},
};

use super::{
    Caller, Error, Once, Result, audit,
    idempotency::{Claim, once},
};
use crate::Context;

/// Tenants, oldest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`].
pub async fn list(
    context: &Context,
    caller: &Caller,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Tenant>> {
    caller.scope.require_operator()?;
    let mut tx = context.store.platform().await?;
    Ok(tenants::page(&mut tx, after, limit).await?)
}

/// One tenant.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`].
pub async fn read(context: &Context, caller: &Caller, id: TenantId) -> Result<Tenant> {
    caller.scope.require_operator()?;
    find(context, id).await
}

/// Provisions a tenant.
///
/// # Errors
/// [`Error::Denied`], [`Error::RefTaken`], [`Error::Store`]; of the idempotency key.
pub async fn create(
    context: &Context,
    caller: &Caller,
    tenant_ref: TenantRef,
    name: Name,
    request: Once,
) -> Result<Tenant> {
    caller.scope.require_operator()?;
    let work = async |claim: &Claim| {
        let tx = context.store.platform().await?;
        insert(context, caller, tx, &tenant_ref, &name, claim).await
    };
    once(
        context,
        TenantId::PLATFORM,
        &caller.scope,
        &request,
        work,
        async |_, id| replay(context, &id).await,
    )
    .await
}

/// Makes a tenant of that ref, or gives the one there is that name. Returns whether it was made.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`]; of the idempotency key.
pub async fn put(
    context: &Context,
    caller: &Caller,
    tenant_ref: TenantRef,
    name: Name,
    request: Once,
) -> Result<(bool, Tenant)> {
    caller.scope.require_operator()?;
    let work = async |claim: &Claim| {
        let mut tx = context.store.platform().await?;
        match tenants::find_by_ref(&mut tx, &tenant_ref).await? {
            Some(tenant) => Ok((
                false,
                set(context, caller, tx, tenant.id, Some(&name), None, claim).await?,
            )),
            None => match insert(context, caller, tx, &tenant_ref, &name, claim).await {
                Ok(tenant) => Ok((true, tenant)),
                // Another request made it just now: then this one names it.
                Err(Error::RefTaken) => {
                    let mut tx = context.store.platform().await?;
                    let tenant = tenants::find_by_ref(&mut tx, &tenant_ref)
                        .await?
                        .ok_or(Error::NotFound)?;
                    Ok((
                        false,
                        set(context, caller, tx, tenant.id, Some(&name), None, claim).await?,
                    ))
                }
                Err(error) => Err(error),
            },
        }
    };
    let replay = async |status, id: String| Ok((status == 201, replay(context, &id).await?));
    once(
        context,
        TenantId::PLATFORM,
        &caller.scope,
        &request,
        work,
        replay,
    )
    .await
}

/// Renames, suspends or resumes a tenant.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`]; of the idempotency key.
pub async fn change(
    context: &Context,
    caller: &Caller,
    id: TenantId,
    name: Option<Name>,
    state: Option<TenantState>,
    request: Once,
) -> Result<Tenant> {
    caller.scope.require_operator()?;
    let work = async |claim: &Claim| {
        let tx = context.store.platform().await?;
        set(context, caller, tx, id, name.as_ref(), state, claim).await
    };
    once(
        context,
        TenantId::PLATFORM,
        &caller.scope,
        &request,
        work,
        async |_, id| replay(context, &id).await,
    )
    .await
}

/// Deletes a tenant and all it has but its audit events.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`]; of the idempotency key.
pub async fn delete(context: &Context, caller: &Caller, id: TenantId, request: Once) -> Result<()> {
    caller.scope.require_operator()?;
    let work = async |claim: &Claim| {
        let now = context.now();
        let mut tx = context.store.platform().await?;
        // Waits for writers in this tenant, and makes later ones find it gone.
        let tenant = tenants::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
        tenants::update(&mut tx, id, &tenant.name, TenantState::Deleted, now).await?;
        let mut tx = settle(tx, claim, 204, id).await?.enter(id).await?;
        tenants::purge(&mut tx).await?;
        audit::append(
            context,
            &mut tx,
            caller,
            "tenant.deleted",
            id,
            json!({ "ref": tenant.tenant_ref }),
        )
        .await?;
        Ok(context.commit(tx, &[Change::Tenant(id)]).await?)
    };
    once(
        context,
        TenantId::PLATFORM,
        &caller.scope,
        &request,
        work,
        async |_, _| Ok(()),
    )
    .await
}

async fn insert(
    context: &Context,
    caller: &Caller,
    mut tx: PlatformTx,
    tenant_ref: &TenantRef,
    name: &Name,
    claim: &Claim,
) -> Result<Tenant> {
    let now = context.now();
    let id = TenantId::new(now, &mut context.rng());
    let tenant = tenants::insert(&mut tx, id, tenant_ref, name, now)
        .await
        .map_err(|error| {
            if error.is_conflict_on(REF_TAKEN) {
                Error::RefTaken
            } else {
                error.into()
            }
        })?;
    let mut tx = settle(tx, claim, 201, id).await?.enter(id).await?;
    audit::append(
        context,
        &mut tx,
        caller,
        "tenant.created",
        id,
        json!({ "ref": tenant.tenant_ref }),
    )
    .await?;
    context.commit(tx, &[Change::Tenant(id)]).await?;
    Ok(tenant)
}

async fn set(
    context: &Context,
    caller: &Caller,
    mut tx: PlatformTx,
    id: TenantId,
    name: Option<&Name>,
    state: Option<TenantState>,
    claim: &Claim,
) -> Result<Tenant> {
    let now = context.now();
    let before = tenants::lock(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let name = name.map_or(before.name.as_str(), Name::as_str);
    let state = state.unwrap_or(before.state);
    if name == before.name && state == before.state {
        settle(tx, claim, 200, id).await?.commit(&[], now).await?;
        return Ok(before);
    }
    let tenant = tenants::update(&mut tx, id, name, state, now).await?;
    let mut tx = settle(tx, claim, 200, id).await?.enter(id).await?;
    let action = match (before.state, state) {
        (TenantState::Active, TenantState::Suspended) => "tenant.suspended",
        (TenantState::Suspended, TenantState::Active) => "tenant.resumed",
        _ => "tenant.renamed",
    };
    audit::append(
        context,
        &mut tx,
        caller,
        action,
        id,
        json!({ "name": tenant.name }),
    )
    .await?;
    context.commit(tx, &[Change::Tenant(id)]).await?;
    Ok(tenant)
}

/// Notes the answer for a repeated request. Operators' claims are in the platform's own space.
async fn settle(tx: PlatformTx, claim: &Claim, status: u16, id: TenantId) -> Result<TenantTx> {
    let mut tx = tx.enter(TenantId::PLATFORM).await?;
    claim.complete(&mut tx, status, &id.to_string()).await?;
    Ok(tx)
}

async fn replay(context: &Context, id: &str) -> Result<Tenant> {
    find(context, id.parse().map_err(|_| Error::NotFound)?).await
}

async fn find(context: &Context, id: TenantId) -> Result<Tenant> {
    let mut tx = context.store.platform().await?;
    tenants::find(&mut tx, id).await?.ok_or(Error::NotFound)
}
