//! Tenants: a platform table, of names and states only.

use domain::{Cursor, Limit, Name, Page, TenantId, TenantRef, TenantState};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, PlatformTx, Result, TenantTx};

/// The unique index that refuses a second tenant of the same ref.
pub const REF_TAKEN: &str = "tenants_ref";

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// The platform's own id for it.
    pub tenant_ref: String,
    /// A name for people.
    pub name: String,
    /// What it may do.
    pub state: TenantState,
    /// When it was provisioned.
    pub created_at: OffsetDateTime,
    /// When its name or state last changed.
    pub updated_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    r#ref: String,
    name: String,
    state: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl TryFrom<Row> for Tenant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            tenant_ref: row.r#ref,
            name: row.name,
            state: row
                .state
                .parse()
                .map_err(|_| Error::Unreadable("tenants.state"))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Adds an active tenant.
///
/// # Errors
/// [`Error::Conflict`] on [`REF_TAKEN`]; [`Error::Unavailable`].
pub async fn insert(
    tx: &mut PlatformTx,
    id: TenantId,
    tenant_ref: &TenantRef,
    name: &Name,
    now: OffsetDateTime,
) -> Result<Tenant> {
    let row: Row = sqlx::query_as(
        "INSERT INTO tenants (id, ref, name, state, created_at, updated_at)
         VALUES ($1, $2, $3, 'active', $4, $4)
         RETURNING id, ref, name, state, created_at, updated_at",
    )
    .bind(id.uuid())
    .bind(tenant_ref.as_str())
    .bind(name.as_str())
    .bind(now)
    .fetch_one(tx.connection())
    .await?;
    row.try_into()
}

/// The tenant of that id, unless it was deleted. The row stays locked until the transaction ends.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn lock(tx: &mut PlatformTx, id: TenantId) -> Result<Option<Tenant>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, ref, name, state, created_at, updated_at
         FROM tenants WHERE id = $1 AND state <> 'deleted' FOR NO KEY UPDATE",
    )
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Tenant::try_from).transpose()
}

/// The tenant of that id, unless it was deleted.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(tx: &mut PlatformTx, id: TenantId) -> Result<Option<Tenant>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, ref, name, state, created_at, updated_at
         FROM tenants WHERE id = $1 AND state <> 'deleted'",
    )
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Tenant::try_from).transpose()
}

/// The tenant of that ref, unless it was deleted.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find_by_ref(tx: &mut PlatformTx, tenant_ref: &TenantRef) -> Result<Option<Tenant>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, ref, name, state, created_at, updated_at
         FROM tenants WHERE ref = $1 AND state <> 'deleted'",
    )
    .bind(tenant_ref.as_str())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Tenant::try_from).transpose()
}

/// Tenants that were not deleted, oldest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(
    tx: &mut PlatformTx,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Tenant>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, ref, name, state, created_at, updated_at
         FROM tenants WHERE id > $1 AND state <> 'deleted' ORDER BY id LIMIT $2",
    )
    .bind(after.map_or(Uuid::nil(), Cursor::after))
    .bind(i64::from(limit.get()) + 1)
    .fetch_all(tx.connection())
    .await?;
    let rows = rows
        .into_iter()
        .map(Tenant::try_from)
        .collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(rows, limit, |tenant| tenant.id.uuid()))
}

/// The next ids after one, deleted tenants' too: for work that goes over all of them.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn ids_after(tx: &mut PlatformTx, after: Option<TenantId>) -> Result<Vec<TenantId>> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT 500")
            .bind(after.map_or(Uuid::nil(), TenantId::uuid))
            .fetch_all(tx.connection())
            .await?;
    Ok(ids.into_iter().map(TenantId::from).collect())
}

/// The next ids of active tenants after one: for work that leaves the others alone.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn active_after(tx: &mut PlatformTx, after: Option<TenantId>) -> Result<Vec<TenantId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM tenants WHERE id > $1 AND state = 'active' ORDER BY id LIMIT 500",
    )
    .bind(after.map_or(Uuid::nil(), TenantId::uuid))
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(TenantId::from).collect())
}

/// Changes name or state.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn update(
    tx: &mut PlatformTx,
    id: TenantId,
    name: &str,
    state: TenantState,
    now: OffsetDateTime,
) -> Result<Tenant> {
    let row: Row = sqlx::query_as(
        "UPDATE tenants SET name = $2, state = $3, updated_at = $4 WHERE id = $1
         RETURNING id, ref, name, state, created_at, updated_at",
    )
    .bind(id.uuid())
    .bind(name)
    .bind(state.as_str())
    .bind(now)
    .fetch_one(tx.connection())
    .await?;
    row.try_into()
}

/// Removes all that the tenant has but its audit events, which keep their retention.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn purge(tx: &mut TenantTx) -> Result<()> {
    // Children before parents. `tests/store/deletion.rs` fails if a tenant table is missing here.
    for statement in [
        "DELETE FROM usage_days WHERE tenant_id = $1",
        "DELETE FROM models WHERE tenant_id = $1",
        "DELETE FROM secrets WHERE tenant_id = $1",
        "DELETE FROM connections WHERE tenant_id = $1",
        "DELETE FROM accesses WHERE tenant_id = $1",
        "DELETE FROM sessions WHERE tenant_id = $1",
        "DELETE FROM api_keys WHERE tenant_id = $1",
        "DELETE FROM idempotency_keys WHERE tenant_id = $1",
    ] {
        let tenant = tx.tenant().uuid();
        sqlx::query(statement)
            .bind(tenant)
            .execute(tx.connection())
            .await?;
    }
    // Its claims free the roles for others. Its external IDs stay taken: they are in somebody's trust policy.
    let tenant = tx.tenant().uuid();
    sqlx::query("DELETE FROM claims WHERE tenant_id = $1")
        .bind(tenant)
        .execute(tx.connection())
        .await?;
    Ok(())
}
