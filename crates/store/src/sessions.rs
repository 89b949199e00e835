//! Console sessions: an API key exchanged for a cookie. Each ends with its key.

use domain::{KeyId, KeyRole, SessionId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Result, TenantTx};

/// A session, with what its key allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The key it was exchanged for.
    pub api_key: KeyId,
    /// What that key allows.
    pub role: KeyRole,
    /// From when the cookie is refused; never later than the key.
    pub expires_at: OffsetDateTime,
}

/// Adds a session of a key.
///
/// # Errors
/// [`Error::Conflict`] if the key is gone; [`Error::Unavailable`].
pub async fn insert(
    tx: &mut TenantTx,
    id: SessionId,
    api_key: KeyId,
    secret_hash: &[u8; 32],
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO sessions (tenant_id, id, api_key_id, secret_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(api_key.uuid())
    .bind(secret_hash.as_slice())
    .bind(now)
    .bind(expires_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The session whose cookie has that hash.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(tx: &mut TenantTx, secret_hash: &[u8; 32]) -> Result<Option<Session>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT s.id, s.api_key_id, k.role, s.expires_at
         FROM sessions s JOIN api_keys k ON k.tenant_id = s.tenant_id AND k.id = s.api_key_id
         WHERE s.tenant_id = $1 AND s.secret_hash = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(secret_hash.as_slice())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Session::try_from).transpose()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    api_key_id: Uuid,
    role: String,
    expires_at: OffsetDateTime,
}

impl TryFrom<Row> for Session {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            api_key: row.api_key_id.into(),
            role: row
                .role
                .parse()
                .map_err(|_| Error::Unreadable("api_keys.role"))?,
            expires_at: row.expires_at,
        })
    }
}

/// Ends a session. Returns whether there was one.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn delete(tx: &mut TenantTx, id: SessionId) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM sessions WHERE tenant_id = $1 AND id = $2")
        .bind(tx.tenant().uuid())
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Whether the tenant still has that session.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn exists(tx: &mut TenantTx, id: SessionId) -> Result<bool> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM sessions WHERE tenant_id = $1 AND id = $2)")
            .bind(tx.tenant().uuid())
            .bind(id.uuid())
            .fetch_one(tx.connection())
            .await?,
    )
}
