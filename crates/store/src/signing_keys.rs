//! The keys of the OIDC issuer. They are the platform's, the same for all tenants.
//!
//! A row is a key that is published. Nothing is kept but when it was published and from when on it signs: what each key
//! does at a moment follows from these, so that no replica has to be told. They are sealed with the key: whoever writes to
//! the database lets none sign before its time or after.

use std::fmt;

use domain::SigningKeyId;
use rand_core::CryptoRng;
use time::OffsetDateTime;
use uuid::Uuid;
use vault::{Destination, KeyRing, Place};
use zeroize::Zeroizing;

use crate::{PlatformTx, Result, master_keys, sealed::SealedRow};

/// A key, opened.
#[derive(Clone)]
pub struct SigningKey {
    /// Its id.
    pub id: SigningKeyId,
    /// Since when it is published.
    pub published_at: OffsetDateTime,
    /// From when on it signs.
    pub signs_from: OffsetDateTime,
    /// The private key, in whatever form it was given.
    pub private_key: Zeroizing<Vec<u8>>,
}

/// The keys that there are.
#[derive(Debug)]
pub struct Kept {
    /// Those that could be opened, in the order in which they sign.
    pub opened: Vec<SigningKey>,
    /// Those that could not, each with why: [`Error::MissingMasterKey`](crate::Error::MissingMasterKey),
    /// [`Error::Sealed`](crate::Error::Sealed).
    pub closed: Vec<(SigningKeyId, crate::Error)>,
    /// When they were read, by the database's time, which is that of all replicas.
    pub read_at: OffsetDateTime,
}

/// All keys. One that cannot be opened takes none of the others away.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn all(tx: &mut PlatformTx, ring: &KeyRing) -> Result<Kept> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, published_at, signs_from, format, data_key_id, wrapped_by, wrapped_key, ciphertext
         FROM signing_keys ORDER BY signs_from, id",
    )
    .fetch_all(tx.connection())
    .await?;
    let mut kept = Kept {
        opened: Vec::new(),
        closed: Vec::new(),
        read_at: sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(tx.connection())
            .await?,
    };
    for row in rows {
        let id = row.id.into();
        match row.open(ring) {
            Ok(key) => kept.opened.push(key),
            Err(error) => kept.closed.push((id, error)),
        }
    }
    Ok(kept)
}

/// Until the transaction ends nobody else adds or deletes a key.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn lock(tx: &mut PlatformTx) -> Result<()> {
    sqlx::query("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Adds a key: from the commit on it is published.
///
/// # Errors
/// [`Error::MissingMasterKey`](crate::Error::MissingMasterKey) if this process lacks the version that seals;
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn insert(
    tx: &mut PlatformTx,
    ring: &KeyRing,
    key: &SigningKey,
    rng: &mut impl CryptoRng,
) -> Result<()> {
    let master_key = master_keys::sealing(tx.connection(), ring).await?;
    let sealed = vault::seal(
        master_key,
        &place(key.id),
        &times(key.published_at, key.signs_from),
        &key.private_key,
        rng,
    )?;
    sqlx::query(
        "INSERT INTO signing_keys
           (id, published_at, signs_from, format, data_key_id, wrapped_by, wrapped_key, ciphertext, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $2)",
    )
    .bind(key.id.uuid())
    .bind(key.published_at)
    .bind(key.signs_from)
    .bind(sealed.format)
    .bind(sealed.data_key_id)
    .bind(i32::from(sealed.wrapped_by))
    .bind(sealed.wrapped_key)
    .bind(sealed.ciphertext)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Deletes a key: from the commit on it is published no more.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn delete(tx: &mut PlatformTx, id: SigningKeyId) -> Result<()> {
    sqlx::query("DELETE FROM signing_keys WHERE id = $1")
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .field("published_at", &self.published_at)
            .field("signs_from", &self.signs_from)
            .finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    published_at: OffsetDateTime,
    signs_from: OffsetDateTime,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

impl Row {
    fn open(self, ring: &KeyRing) -> Result<SigningKey> {
        let id = SigningKeyId::from(self.id);
        let sealed = self.sealed.into_sealed()?;
        let times = times(self.published_at, self.signs_from);
        Ok(SigningKey {
            id,
            published_at: self.published_at,
            signs_from: self.signs_from,
            private_key: vault::open(ring, &place(id), &times, &sealed)?,
        })
    }
}

/// Where a private key lives: it is no tenant's.
pub(crate) fn place(id: SigningKeyId) -> Place<'static> {
    Place {
        tenant: Uuid::nil(),
        table: "signing_keys",
        row: id.uuid(),
        column: "private_key",
    }
}

/// When a key is used, as far as Postgres keeps it: in microseconds.
fn times(published_at: OffsetDateTime, signs_from: OffsetDateTime) -> Destination {
    let [published_at, signs_from] =
        [published_at, signs_from].map(|at| (at.unix_timestamp_nanos() / 1_000).to_string());
    Destination::of(
        "oidc",
        &[
            ("published_at", &*published_at),
            ("signs_from", &*signs_from),
        ],
    )
}
