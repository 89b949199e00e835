//! Re-wrapping under another master key, online: only the wrapped data keys change, never a ciphertext.
//!
//! Whoever seals holds the active version's row share-locked until the commit, so after
//! [`master_keys::activate`](crate::master_keys::activate) nothing more is sealed under the old version, and a pass over
//! all tenants finds the rest. A pass that was killed is simply made again: what is done does not match any more.

use std::ops::AddAssign;

use domain::{AccessId, SigningKeyId, TenantId};
use rand_core::CryptoRng;
use time::OffsetDateTime;
use uuid::Uuid;
use vault::{KeyRing, MasterKey, Place, Sealed};

use crate::{
    Error, PlatformTx, Result, TenantTx, platform_secrets, sealed::SealedRow, secrets,
    secrets::SecretName, signing_keys,
};

/// How many secrets one transaction re-wraps: few, so that no row is locked for long.
const BATCH: i64 = 100;

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Re-wrapped under the new version.
    pub rewrapped: u64,
    /// Left as they were: their version is not among the keys given, or they are damaged.
    pub unreadable: u64,
}

const REWRAPPED: Progress = Progress {
    rewrapped: 1,
    unreadable: 0,
};
const UNREADABLE: Progress = Progress {
    rewrapped: 0,
    unreadable: 1,
};

impl AddAssign for Progress {
    fn add_assign(&mut self, other: Self) {
        self.rewrapped += other.rewrapped;
        self.unreadable += other.unreadable;
    }
}

/// Where a pass over a tenant stands: the last secret it looked at.
#[derive(Debug, Clone)]
pub struct Position {
    access: Uuid,
    name: String,
}

/// Re-wraps the next secrets of a tenant after `after`. Returns where to go on; none when all were looked at.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn rewrap_batch(
    tx: &mut TenantTx,
    ring: &KeyRing,
    to: &MasterKey,
    after: Option<Position>,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<(Progress, Option<Position>)> {
    let tenant = tx.tenant();
    let (access, name) = after.map_or((Uuid::nil(), String::new()), |p| (p.access, p.name));
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT access_id, name, format, data_key_id, wrapped_by, wrapped_key, ciphertext
         FROM secrets
         WHERE tenant_id = $1 AND wrapped_by <> $2 AND (access_id, name) > ($3, $4)
         ORDER BY access_id, name LIMIT $5 FOR UPDATE",
    )
    .bind(tenant.uuid())
    .bind(i32::from(to.version()))
    .bind(access)
    .bind(name)
    .bind(BATCH)
    .fetch_all(tx.connection())
    .await?;
    let next = rows.last().map(|row| Position {
        access: row.access_id,
        name: row.name.clone(),
    });
    let mut progress = Progress::default();
    for row in rows {
        progress += rewrap_row(tx, ring, to, tenant, row, now, rng).await?;
    }
    Ok((progress, next))
}

