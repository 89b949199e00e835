//! Registered models: what a tenant offers for conversations, under an alias.

mod alias;
mod choice;
mod register;
mod standing;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use domain::{Alias, ConnectionId, Cursor, Limit, ModelId, Page, Permission, TenantId};
use serde_json::json;
use store::{
    TenantTx,
    changes::Change,
    models::{self, ALIAS_TAKEN, Filter, Model},
};

use super::{
    Caller, Error, Misfit, Once, Result, audit,
    connections::Saved,
    draft,
    idempotency::{Claim, once},
};
use crate::Context;

pub use register::{MOST_AT_ONCE, NewModel, NewModels, register};
pub use standing::Standing;

/// A registered model, and the connection it is invoked over.
#[derive(Debug, Clone)]
pub struct RegisteredModel {
    /// The model.
    pub model: Model,
    /// The connection with its access.
    pub over: Arc<Saved>,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Default)]
pub struct Edit {
    /// Another alias.
    pub alias: Option<Alias>,
    /// Whether it is the tenant's default.
    pub is_default: Option<bool>,
}

/// The tenant's registered models, oldest first.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`].
pub async fn list(
    context: &Context,
    caller: &Caller,
    filter: Filter<'_>,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<RegisteredModel>> {
    let tenant = caller.scope.require(Permission::ReadModels)?;
    let mut tx = context.store.read(tenant).await?;
    let page = models::page(&mut tx, filter, after, limit).await?;
    Ok(Page {
        items: with_connections(&mut tx, page.items).await?,
        next: page.next,
    })
}

/// One registered model.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`].
pub async fn read(context: &Context, caller: &Caller, id: ModelId) -> Result<RegisteredModel> {
    let tenant = caller.scope.require(Permission::ReadModels)?;
    let mut tx = context.store.read(tenant).await?;
    find(&mut tx, id).await
}

/// Gives a model another alias, makes it the default, or makes none the default.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for an alias that is taken, [`Error::NotFound`], [`Error::Store`]; of the
/// idempotency key.
pub async fn edit(
    context: &Context,
    caller: &Caller,
    id: ModelId,
    edit: Edit,
    request: Once,
) -> Result<RegisteredModel> {
    let tenant = caller.scope.require(Permission::ManageModels)?;
    let work = async |claim: &Claim| change(context, caller, tenant, id, &edit, claim).await;
    let replay = async |_, _| read(context, caller, id).await;
    once(context, tenant, &caller.scope, &request, work, replay).await
}

/// Unregisters a model. A default that goes moves nowhere.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`]; of the idempotency key.
pub async fn unregister(
    context: &Context,
    caller: &Caller,
    id: ModelId,
    request: Once,
) -> Result<()> {
    let tenant = caller.scope.require(Permission::ManageModels)?;
    let work = async |claim: &Claim| delete(context, caller, tenant, id, claim).await;
    let replay = async |_, _| Ok(());
    once(context, tenant, &caller.scope, &request, work, replay).await
}

async fn change(
    context: &Context,
    caller: &Caller,
    tenant: TenantId,
    id: ModelId,
    edit: &Edit,
    claim: &Claim,
) -> Result<RegisteredModel> {
    let now = context.now();
    let mut tx = context.store.write(tenant).await?;
    models::lock(&mut tx).await?;
    let before = models::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if let Some(alias) = &edit.alias {
        let renamed = models::rename(&mut tx, id, alias, now).await;
        renamed.map_err(alias_taken)?.ok_or(Error::NotFound)?;
    }
    match edit.is_default {
        Some(true) => models::set_default(&mut tx, Some(id), now).await?,
        Some(false) if before.is_default => models::set_default(&mut tx, None, now).await?,
        Some(false) | None => {}
    }
    let changed = find(&mut tx, id).await?;
    claim.complete(&mut tx, 200, &id.to_string()).await?;
    let detail = json!({
        "alias": changed.model.alias,
        "alias_before": before.alias,
        "is_default": changed.model.is_default,
    });
    audit::append(context, &mut tx, caller, "model.changed", id, detail).await?;
    context.commit(tx, &[Change::Model(tenant, id)]).await?;
    Ok(changed)
}

async fn delete(
    context: &Context,
    caller: &Caller,
    tenant: TenantId,
    id: ModelId,
    claim: &Claim,
) -> Result<()> {
    let mut tx = context.store.write(tenant).await?;
    let alias = models::delete(&mut tx, id).await?.ok_or(Error::NotFound)?;
    claim.complete(&mut tx, 204, &id.to_string()).await?;
    let detail = json!({ "alias": alias });
    audit::append(context, &mut tx, caller, "model.unregistered", id, detail).await?;
    Ok(context.commit(tx, &[Change::Model(tenant, id)]).await?)
}

async fn find(tx: &mut TenantTx, id: ModelId) -> Result<RegisteredModel> {
    let model = models::find(tx, id).await?.ok_or(Error::NotFound)?;
    let found = with_connections(tx, vec![model]).await?.pop();
    found.ok_or(Error::NotFound)
}

/// The models with their connections. One whose connection was disconnected since it was read is left out.
async fn with_connections(tx: &mut TenantTx, models: Vec<Model>) -> Result<Vec<RegisteredModel>> {
    let mut known: HashMap<ConnectionId, Option<Arc<Saved>>> = HashMap::new();
    let mut registered = Vec::with_capacity(models.len());
    for model in models {
        let over = match known.entry(model.connection) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let saved = match draft::find(tx, model.connection).await {
                    Ok((connection, access)) => Some(Arc::new(Saved { connection, access })),
                    Err(Error::NotFound) => None,
                    Err(error) => return Err(error),
                };
                unknown.insert(saved)
            }
        };
        let over = over.clone();
        registered.extend(over.map(|over| RegisteredModel { model, over }));
    }
    Ok(registered)
}

fn alias_taken(error: store::Error) -> Error {
    if error.is_conflict_on(ALIAS_TAKEN) {
        Misfit::at("/alias", "is the alias of another model of yours").into()
    } else {
        error.into()
    }
}
