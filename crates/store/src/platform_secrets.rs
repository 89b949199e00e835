//! Secrets of the service itself, which belong to no tenant.

use rand_core::CryptoRng;
use time::OffsetDateTime;
use uuid::Uuid;
use vault::{Destination, HashKey, KeyRing, Place, Sealed};

use crate::{PlatformTx, Result, master_keys, sealed::SealedRow};

pub(crate) const HASH_KEY: &str = "hash_key";

/// The key of every keyed hash in this database, made at the first start. It outlives master keys.
///
/// # Errors
/// [`Error::Sealed`](crate::Error::Sealed), [`Error::MissingMasterKey`](crate::Error::MissingMasterKey),
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn hash_key(
    tx: &mut PlatformTx,
    ring: &KeyRing,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<HashKey> {
    let sealed = match find(tx, HASH_KEY).await? {
        Some(sealed) => sealed,
        None => {
            make(tx, ring, now, rng).await?;
            // Whoever was first has made it.
            find(tx, HASH_KEY)
                .await?
                .ok_or(crate::Error::Unreadable("platform_secrets"))?
        }
    };
    let bytes = vault::open(ring, &place(HASH_KEY), &Destination::none(), &sealed)?;
    Ok(HashKey::from_bytes(&bytes)?)
}

async fn make(
    tx: &mut PlatformTx,
    ring: &KeyRing,
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<()> {
    let key = master_keys::sealing(tx.connection(), ring).await?;
    let fresh = HashKey::generate(rng);
    let sealed = vault::seal(
        key,
        &place(HASH_KEY),
        &Destination::none(),
        fresh.as_bytes(),
        rng,
    )?;
    sqlx::query(
        "INSERT INTO platform_secrets
           (name, format, data_key_id, wrapped_by, wrapped_key, ciphertext, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(HASH_KEY)
    .bind(sealed.format)
    .bind(sealed.data_key_id)
    .bind(i32::from(sealed.wrapped_by))
    .bind(sealed.wrapped_key)
    .bind(sealed.ciphertext)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

async fn find(tx: &mut PlatformTx, name: &str) -> Result<Option<Sealed>> {
    let row: Option<SealedRow> = sqlx::query_as(
        "SELECT format, data_key_id, wrapped_by, wrapped_key, ciphertext
         FROM platform_secrets WHERE name = $1",
    )
    .bind(name)
    .fetch_optional(tx.connection())
    .await?;
    row.map(SealedRow::into_sealed).transpose()
}

/// Where a platform secret lives: no tenant, and its name stands for row and column.
pub(crate) fn place(name: &str) -> Place<'_> {
    Place {
        tenant: Uuid::nil(),
        table: "platform_secrets",
        row: Uuid::nil(),
        column: name,
    }
}
