//! Which master-key versions this database knows, and which of them seals.

use sqlx::PgConnection;
use time::OffsetDateTime;
use vault::{KeyRing, MasterKey, Version};

use crate::{Error, PlatformTx, Result, sealed::version};

/// A version that this database knows.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    version: i32,
    check_value: Vec<u8>,
    is_active: bool,
}

/// Whether any master key was ever used with this database. While it is not, a new key may be made.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn any(tx: &mut PlatformTx) -> Result<bool> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM master_keys)")
            .fetch_one(tx.connection())
            .await?,
    )
}

/// Holds the keys given against the check values, and returns the version that seals.
/// In a database that knows none, the newest of the keys given becomes the active one.
///
/// # Errors
/// [`Error::WrongMasterKey`], [`Error::MissingMasterKey`] for the active version; [`Error::Unavailable`].
pub async fn enrol(tx: &mut PlatformTx, ring: &KeyRing, now: OffsetDateTime) -> Result<Version> {
    if !any(tx).await? {
        // Two replicas may start at once: the second insert waits, and then does nothing.
        insert(tx, ring.newest(), true, now).await?;
    }
    active(tx, ring).await
}

/// The version that seals, all keys given being held against their check values.
///
/// # Errors
/// As [`enrol`]; [`Error::NoMasterKey`].
pub async fn active(tx: &mut PlatformTx, ring: &KeyRing) -> Result<Version> {
    sealing_version(tx.connection(), ring).await
}

pub(crate) async fn sealing_version(
    connection: &mut PgConnection,
    ring: &KeyRing,
) -> Result<Version> {
    let rows: Vec<Row> = sqlx::query_as("SELECT version, check_value, is_active FROM master_keys")
        .fetch_all(connection)
        .await?;
    let mut active = None;
    for row in rows {
        let version = version(row.version)?;
        match ring.get(version) {
            Some(key) if !key.matches(&row.check_value) => {
                return Err(Error::WrongMasterKey(version));
            }
            None if row.is_active => return Err(Error::MissingMasterKey(version)),
            _ if row.is_active => active = Some(version),
            _ => {}
        }
    }
    active.ok_or(Error::NoMasterKey)
}

/// Makes `to` the version that seals. Writers that sealed under the version before have committed when this returns.
///
/// # Errors
/// [`Error::WrongMasterKey`] if the version is known with another key; [`Error::Unavailable`].
pub async fn activate(tx: &mut PlatformTx, to: &MasterKey, now: OffsetDateTime) -> Result<()> {
    insert(tx, to, false, now).await?;
    let version = i32::from(to.version());
    let check_value: Vec<u8> =
        sqlx::query_scalar("SELECT check_value FROM master_keys WHERE version = $1")
            .bind(version)
            .fetch_one(tx.connection())
            .await?;
    if !to.matches(&check_value) {
        return Err(Error::WrongMasterKey(to.version()));
    }
    // Two statements, since the index allows one active row at every moment.
    sqlx::query("UPDATE master_keys SET is_active = false WHERE is_active")
        .execute(tx.connection())
        .await?;
    sqlx::query("UPDATE master_keys SET is_active = true WHERE version = $1")
        .bind(version)
        .execute(tx.connection())
        .await?;
    Ok(())
}

async fn insert(
    tx: &mut PlatformTx,
    key: &MasterKey,
    is_active: bool,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO master_keys (version, check_value, is_active, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(i32::from(key.version()))
    .bind(key.check_value().as_slice())
    .bind(is_active)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The key that seals in this transaction. The row stays share-locked until the transaction ends, so that a rotation
/// waits for it and then finds what was sealed.
pub(crate) async fn sealing<'ring>(
    connection: &mut PgConnection,
    ring: &'ring KeyRing,
) -> Result<&'ring MasterKey> {
    let active = match lock_active(connection).await? {
        Some(active) => active,
        // It waited for a rotation, and the row it waited for is not the active one any more. The other one is in
        // sight of the next statement only.
        None => lock_active(connection).await?.ok_or(Error::NoMasterKey)?,
    };
    let active = version(active)?;
    ring.get(active).ok_or(Error::MissingMasterKey(active))
}

async fn lock_active(connection: &mut PgConnection) -> Result<Option<i32>> {
    Ok(
        sqlx::query_scalar("SELECT version FROM master_keys WHERE is_active FOR SHARE")
            .fetch_optional(connection)
            .await?,
    )
}