#[derive(sqlx::FromRow)]
struct Row {
    access_id: Uuid,
    name: String,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

async fn rewrap_row(
    tx: &mut TenantTx,
    ring: &KeyRing,
    to: &MasterKey,
    tenant: TenantId,
    row: Row,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<Progress> {
    let name: SecretName = row.name.parse()?;
    let place = secrets::place(tenant, AccessId::from(row.access_id), name);
    let Some(sealed) = rewrap(ring, to, &place, row.sealed, rng)? else {
        tracing::error!(%tenant, access = %AccessId::from(row.access_id), secret = name.as_str(),
            "a secret could not be re-wrapped");
        return Ok(UNREADABLE);
    };
    sqlx::query(
        "UPDATE secrets SET wrapped_by = $4, wrapped_key = $5, updated_at = $6
         WHERE tenant_id = $1 AND access_id = $2 AND name = $3",
    )
    .bind(tenant.uuid())
    .bind(row.access_id)
    .bind(row.name)
    .bind(i32::from(sealed.wrapped_by))
    .bind(sealed.wrapped_key)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(REWRAPPED)
}

/// Re-wraps the platform's own secrets and signing keys: few, so in one go.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn rewrap_platform(
    tx: &mut PlatformTx,
    ring: &KeyRing,
    to: &MasterKey,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<Progress> {
    let mut progress = rewrap_platform_secrets(tx, ring, to, now, rng).await?;
    progress += rewrap_signing_keys(tx, ring, to, now, rng).await?;
    Ok(progress)
}

async fn rewrap_platform_secrets(
    tx: &mut PlatformTx,
    ring: &KeyRing,
    to: &MasterKey,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<Progress> {
    let rows: Vec<PlatformRow> = sqlx::query_as(
        "SELECT name, format, data_key_id, wrapped_by, wrapped_key, ciphertext
         FROM platform_secrets WHERE wrapped_by <> $1 FOR UPDATE",
    )
    .bind(i32::from(to.version()))
    .fetch_all(tx.connection())
    .await?;
    let mut progress = Progress::default();
    for row in rows {
        let place = platform_secrets::place(&row.name);
        let Some(sealed) = rewrap(ring, to, &place, row.sealed, rng)? else {
            tracing::error!(
                secret = row.name,
                "a platform secret could not be re-wrapped"
            );
            progress += UNREADABLE;
            continue;
        };
        sqlx::query(
            "UPDATE platform_secrets SET wrapped_by = $2, wrapped_key = $3, updated_at = $4
             WHERE name = $1",
        )
        .bind(&row.name)
        .bind(i32::from(sealed.wrapped_by))
        .bind(sealed.wrapped_key)
        .bind(now)
        .execute(tx.connection())
        .await?;
        progress += REWRAPPED;
    }
    Ok(progress)
}

async fn rewrap_signing_keys(
    tx: &mut PlatformTx,
    ring: &KeyRing,
    to: &MasterKey,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<Progress> {
    let rows: Vec<SigningKeyRow> = sqlx::query_as(
        "SELECT id, format, data_key_id, wrapped_by, wrapped_key, ciphertext
         FROM signing_keys WHERE wrapped_by <> $1 FOR UPDATE",
    )
    .bind(i32::from(to.version()))
    .fetch_all(tx.connection())
    .await?;
    let mut progress = Progress::default();
    for row in rows {
        let id = SigningKeyId::from(row.id);
        let Some(sealed) = rewrap(ring, to, &signing_keys::place(id), row.sealed, rng)? else {
            tracing::error!(key = %id, "a signing key could not be re-wrapped");
            progress += UNREADABLE;
            continue;
        };
        sqlx::query(
            "UPDATE signing_keys SET wrapped_by = $2, wrapped_key = $3, updated_at = $4 WHERE id = $1",
        )
        .bind(row.id)
        .bind(i32::from(sealed.wrapped_by))
        .bind(sealed.wrapped_key)
        .bind(now)
        .execute(tx.connection())
        .await?;
        progress += REWRAPPED;
    }
    Ok(progress)
}

#[derive(sqlx::FromRow)]
struct PlatformRow {
    name: String,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

#[derive(sqlx::FromRow)]
struct SigningKeyRow {
    id: Uuid,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

/// None if this one cannot be opened: the pass goes on with the others and reports it.
fn rewrap(
    ring: &KeyRing,
    to: &MasterKey,
    place: &Place<'_>,
    row: SealedRow,
    rng: &mut impl CryptoRng,
) -> Result<Option<Sealed>> {
    match vault::rewrap(ring, to, place, &row.into_sealed()?, rng) {
        Ok(sealed) => Ok(Some(sealed)),
        Err(
            vault::Error::UnknownVersion(_)
            | vault::Error::Refused
            | vault::Error::UnknownFormat(_),
        ) => Ok(None),
        Err(other) => Err(Error::from(other)),
    }
}
