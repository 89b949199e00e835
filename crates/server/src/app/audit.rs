//! The audit log: read by admins, written by whatever is done.

use std::fmt::Display;

use domain::{Cursor, EventId, Limit, Page, Permission};
use serde_json::Value;
use store::{
    TenantTx,
    audit::{self, Event, NewEvent},
};

use super::{Caller, Result};
use crate::Context;

/// The tenant's events, newest first.
///
/// # Errors
/// [`Error::Denied`](super::Error::Denied), [`Error::Store`](super::Error::Store).
pub async fn list(
    context: &Context,
    caller: &Caller,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Event>> {
    let tenant = caller.scope.require(Permission::ReadAudit)?;
    let mut tx = context.store.read(tenant).await?;
    Ok(audit::page(&mut tx, after, limit).await?)
}

/// Notes what the caller does, in the transaction that does it.
pub(super) async fn append(
    context: &Context,
    tx: &mut TenantTx,
    caller: &Caller,
    action: &'static str,
    subject: impl Display,
    detail: Value,
) -> Result<()> {
    let now = context.now();
    let event = NewEvent {
        id: EventId::new(now, &mut context.rng()),
        scope: &caller.scope,
        action,
        subject: Some(subject.to_string()),
        request_id: caller.request_id.as_deref(),
        detail,
    };
    Ok(audit::append(tx, event, now).await?)
}
