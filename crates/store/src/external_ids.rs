//! External IDs that we generated: each is one tenant's for ever.

use time::OffsetDateTime;

use crate::{Result, TenantTx};

/// Keeps a new external ID for the tenant. False if it was given out before, which means: generate another.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn insert(tx: &mut TenantTx, hash: &[u8; 32], now: OffsetDateTime) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    let inserted = sqlx::query(
        "INSERT INTO external_ids (hash, tenant_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(hash.as_slice())
    .bind(tenant)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Whether this external ID was given to this tenant.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn is_own(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<bool> {
    let tenant = tx.tenant().uuid();
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM external_ids WHERE hash = $1 AND tenant_id = $2)",
    )
    .bind(hash.as_slice())
    .bind(tenant)
    .fetch_one(tx.connection())
    .await?)
}
