//! AWS accesses: one way into one AWS account. Fields only: secrets are in `secrets.rs`.

mod row;
pub mod sign_in;

use domain::{AccessId, AccountId};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use row::{Access, CognitoFields, Edit, ExternalId, Fields, Hint, Hints};

use self::row::Row;
use crate::{Result, TenantTx};

/// Adds an access at revision 1, proven for none.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn insert(
    tx: &mut TenantTx,
    id: AccessId,
    edit: &Edit<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    let columns = edit.fields.columns();
    sqlx::query(
        "INSERT INTO accesses
           (tenant_id, id, method, federation, role_arn, external_id, external_id_source, user_pool_id, app_client_id,
            identity_pool_id, username, pool_region, secret_hints, secret_expires_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(edit.fields.method().as_str())
    .bind(columns.federation)
    .bind(columns.role_arn)
    .bind(columns.external_id)
    .bind(columns.external_id_source)
    .bind(columns.cognito(|fields| &fields.user_pool_id))
    .bind(columns.cognito(|fields| &fields.app_client_id))
    .bind(columns.cognito(|fields| &fields.identity_pool_id))
    .bind(columns.cognito(|fields| &fields.username))
    .bind(columns.cognito(|fields| &fields.pool_region))
    .bind(Json(edit.secret_hints))
    .bind(edit.secret_expires_at)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The access of that id. Locked until the transaction ends, where it may write: edits come one after the other.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn lock(tx: &mut TenantTx, id: AccessId) -> Result<Option<Access>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, method, federation, role_arn, external_id, external_id_source, user_pool_id, app_client_id,
                identity_pool_id, username, pool_region, account_id, identity_arn, secret_hints, secret_expires_at,
                revision, proven_revision, created_at, updated_at
         FROM accesses WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Access::try_from).transpose()
}

/// The access of that id.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn find(tx: &mut TenantTx, id: AccessId) -> Result<Option<Access>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, method, federation, role_arn, external_id, external_id_source, user_pool_id, app_client_id,
                identity_pool_id, username, pool_region, account_id, identity_arn, secret_hints, secret_expires_at,
                revision, proven_revision, created_at, updated_at
         FROM accesses WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Access::try_from).transpose()
}

/// The revision that an access has now; none if it is gone.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn revision(tx: &mut TenantTx, id: AccessId) -> Result<Option<i32>> {
    Ok(
        sqlx::query_scalar("SELECT revision FROM accesses WHERE tenant_id = $1 AND id = $2")
            .bind(tx.tenant().uuid())
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?,
    )
}

/// Edits fields or secrets. The access has a new revision then, for which nothing is proven; Cognito's identity is asked
/// for anew.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn edit(
    tx: &mut TenantTx,
    id: AccessId,
    edit: &Edit<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    let columns = edit.fields.columns();
    sqlx::query(
        "UPDATE accesses SET
           role_arn = $3, external_id = $4, external_id_source = $5, user_pool_id = $6, app_client_id = $7,
           identity_pool_id = $8, username = $9, pool_region = $10, secret_hints = $11, secret_expires_at = $12,
           updated_at = $13, identity_id = NULL, revision = revision + 1
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(columns.role_arn)
    .bind(columns.external_id)
    .bind(columns.external_id_source)
    .bind(columns.cognito(|fields| &fields.user_pool_id))
    .bind(columns.cognito(|fields| &fields.app_client_id))
    .bind(columns.cognito(|fields| &fields.identity_pool_id))
    .bind(columns.cognito(|fields| &fields.username))
    .bind(columns.cognito(|fields| &fields.pool_region))
    .bind(Json(edit.secret_hints))
    .bind(edit.secret_expires_at)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes what a passed test of that revision found: whose account it is, and that the role demands what it should.
/// Returns whether the access still has that revision.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn note_reached(
    tx: &mut TenantTx,
    id: AccessId,
    revision: i32,
    account: Option<AccountId>,
    identity_arn: Option<&str>,
    now: OffsetDateTime,
) -> Result<bool> {
    let noted = sqlx::query(
        "UPDATE accesses SET account_id = coalesce($4, account_id), identity_arn = coalesce($5, identity_arn),
           proven_revision = $3, updated_at = $6
         WHERE tenant_id = $1 AND id = $2 AND revision = $3",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(revision)
    .bind(account.map(|account| account.to_string()))
    .bind(identity_arn)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Takes the proof back: no lease until a test passes again.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn unprove(tx: &mut TenantTx, id: AccessId, now: OffsetDateTime) -> Result<()> {
    sqlx::query(
        "UPDATE accesses SET proven_revision = NULL, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The accesses by which the tenant uses that role with an external ID that it entered.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn by_entered_role(tx: &mut TenantTx, role_arn: &str) -> Result<Vec<AccessId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM accesses
         WHERE tenant_id = $1 AND role_arn = $2 AND external_id_source = 'customer' ORDER BY id",
    )
    .bind(tx.tenant().uuid())
    .bind(role_arn)
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(AccessId::from).collect())
}

/// Whether the tenant uses that role by any access but this one.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn uses_role_elsewhere(tx: &mut TenantTx, role_arn: &str, but: AccessId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM accesses WHERE tenant_id = $1 AND role_arn = $2 AND id <> $3)",
    )
    .bind(tx.tenant().uuid())
    .bind(role_arn)
    .bind(but.uuid())
    .fetch_one(tx.connection())
    .await?)
}

/// Deletes an access and its secrets. Its connections must be gone.
///
/// # Errors
/// [`Error::Conflict`](crate::Error::Conflict) if it has connections; [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn delete(tx: &mut TenantTx, id: AccessId) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM accesses WHERE tenant_id = $1 AND id = $2")
        .bind(tx.tenant().uuid())
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected() == 1)
}
