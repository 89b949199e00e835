//! The audit log: read by admins, written by whatever is done.

use std::fmt::Display;

use bedrock::report::Report;
use domain::{AccountId, Cursor, EventId, Limit, Page, Permission};
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
) -> Result<EventId> {
    let reached = Reached::default();
    append_reached(context, tx, caller, action, subject, reached, detail).await
}

/// What something has to do with in AWS.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reached<'a> {
    /// Whose account.
    account: Option<AccountId>,
    /// AWS's ids of the requests, to find them in CloudTrail.
    request_ids: &'a [String],
}

impl Reached<'_> {
    pub(super) const fn account(account: Option<AccountId>) -> Self {
        Self {
            account,
            request_ids: &[],
        }
    }
}

impl<'a> From<&'a Report> for Reached<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            account: report.account_id,
            request_ids: &report.request_ids,
        }
    }
}

/// The same, of what has to do with AWS.
pub(super) async fn append_reached(
    context: &Context,
    tx: &mut TenantTx,
    caller: &Caller,
    action: &'static str,
    subject: impl Display,
    reached: Reached<'_>,
    detail: Value,
) -> Result<EventId> {
    let now = context.now();
    let id = EventId::new(now, &mut context.rng());
    let event = NewEvent {
        id,
        scope: &caller.scope,
        action,
        subject: Some(subject.to_string()),
        request_id: caller.request_id.as_deref(),
        aws_account: reached.account,
        aws_request_ids: reached.request_ids,
        detail,
    };
    audit::append(tx, event, now).await?;
    Ok(id)
}
