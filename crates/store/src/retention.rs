//! What is kept only for a time.

use time::OffsetDateTime;

use crate::{Result, TenantTx};

/// Removes the tenant's lapsed sessions and idempotency keys, and audit events from before `audit_before`.
/// Returns how many rows went.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn prune(
    tx: &mut TenantTx,
    now: OffsetDateTime,
    audit_before: OffsetDateTime,
) -> Result<u64> {
    let mut removed = 0;
    for (statement, before) in [
        (
            "DELETE FROM sessions WHERE tenant_id = $1 AND expires_at <= $2",
            now,
        ),
        (
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND expires_at <= $2",
            now,
        ),
        (
            "DELETE FROM audit_events WHERE tenant_id = $1 AND at < $2",
            audit_before,
        ),
    ] {
        let tenant = tx.tenant().uuid();
        let deleted = sqlx::query(statement)
            .bind(tenant)
            .bind(before)
            .execute(tx.connection())
            .await?;
        removed += deleted.rows_affected();
    }
    Ok(removed)
}
