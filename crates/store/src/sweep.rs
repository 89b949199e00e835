//! When connections are looked at without anybody asking, and what was met there. Who tests or edits a connection makes
//! the plan void: it is due an interval later, or when its secret is about to end.

use domain::ConnectionId;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Result, TenantTx};

/// The connection of a tenant that is due before all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Which.
    pub connection: ConnectionId,
    /// When it is due.
    pub at: OffsetDateTime,
    /// When it was last looked at, or else made.
    pub since: OffsetDateTime,
    /// How many looks in a row met a refusal.
    pub refusals: u16,
    /// The end of its secret that was last told of before it came.
    pub told_end: Option<OffsetDateTime>,
    /// The etag that it has.
    pub etag: i64,
    /// When any of the tenant's connections was last looked at, or else made: the one for which that is longest ago.
    pub oldest: OffsetDateTime,
}

/// When a connection without a plan is due.
#[derive(Debug, Clone, Copy)]
pub struct Usual {
    /// So long after its last test …
    pub interval: Duration,
    /// … or so long before its secret ends.
    pub ahead: Duration,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    at: OffsetDateTime,
    since: OffsetDateTime,
    refusals: i16,
    told_end: Option<OffsetDateTime>,
    etag: i64,
    oldest: OffsetDateTime,
}

/// The tenant's saved connection that is due first; none if it has none.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn next(tx: &mut TenantTx, usual: Usual) -> Result<Option<Next>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT c.id, c.refusals, c.told_end, c.etag, coalesce(c.swept_at, c.created_at) AS since,
                coalesce(c.sweep_at, least(coalesce(c.last_test_at, c.created_at) + make_interval(secs => $2),
                                           a.secret_expires_at - make_interval(secs => $3))) AS at,
                min(coalesce(c.swept_at, c.created_at)) OVER () AS oldest
         FROM connections c JOIN accesses a ON a.tenant_id = $1 AND a.id = c.access_id
         WHERE c.tenant_id = $1 AND c.state <> 'pending' ORDER BY at, c.id LIMIT 1",
    )
    .bind(tx.tenant().uuid())
    .bind(usual.interval.as_seconds_f64())
    .bind(usual.ahead.as_seconds_f64())
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Next {
        connection: row.id.into(),
        at: row.at,
        since: row.since,
        refusals: row.refusals.try_into().unwrap_or(0),
        told_end: row.told_end,
        etag: row.etag,
        oldest: row.oldest,
    }))
}

/// Notes that a connection was looked at, how many looks in a row have met a refusal, and the end of its secret if that was
/// told of. It stays due: see [`plan`].
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn note(
    tx: &mut TenantTx,
    id: ConnectionId,
    refusals: u16,
    told_end: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE connections SET swept_at = $3, refusals = $4, told_end = coalesce($5, told_end)
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(now)
    .bind(i16::try_from(refusals).unwrap_or(i16::MAX))
    .bind(told_end)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Says when a connection is looked at next, unless somebody has edited it since it had that etag.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn plan(
    tx: &mut TenantTx,
    id: ConnectionId,
    etag: i64,
    at: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE connections SET sweep_at = $4 WHERE tenant_id = $1 AND id = $2 AND etag = $3",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(etag)
    .bind(at)
    .execute(tx.connection())
    .await?;
    Ok(())
}
