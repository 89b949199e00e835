//! Connections: saved, read, edited and disconnected.

mod disconnect;
mod edit;
mod expiry;
mod save;
mod verification;

use credential_provider::iam_role::RoleArn;
use domain::{ConnectionId, Cursor, Limit, Page, Permission, TenantId};
use store::{
    accesses::{self, Access, Fields},
    connections::{self, Connection},
    tenants,
};

use super::{Caller, Error, Result, draft};
use crate::Context;

pub use disconnect::{Disconnected, disconnect};
pub use edit::{Edit, Edited, edit};
pub(crate) use expiry::Expiry;
pub use save::{NewConnection, save};
pub use verification::{Verification, Verify};

/// A connection with its access.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The connection.
    pub connection: Connection,
    /// The access it uses.
    pub access: Access,
}

/// The tenant's connections, oldest first; reservations only if asked for.
///
/// # Errors
/// [`Error::Denied`], [`Error::Store`].
pub async fn list(
    context: &Context,
    caller: &Caller,
    with_pending: bool,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Saved>> {
    let tenant = caller.scope.require(Permission::ReadConnections)?;
    let mut tx = context.store.read(tenant).await?;
    let page = connections::page(&mut tx, with_pending, after, limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for connection in page.items {
        let access = accesses::find(&mut tx, connection.access)
            .await?
            .ok_or(Error::NotFound)?;
        items.push(Saved { connection, access });
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// One connection.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`].
pub async fn read(context: &Context, caller: &Caller, id: ConnectionId) -> Result<Saved> {
    let tenant = caller.scope.require(Permission::ReadConnections)?;
    let mut tx = context.store.read(tenant).await?;
    let (connection, access) = draft::find(&mut tx, id).await?;
    Ok(Saved { connection, access })
}

/// The tenant that has a connection: looked for in one after the other.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`].
pub async fn owner(context: &Context, caller: &Caller, id: ConnectionId) -> Result<TenantId> {
    caller.scope.require_operator()?;
    let mut last = None;
    loop {
        let mut tx = context.store.platform().await?;
        let tenants = tenants::ids_after(&mut tx, last).await?;
        drop(tx);
        last = Some(*tenants.last().ok_or(Error::NotFound)?);
        for tenant in tenants {
            let mut tx = context.store.read(tenant).await?;
            if connections::find(&mut tx, id).await?.is_some() {
                return Ok(tenant);
            }
        }
    }
}

/// The role that an access uses, if it uses one.
fn role_of(access: &Access) -> Option<RoleArn> {
    match &access.fields {
        Fields::IamRole { role_arn, .. } => role_arn.as_deref()?.parse().ok(),
        Fields::ApiKey | Fields::Cognito(_) => None,
    }
}
