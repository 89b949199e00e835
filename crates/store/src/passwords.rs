//! Cognito passwords that were refused: remembered by keyed hash, so that no user is locked out by us.

use time::{Duration, OffsetDateTime};

use crate::{PlatformTx, Result};

/// How long a refused password must rest before a person may try it again.
pub const REST: Duration = Duration::minutes(5);
/// In which time a user may be tried [`ATTEMPTS`] times.
pub const WINDOW: Duration = Duration::minutes(15);
/// How often, over all tenants: Cognito locks a user out after five refusals.
pub const ATTEMPTS: usize = 3;
/// How long a refusal is remembered.
pub const REMEMBERED: Duration = Duration::days(365);

/// What is about to be tried, as keyed hashes.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Of tenant, user pool, app client, user name and password.
    pub password: &'a [u8; 32],
    /// Of user pool and user name.
    pub user: &'a [u8; 32],
}

/// Whether this very password was refused, and not taken since.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn is_refused(tx: &mut PlatformTx, password: &[u8; 32]) -> Result<bool> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM password_refusals WHERE hash = $1)")
            .bind(password.as_slice())
            .fetch_one(tx.connection())
            .await?,
    )
}

/// Notes an attempt that a person asked for, before it is made. If it may not be made yet: how long to wait.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn begin(
    tx: &mut PlatformTx,
    attempt: Attempt<'_>,
    now: OffsetDateTime,
) -> Result<Result<(), Duration>> {
    // The row is locked from here on: attempts at one user come one after the other, or each would count the same ones.
    let made_at: Vec<OffsetDateTime> = sqlx::query_scalar(
        "INSERT INTO password_attempts AS it (hash, made_at) VALUES ($1, '{}')
         ON CONFLICT (hash) DO UPDATE
           SET made_at = ARRAY(SELECT at FROM unnest(it.made_at) AS at WHERE at > $2 ORDER BY at DESC)
         RETURNING made_at",
    )
    .bind(attempt.user.as_slice())
    .bind(now - WINDOW)
    .fetch_one(tx.connection())
    .await?;
    let refused_at: Option<OffsetDateTime> =
        sqlx::query_scalar("SELECT refused_at FROM password_refusals WHERE hash = $1")
            .bind(attempt.password.as_slice())
            .fetch_optional(tx.connection())
            .await?;
    let rested = refused_at.map(|at| at + REST - now);
    let crowded = made_at.get(ATTEMPTS - 1).map(|at| *at + WINDOW - now);
    let wait = rested.into_iter().chain(crowded).max();
    if let Some(wait) = wait.filter(|wait| wait.is_positive()) {
        return Ok(Err(wait));
    }
    sqlx::query("UPDATE password_attempts SET made_at = $2 || made_at WHERE hash = $1")
        .bind(attempt.user.as_slice())
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(Ok(()))
}

/// Notes that the password was refused.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn refuse(tx: &mut PlatformTx, attempt: Attempt<'_>, now: OffsetDateTime) -> Result<()> {
    sqlx::query(
        "INSERT INTO password_refusals (hash, refused_at) VALUES ($1, $2)
         ON CONFLICT (hash) DO UPDATE SET refused_at = EXCLUDED.refused_at",
    )
    .bind(attempt.password.as_slice())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes back an attempt that [`begin`] noted at `made_at`: it never came to a refused password.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn withdraw(
    tx: &mut PlatformTx,
    attempt: Attempt<'_>,
    made_at: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE password_attempts SET made_at = array_remove(made_at, $2) WHERE hash = $1")
        .bind(attempt.user.as_slice())
        .bind(made_at)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes attempts that no longer count, and refusals of a year ago.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn prune(tx: &mut PlatformTx, now: OffsetDateTime) -> Result<()> {
    sqlx::query(
        "DELETE FROM password_attempts WHERE NOT EXISTS (SELECT FROM unnest(made_at) AS at WHERE at > $1)",
    )
    .bind(now - WINDOW)
    .execute(tx.connection())
    .await?;
    sqlx::query("DELETE FROM password_refusals WHERE refused_at <= $1")
        .bind(now - REMEMBERED)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets refusals and attempts: the password was taken.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn clear(tx: &mut PlatformTx, attempt: Attempt<'_>) -> Result<()> {
    sqlx::query("DELETE FROM password_refusals WHERE hash = $1")
        .bind(attempt.password.as_slice())
        .execute(tx.connection())
        .await?;
    sqlx::query("DELETE FROM password_attempts WHERE hash = $1")
        .bind(attempt.user.as_slice())
        .execute(tx.connection())
        .await?;
    Ok(())
}
