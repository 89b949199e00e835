//! Requests that must not be carried out twice.
//!
//! A claim is committed before the work; the work's own transaction turns it into an answer. Killed in between, the
//! claim lapses and the request can be made again; nothing was done then.

use time::OffsetDateTime;

use crate::{Error, Result, TenantTx};

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The request is this caller's to carry out.
    Granted,
    /// It was carried out before, with this status, on this resource.
    Done {
        /// The HTTP status.
        status: u16,
        /// The id of what was made or changed.
        resource: String,
    },
    /// It is being carried out right now.
    InFlight,
    /// The key was used for another request.
    OtherRequest,
}

/// A request under an idempotency key.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Keyed hash of caller and key.
    pub key_hash: &'a [u8; 32],
    /// Keyed hash of operation and body.
    pub request_hash: &'a [u8; 32],
    /// Until when the claim holds; also names the claim.
    pub claimed_until: OffsetDateTime,
}

/// Claims the request.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn claim(
    tx: &mut TenantTx,
    request: Request<'_>,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<Claim> {
    let granted: Option<bool> = sqlx::query_scalar(
        "INSERT INTO idempotency_keys AS known
           (tenant_id, key_hash, request_hash, claimed_until, expires_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, key_hash) DO UPDATE SET
           request_hash = EXCLUDED.request_hash, claimed_until = EXCLUDED.claimed_until,
           expires_at = EXCLUDED.expires_at, status = NULL, resource = NULL
         WHERE known.expires_at <= $6 OR (known.status IS NULL AND known.claimed_until <= $6)
         RETURNING true",
    )
    .bind(tx.tenant().uuid())
    .bind(request.key_hash.as_slice())
    .bind(request.request_hash.as_slice())
    .bind(request.claimed_until)
    .bind(expires_at)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    if granted.is_some() {
        return Ok(Claim::Granted);
    }
    let known: Option<Known> = sqlx::query_as(
        "SELECT request_hash, status, resource FROM idempotency_keys
         WHERE tenant_id = $1 AND key_hash = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(request.key_hash.as_slice())
    .fetch_optional(tx.connection())
    .await?;
    Ok(match known {
        Some(known) if known.request_hash != request.request_hash.as_slice() => Claim::OtherRequest,
        Some(Known {
            status: Some(status),
            resource,
            ..
        }) => Claim::Done {
            status: u16::try_from(status)
                .map_err(|_| Error::Unreadable("idempotency_keys.status"))?,
            resource: resource.unwrap_or_default(),
        },
        // Released just now, or still at work: either way, the next attempt will tell.
        _ => Claim::InFlight,
    })
}

#[derive(sqlx::FromRow)]
struct Known {
    request_hash: Vec<u8>,
    status: Option<i16>,
    resource: Option<String>,
}

/// Turns the claim into an answer, in the transaction that does the work.
///
/// # Errors
/// [`Error::ClaimLost`] if another request took it over meanwhile: the work must not be committed.
pub async fn complete(
    tx: &mut TenantTx,
    request: Request<'_>,
    status: u16,
    resource: &str,
) -> Result<()> {
    let status = i16::try_from(status).map_err(|_| Error::Unreadable("an HTTP status"))?;
    let completed = sqlx::query(
        "UPDATE idempotency_keys SET status = $4, resource = $5
         WHERE tenant_id = $1 AND key_hash = $2 AND claimed_until = $3 AND status IS NULL",
    )
    .bind(tx.tenant().uuid())
    .bind(request.key_hash.as_slice())
    .bind(request.claimed_until)
    .bind(status)
    .bind(resource)
    .execute(tx.connection())
    .await?;
    if completed.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::ClaimLost)
    }
}

/// Gives the claim up, because the request was refused: the caller may mend it and use the key again.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn release(tx: &mut TenantTx, request: Request<'_>) -> Result<()> {
    sqlx::query(
        "DELETE FROM idempotency_keys
         WHERE tenant_id = $1 AND key_hash = $2 AND claimed_until = $3 AND status IS NULL",
    )
    .bind(tx.tenant().uuid())
    .bind(request.key_hash.as_slice())
    .bind(request.claimed_until)
    .execute(tx.connection())
    .await?;
    Ok(())
}
