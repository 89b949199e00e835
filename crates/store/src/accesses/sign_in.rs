//! What is kept of a Cognito access between two sign-ins, besides its refresh token: the identity, and the right to sign
//! in, which one replica has at a time.

use domain::AccessId;
use time::OffsetDateTime;

use crate::{Result, TenantTx};

/// The identity that the identity pool gave, at that revision of the access; none if there is none yet, or the access has
/// another revision.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn identity(tx: &mut TenantTx, id: AccessId, revision: i32) -> Result<Option<String>> {
    let identity: Option<Option<String>> = sqlx::query_scalar(
        "SELECT identity_id FROM accesses WHERE tenant_id = $1 AND id = $2 AND revision = $3",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(revision)
    .fetch_optional(tx.connection())
    .await?;
    Ok(identity.flatten())
}

/// Keeps the identity, if the access still has that revision.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn keep_identity(
    tx: &mut TenantTx,
    id: AccessId,
    revision: i32,
    identity: &str,
) -> Result<()> {
    sqlx::query(
        "UPDATE accesses SET identity_id = $4 WHERE tenant_id = $1 AND id = $2 AND revision = $3",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(revision)
    .bind(identity)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes the right to sign in until `until`. False if another has it.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn claim(
    tx: &mut TenantTx,
    id: AccessId,
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool> {
    let claimed = sqlx::query(
        "UPDATE accesses SET refresh_right_until = $3
         WHERE tenant_id = $1 AND id = $2 AND (refresh_right_until IS NULL OR refresh_right_until <= $4)",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(until)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Gives the right back that was taken until then. Another's stays.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn release(tx: &mut TenantTx, id: AccessId, until: OffsetDateTime) -> Result<()> {
    sqlx::query(
        "UPDATE accesses SET refresh_right_until = NULL
         WHERE tenant_id = $1 AND id = $2 AND refresh_right_until = $3",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(until)
    .execute(tx.connection())
    .await?;
    Ok(())
}
