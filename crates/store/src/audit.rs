//! Who did what, written in the transaction that did it.

use domain::{AccountId, Cursor, EventId, Limit, Page, Scope};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, TenantTx};

/// Something that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: OffsetDateTime,
    /// What kind of actor did it.
    pub actor_kind: String,
    /// Which of that kind.
    pub actor_id: String,
    /// Whether an operator did it.
    pub by_platform: bool,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// In which AWS account.
    pub aws_account_id: Option<String>,
    /// AWS's own request ids.
    pub aws_request_ids: Vec<String>,
    /// What else is worth knowing.
    pub detail: Value,
}

/// Something that is being done.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// Its id.
    pub id: EventId,
    /// By whom.
    pub scope: &'a Scope,
    /// What.
    pub action: &'static str,
    /// To what.
    pub subject: Option<String>,
    /// In which request.
    pub request_id: Option<&'a str>,
    /// In which AWS account.
    pub aws_account: Option<AccountId>,
    /// AWS's own request ids.
    pub aws_request_ids: &'a [String],
    /// What else is worth knowing; never a secret.
    pub detail: Value,
}

/// Appends to the transaction's tenant's log.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn append(tx: &mut TenantTx, event: NewEvent<'_>, now: OffsetDateTime) -> Result<()> {
    let actor = event.scope.actor();
    sqlx::query(
        "INSERT INTO audit_events
           (tenant_id, id, at, actor_kind, actor_id, by_platform, action, subject, request_id,
            aws_account_id, aws_request_ids, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(tx.tenant().uuid())
    .bind(event.id.uuid())
    .bind(now)
    .bind(actor.kind())
    .bind(actor.id())
    .bind(event.scope.is_platform())
    .bind(event.action)
    .bind(event.subject)
    .bind(event.request_id)
    .bind(event.aws_account.map(|account| account.to_string()))
    .bind(event.aws_request_ids)
    .bind(event.detail)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The event of that id.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn find(tx: &mut TenantTx, id: EventId) -> Result<Option<Event>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, at, actor_kind, actor_id, by_platform, action, subject, request_id,
                aws_account_id, aws_request_ids, detail
         FROM audit_events WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(Event::from))
}

/// Events, newest first.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn page(tx: &mut TenantTx, after: Option<Cursor>, limit: Limit) -> Result<Page<Event>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, at, actor_kind, actor_id, by_platform, action, subject, request_id,
                aws_account_id, aws_request_ids, detail
         FROM audit_events WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(tx.tenant().uuid())
    .bind(after.map_or(Uuid::max(), Cursor::after))
    .bind(i64::from(limit.get()) + 1)
    .fetch_all(tx.connection())
    .await?;
    let events = rows.into_iter().map(Event::from).collect();
    Ok(Page::from_rows(events, limit, |event: &Event| {
        event.id.uuid()
    }))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    at: OffsetDateTime,
    actor_kind: String,
    actor_id: String,
    by_platform: bool,
    action: String,
    subject: Option<String>,
    request_id: Option<String>,
    aws_account_id: Option<String>,
    aws_request_ids: Vec<String>,
    detail: Value,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            at: row.at,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            by_platform: row.by_platform,
            action: row.action,
            subject: row.subject,
            request_id: row.request_id,
            aws_account_id: row.aws_account_id,
            aws_request_ids: row.aws_request_ids,
            detail: row.detail,
        }
    }
}
