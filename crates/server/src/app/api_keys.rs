//! API keys: made, listed and revoked. The key itself leaves this module once.

use domain::{Cursor, KeyId, KeyRole, Limit, Name, Page, Permission, Role, Scope, TenantId};
use serde_json::json;
use store::{
    api_keys::{self, ApiKey, NewApiKey},
    changes::Change,
};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{
    Caller, Error, Once, Result, audit,
    idempotency::{Claim, once},
};
use crate::{Context, auth::token::NewToken};

/// A key to be made for a tenant.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// A name for people.
    pub name: Name,
    /// At most the caller's own.
    pub role: Role,
    /// From when it is refused.
    pub expires_at: Option<OffsetDateTime>,
}

/// The tenant's keys, oldest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`].
pub async fn list(
    context: &Context,
    caller: &Caller,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<ApiKey>> {
    let tenant = caller.scope.require(Permission::ManageApiKeys)?;
    let mut tx = context.store.read(tenant).await?;
    Ok(api_keys::page(&mut tx, after, limit).await?)
}

/// Makes a key for a tenant. The second value is the key itself.
///
/// # Errors
/// [`Error::Denied`], also for a role above the caller's; [`Error::AlreadyCreated`], [`Error::Store`]; of the idempotency key.
pub async fn create(
    context: &Context,
    caller: &Caller,
    key: NewKey,
    request: Once,
) -> Result<(ApiKey, Zeroizing<String>)> {
    let tenant = caller.scope.require(Permission::ManageApiKeys)?;
    if let Scope::Tenant { role, .. } = caller.scope
        && key.role > role
    {
        return Err(Error::Denied(domain::Denied::NeedsRole(key.role)));
    }
    let role = KeyRole::Tenant(key.role);
    let work = async |claim: &Claim| {
        insert(
            context,
            caller,
            tenant,
            &key.name,
            role,
            key.expires_at,
            claim,
        )
        .await
    };
    let replay = async |_, id| Err(Error::AlreadyCreated(id));
    once(context, tenant, &caller.scope, &request, work, replay).await
}

/// Makes a key for an operator. Only the command line does: no request can.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`].
pub async fn create_operator(
    context: &Context,
    caller: &Caller,
    name: &Name,
    expires_at: Option<OffsetDateTime>,
) -> Result<(ApiKey, Zeroizing<String>)> {
    caller.scope.require_operator()?;
    insert(
        context,
        caller,
        TenantId::PLATFORM,
        name,
        KeyRole::Operator,
        expires_at,
        &Claim::none(),
    )
    .await
}

/// Revokes a key of the tenant.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`]; of the idempotency key.
pub async fn revoke(context: &Context, caller: &Caller, id: KeyId, request: Once) -> Result<()> {
    let tenant = caller.scope.require(Permission::ManageApiKeys)?;
    let work = async |claim: &Claim| delete(context, caller, tenant, id, claim).await;
    once(
        context,
        tenant,
        &caller.scope,
        &request,
        work,
        async |_, _| Ok(()),
    )
    .await
}

/// Revokes an operator's key. Only the command line does.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`].
pub async fn revoke_operator(context: &Context, caller: &Caller, id: KeyId) -> Result<()> {
    caller.scope.require_operator()?;
    delete(context, caller, TenantId::PLATFORM, id, &Claim::none()).await
}

/// Operators' keys, oldest first. Only the command line lists them.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`].
pub async fn list_operators(
    context: &Context,
    caller: &Caller,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<ApiKey>> {
    caller.scope.require_operator()?;
    let mut tx = context.store.read(TenantId::PLATFORM).await?;
    Ok(api_keys::page(&mut tx, after, limit).await?)
}

async fn insert(
    context: &Context,
    caller: &Caller,
    space: TenantId,
    name: &Name,
    role: KeyRole,
    expires_at: Option<OffsetDateTime>,
    claim: &Claim,
) -> Result<(ApiKey, Zeroizing<String>)> {
    let now = context.now();
    let token = NewToken::new(&mut context.rng());
    let id = KeyId::new(now, &mut context.rng());
    let created_by = caller.scope.actor().id();
    let key = NewApiKey {
        id,
        name,
        role,
        secret_hash: token.hash,
        hint: token.hint(),
        created_by: &created_by,
        expires_at,
    };
    let mut tx = context.store.write(space).await?;
    let made = api_keys::insert(&mut tx, &key, now).await?;
    claim.complete(&mut tx, 201, &id.to_string()).await?;
    let detail = json!({ "name": made.name, "role": made.role.as_str() });
    audit::append(context, &mut tx, caller, "api_key.created", id, detail).await?;
    context.commit(tx, &[Change::ApiKey(space, id)]).await?;
    Ok((made, token.api_key(space)))
}

async fn delete(
    context: &Context,
    caller: &Caller,
    space: TenantId,
    id: KeyId,
    claim: &Claim,
) -> Result<()> {
    let mut tx = context.store.write(space).await?;
    let name = api_keys::delete(&mut tx, id)
        .await?
        .ok_or(Error::NotFound)?;
    claim.complete(&mut tx, 204, &id.to_string()).await?;
    audit::append(
        context,
        &mut tx,
        caller,
        "api_key.revoked",
        id,
        json!({ "name": name }),
    )
    .await?;
    Ok(context.commit(tx, &[Change::ApiKey(space, id)]).await?)
}
