//! Leadership: which replica does a piece of work that one alone should do. By the database's time, so that replicas need
//! not agree about theirs; and a row, not a lock of a session, so that a pooler in between does not matter.
//!
//! A lease that has run out is another's for the taking, which begins a new term. Whoever writes as the leader [`hold`]s its
//! term in the transaction that writes: one that was overtaken while it stood still writes nothing.

use std::time::Duration;

use uuid::Uuid;

use crate::{PlatformTx, Result, TenantTx};

/// A time in which one candidate led.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(i64);

/// Takes the lease on `work` for so long, or renews it. None while another candidate has it.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn lead(
    tx: &mut PlatformTx,
    work: &str,
    candidate: Uuid,
    lasting: Duration,
) -> Result<Option<Term>> {
    let term: Option<i64> = sqlx::query_scalar(
        "INSERT INTO leases AS it (work, holder, term, expires_at)
         VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
         ON CONFLICT (work) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at,
           term = it.term + (it.holder <> EXCLUDED.holder)::int
         WHERE it.holder = EXCLUDED.holder OR it.expires_at <= clock_timestamp()
         RETURNING term",
    )
    .bind(work)
    .bind(candidate)
    .bind(lasting.as_secs_f64())
    .fetch_optional(tx.connection())
    .await?;
    Ok(term.map(Term))
}

/// Gives the lease up, if the candidate has it: another need not wait until it has run out.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn give_up(tx: &mut PlatformTx, work: &str, candidate: Uuid) -> Result<()> {
    sqlx::query("UPDATE leases SET expires_at = clock_timestamp() WHERE work = $1 AND holder = $2")
        .bind(work)
        .bind(candidate)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Lets nobody begin another term until the transaction ends. False if somebody has already: what it did is void.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn hold(tx: &mut TenantTx, work: &str, term: Term) -> Result<bool> {
    let held: Option<bool> =
        sqlx::query_scalar("SELECT true FROM leases WHERE work = $1 AND term = $2 FOR SHARE")
            .bind(work)
            .bind(term.0)
            .fetch_optional(tx.connection())
            .await?;
    Ok(held.is_some())
}
