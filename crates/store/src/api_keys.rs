//! API keys of this service: hashes, never keys. The nil tenant's are the operators'.

use domain::{Cursor, KeyId, KeyRole, Limit, Name, Page};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Result, TenantTx};

/// An API key, without what makes it one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// A name for people.
    pub name: String,
    /// What it allows.
    pub role: KeyRole,
    /// Its last four characters.
    pub hint: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Who made it.
    pub created_by: String,
    /// From when it is refused.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was last used, up to a minute late.
    pub last_used_at: Option<OffsetDateTime>,
}

/// A key to be added.
#[derive(Debug)]
pub struct NewApiKey<'a> {
    /// Its id.
    pub id: KeyId,
    /// A name for people.
    pub name: &'a Name,
    /// What it allows.
    pub role: KeyRole,
    /// SHA-256 of its secret part.
    pub secret_hash: [u8; 32],
    /// Its last four characters.
    pub hint: &'a str,
    /// Who makes it.
    pub created_by: &'a str,
    /// From when it is refused.
    pub expires_at: Option<OffsetDateTime>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    role: String,
    hint: String,
    created_at: OffsetDateTime,
    created_by: String,
    expires_at: Option<OffsetDateTime>,
    last_used_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for ApiKey {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            role: row
                .role
                .parse()
                .map_err(|_| Error::Unreadable("api_keys.role"))?,
            hint: row.hint,
            created_at: row.created_at,
            created_by: row.created_by,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// Adds a key.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn insert(tx: &mut TenantTx, key: &NewApiKey<'_>, now: OffsetDateTime) -> Result<ApiKey> {
    let row: Row = sqlx::query_as(
        "INSERT INTO api_keys
           (tenant_id, id, name, role, secret_hash, hint, created_at, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         RETURNING id, name, role, hint, created_at, created_by, expires_at, last_used_at",
    )
    .bind(tx.tenant().uuid())
    .bind(key.id.uuid())
    .bind(key.name.as_str())
    .bind(key.role.as_str())
    .bind(key.secret_hash.as_slice())
    .bind(key.hint)
    .bind(now)
    .bind(key.created_by)
    .bind(key.expires_at)
    .fetch_one(tx.connection())
    .await?;
    row.try_into()
}

/// The key whose secret part has that hash.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(tx: &mut TenantTx, secret_hash: &[u8; 32]) -> Result<Option<ApiKey>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, name, role, hint, created_at, created_by, expires_at, last_used_at
         FROM api_keys WHERE tenant_id = $1 AND secret_hash = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(secret_hash.as_slice())
    .fetch_optional(tx.connection())
    .await?;
    row.map(ApiKey::try_from).transpose()
}

/// Whether the tenant still has that key.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn exists(tx: &mut TenantTx, id: KeyId) -> Result<bool> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM api_keys WHERE tenant_id = $1 AND id = $2)")
            .bind(tx.tenant().uuid())
            .bind(id.uuid())
            .fetch_one(tx.connection())
            .await?,
    )
}

/// Keys, oldest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(tx: &mut TenantTx, after: Option<Cursor>, limit: Limit) -> Result<Page<ApiKey>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, name, role, hint, created_at, created_by, expires_at, last_used_at
         FROM api_keys WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(tx.tenant().uuid())
    .bind(after.map_or(Uuid::nil(), Cursor::after))
    .bind(i64::from(limit.get()) + 1)
    .fetch_all(tx.connection())
    .await?;
    let rows = rows
        .into_iter()
        .map(ApiKey::try_from)
        .collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(rows, limit, |key| key.id.uuid()))
}

/// Deletes a key, and with it its sessions. Returns its name, or none if there is no such key.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn delete(tx: &mut TenantTx, id: KeyId) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar("DELETE FROM api_keys WHERE tenant_id = $1 AND id = $2 RETURNING name")
            .bind(tx.tenant().uuid())
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?,
    )
}

/// Notes when keys were last used; an older time never replaces a newer one.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn touch(tx: &mut TenantTx, used: &[(KeyId, OffsetDateTime)]) -> Result<()> {
    let (ids, times): (Vec<_>, Vec<_>) = used.iter().map(|(id, at)| (id.uuid(), *at)).unzip();
    sqlx::query(
        "UPDATE api_keys SET last_used_at = greatest(last_used_at, used.at)
         FROM unnest($2::uuid[], $3::timestamptz[]) AS used (id, at)
         WHERE tenant_id = $1 AND api_keys.id = used.id",
    )
    .bind(tx.tenant().uuid())
    .bind(ids)
    .bind(times)
    .execute(tx.connection())
    .await?;
    Ok(())
}
