//! What can be invoked over a connection.

use std::sync::Arc;

use bedrock::catalogue::{Availability, Catalogue, Kind, Model};
use credential_provider::Lease;
use domain::{ConnectionId, Permission, TenantId};

use super::{
    Caller, Error, Result,
    catalogues::{CatalogueKey, catalogue},
    draft,
    usable::{self, lease_key, refused},
};
use crate::Context;

/// All that can be invoked over a connection, and what cannot with its reason; asked of AWS anew if `refresh`.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Unusable`], [`Error::AwsUnavailable`], [`Error::Store`].
pub async fn list(
    context: &Context,
    caller: &Caller,
    id: ConnectionId,
    refresh: bool,
) -> Result<Arc<Catalogue>> {
    let tenant = caller.scope.require(Permission::ReadModels)?;
    of_connection(context, tenant, id, refresh).await
}

/// One of them, and what AWS says of whether the account may use it: that is a call of its own, so none for a list.
///
/// # Errors
/// As for the list; [`Error::NotFound`] also if there is no such model.
pub async fn read(
    context: &Context,
    caller: &Caller,
    id: ConnectionId,
    key: &str,
) -> Result<(Model, Option<Availability>)> {
    let tenant = caller.scope.require(Permission::ReadModels)?;
    let catalogue = of_connection(context, tenant, id, false).await?;
    let model = catalogue.by_key(key).ok_or(Error::NotFound)?.clone();
    let availability = match (&model.base_model_id, model.kind) {
        (Some(base), Kind::Base) => availability(context, tenant, id, base).await?,
        _ => None,
    };
    Ok((model, availability))
}

/// The catalogue of a connection that can be used.
pub(super) async fn of_connection(
    context: &Context,
    tenant: TenantId,
    id: ConnectionId,
    refresh: bool,
) -> Result<Arc<Catalogue>> {
    let mut tx = context.store.read(tenant).await?;
    let (connection, access) = draft::find(&mut tx, id).await?;
    drop(tx);
    let key = CatalogueKey {
        connection: id,
        lease: lease_key(context, tenant, &connection, &access)?,
    };
    catalogue(context, key, refresh)
        .await
        .map_err(|error| refused(&error, &connection.region))
}

/// None if AWS does not tell, which says nothing about the model.
async fn availability(
    context: &Context,
    tenant: TenantId,
    id: ConnectionId,
    model_id: &str,
) -> Result<Option<Availability>> {
    let mut tx = context.store.read(tenant).await?;
    let (connection, access) = draft::find(&mut tx, id).await?;
    drop(tx);
    let key = lease_key(context, tenant, &connection, &access)?;
    let lease: Lease = usable::lease(context, &key)
        .await
        .map_err(|error| refused(&error, &connection.region))?;
    let aws = context.aws.isolated();
    Ok(
        Availability::fetch(&aws, &lease, &connection.region, model_id)
            .await
            .ok(),
    )
}
