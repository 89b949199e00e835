//! What is kept only for a time.

use domain::EventId;
use time::OffsetDateTime;

use crate::{Result, TenantTx};

/// The most audit events that one transaction removes.
const BATCH: i64 = 1_000;

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// How many rows.
    pub removed: u64,
    /// Whether there may be more.
    pub more: bool,
}

/// Removes the tenant's lapsed sessions, idempotency keys and reservations, and audit events from before `audit_before`.
/// Of the latter a thousand at most: call again while there are more.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn prune(
    tx: &mut TenantTx,
    now: OffsetDateTime,
    audit_before: OffsetDateTime,
) -> Result<Pruned> {
    let tenant = tx.tenant().uuid();
    let mut removed = 0;
    for statement in [
        "DELETE FROM sessions WHERE tenant_id = $1 AND expires_at <= $2",
        "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND expires_at <= $2",
        // Accesses go with the last connection over them; the external IDs of lapsed ones stay the tenant's.
        "WITH lapsed AS (
           DELETE FROM connections WHERE tenant_id = $1 AND reserved_until <= $2 RETURNING access_id)
         DELETE FROM accesses WHERE tenant_id = $1 AND id IN (SELECT access_id FROM lapsed)
           AND NOT EXISTS (SELECT FROM connections c WHERE c.tenant_id = $1 AND c.access_id = accesses.id
                           AND (c.reserved_until IS NULL OR c.reserved_until > $2))",
    ] {
        let deleted = sqlx::query(statement)
            .bind(tenant)
            .bind(now)
            .execute(tx.connection())
            .await?;
        removed += deleted.rows_affected();
    }
    // Ids are made of their time and are the key, so the oldest are found at its front; few at once, so that no statement
    // takes long.
    let deleted = sqlx::query(
        "DELETE FROM audit_events WHERE tenant_id = $1 AND id IN (
           SELECT id FROM audit_events WHERE tenant_id = $1 AND id < $2 ORDER BY id LIMIT $3)",
    )
    .bind(tenant)
    .bind(EventId::first_at(audit_before).uuid())
    .bind(BATCH)
    .execute(tx.connection())
    .await?;
    removed += deleted.rows_affected();
    Ok(Pruned {
        removed,
        more: deleted.rows_affected() == BATCH.unsigned_abs(),
    })
}
