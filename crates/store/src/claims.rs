//! Who holds which role. Several tenants may, if each proved it; one that proved nothing holds it alone.
//!
//! Whoever claims locks the role first: two that come at once would not see each other.

use domain::TenantId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{PlatformTx, Result, TenantTx};

/// Claims the role for a tenant that entered an external ID, unless another tenant holds it. Returns whether it is held.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn enter(tx: &mut TenantTx, hash: &[u8; 32], now: OffsetDateTime) -> Result<bool> {
    lock(tx, hash).await?;
    let is_free = is_free(tx, hash).await?;
    if is_free {
        insert(tx, hash, false, now).await?;
    }
    Ok(is_free)
}

/// Holds the role for a tenant that proved it, and takes it from those that had only entered an external ID.
/// Returns whom it was taken from.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn prove(
    tx: &mut TenantTx,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Vec<TenantId>> {
    lock(tx, hash).await?;
    let displaced: Vec<Uuid> = sqlx::query_scalar(
        "DELETE FROM claims WHERE hash = $1 AND tenant_id <> $2 AND NOT is_proven RETURNING tenant_id",
    )
    .bind(hash.as_slice())
    .bind(tx.tenant().uuid())
    .fetch_all(tx.connection())
    .await?;
    insert(tx, hash, true, now).await?;
    Ok(displaced.into_iter().map(TenantId::from).collect())
}

/// Whether the tenant may use the role: it holds it, or nobody does.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn is_free(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT NOT EXISTS (SELECT FROM claims WHERE hash = $1 AND tenant_id <> $2)
           OR EXISTS (SELECT FROM claims WHERE hash = $1 AND tenant_id = $2)",
    )
    .bind(hash.as_slice())
    .bind(tx.tenant().uuid())
    .fetch_one(tx.connection())
    .await?)
}

/// Gives the tenant's own claim up, if it was proven. One that was only entered is the operator's to release.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn give_up(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query("DELETE FROM claims WHERE hash = $1 AND tenant_id = $2 AND is_proven")
        .bind(hash.as_slice())
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Takes a claim from a tenant: the operator's release. Returns whether there was one.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn release(tx: &mut PlatformTx, hash: &[u8; 32], tenant: TenantId) -> Result<bool> {
    let released = sqlx::query("DELETE FROM claims WHERE hash = $1 AND tenant_id = $2")
        .bind(hash.as_slice())
        .bind(tenant.uuid())
        .execute(tx.connection())
        .await?;
    Ok(released.rows_affected() == 1)
}

async fn insert(
    tx: &mut TenantTx,
    hash: &[u8; 32],
    is_proven: bool,
    now: OffsetDateTime,
) -> Result<()> {
    let tenant = tx.tenant().uuid();
    sqlx::query(
        "INSERT INTO claims (hash, tenant_id, is_proven, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hash, tenant_id) DO UPDATE SET is_proven = claims.is_proven OR EXCLUDED.is_proven",
    )
    .bind(hash.as_slice())
    .bind(tenant)
    .bind(is_proven)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Until the transaction ends; taken before anything of the tenant's is.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn lock(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<()> {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(i64::from_be_bytes([a, b, c, d, e, f, g, h]))
        .execute(tx.connection())
        .await?;
    Ok(())
}
