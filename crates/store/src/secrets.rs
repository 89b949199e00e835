//! The secrets of AWS accesses: sealed when written, opened when read, plain nowhere else.

use std::str::FromStr;

use domain::{AccessId, TenantId};
use rand_core::CryptoRng;
use time::OffsetDateTime;
use uuid::Uuid;
use vault::{Destination, KeyRing, Place};
use zeroize::Zeroizing;

use crate::{Error, Result, TenantTx, master_keys, sealed::SealedRow};

/// Which secret field of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretName {
    /// A Bedrock API key.
    ApiKey,
    /// A Cognito app client's secret.
    AppClientSecret,
    /// A Cognito user's password.
    Password,
    /// A Cognito refresh token.
    RefreshToken,
}

impl SecretName {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ApiKey,
        Self::AppClientSecret,
        Self::Password,
        Self::RefreshToken,
    ];

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::AppClientSecret => "app_client_secret",
            Self::Password => "password",
            Self::RefreshToken => "refresh_token",
        }
    }
}

impl FromStr for SecretName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or(Error::Unreadable("secrets.name"))
    }
}

/// Seals `plaintext` as this secret of the access, in place of what was there.
/// `destination` digests the fields that void it: opened with another one, it is refused.
///
/// # Errors
/// [`Error::MissingMasterKey`] if this process lacks the version that seals; [`Error::Conflict`] if there is no such
/// access; [`Error::Unavailable`].
#[expect(
    clippy::too_many_arguments,
    reason = "each is one thing the seal is bound to or made of"
)]
pub async fn put(
    tx: &mut TenantTx,
    ring: &KeyRing,
    access: AccessId,
    name: SecretName,
    destination: &Destination,
    plaintext: &[u8],
    now: OffsetDateTime,
    rng: &mut impl CryptoRng,
) -> Result<()> {
    let tenant = tx.tenant();
    let key = master_keys::sealing(tx.connection(), ring).await?;
    let sealed = vault::seal(
        key,
        &place(tenant, access, name),
        destination,
        plaintext,
        rng,
    )?;
    sqlx::query(
        "INSERT INTO secrets
           (tenant_id, access_id, name, format, data_key_id, wrapped_by, wrapped_key, ciphertext, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (tenant_id, access_id, name) DO UPDATE SET
           format = EXCLUDED.format, data_key_id = EXCLUDED.data_key_id,
           wrapped_by = EXCLUDED.wrapped_by, wrapped_key = EXCLUDED.wrapped_key,
           ciphertext = EXCLUDED.ciphertext, updated_at = EXCLUDED.updated_at",
    )
    .bind(tenant.uuid())
    .bind(access.uuid())
    .bind(name.as_str())
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

/// The secret in the clear, if there is one.
///
/// # Errors
/// [`Error::Sealed`] if it was sealed for another destination or place, or is damaged; [`Error::MissingMasterKey`];
/// [`Error::Unavailable`].
pub async fn open(
    tx: &mut TenantTx,
    ring: &KeyRing,
    access: AccessId,
    name: SecretName,
    destination: &Destination,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let tenant = tx.tenant();
    let row: Option<SealedRow> = sqlx::query_as(
        "SELECT format, data_key_id, wrapped_by, wrapped_key, ciphertext
         FROM secrets WHERE tenant_id = $1 AND access_id = $2 AND name = $3",
    )
    .bind(tenant.uuid())
    .bind(access.uuid())
    .bind(name.as_str())
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let place = place(tenant, access, name);
    Ok(Some(vault::open(
        ring,
        &place,
        destination,
        &row.into_sealed()?,
    )?))
}

/// What names the secret's present value: another one with each [`put`]. None if there is no such secret.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn version(
    tx: &mut TenantTx,
    access: AccessId,
    name: SecretName,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar(
        "SELECT data_key_id FROM secrets WHERE tenant_id = $1 AND access_id = $2 AND name = $3",
    )
    .bind(tx.tenant().uuid())
    .bind(access.uuid())
    .bind(name.as_str())
    .fetch_optional(tx.connection())
    .await?)
}

/// Deletes the secret, if there is one.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn delete(tx: &mut TenantTx, access: AccessId, name: SecretName) -> Result<()> {
    sqlx::query("DELETE FROM secrets WHERE tenant_id = $1 AND access_id = $2 AND name = $3")
        .bind(tx.tenant().uuid())
        .bind(access.uuid())
        .bind(name.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Where a secret lives, as both layers of its envelope are bound to.
pub(crate) fn place(tenant: TenantId, access: AccessId, name: SecretName) -> Place<'static> {
    Place {
        tenant: tenant.uuid(),
        table: "secrets",
        row: access.uuid(),
        column: name.as_str(),
    }
}
