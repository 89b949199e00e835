//! Requests that are carried out once.
//!
//! The claim is committed first; the work's own transaction turns it into an answer, so a process killed at any point
//! leaves both or neither. A refused request gives its claim up; one whose outcome is unknown keeps it until it lapses.

use bytes::Bytes;
use domain::{Actor, Scope, TenantId};
use store::{TenantTx, idempotency as claims};
use time::{Duration, OffsetDateTime};

use super::{Error, Result};
use crate::Context;

/// How long a key is remembered.
const KEPT_FOR: Duration = Duration::hours(24);
/// Longer than a control-plane request may take. A test before an edit may take longer, in many regions: if somebody else
/// then has the claim, it does nothing.
const CLAIMED_FOR: Duration = Duration::seconds(60);

/// What makes a request the same request.
#[derive(Debug, Clone)]
pub struct Once {
    /// The header `Idempotency-Key`.
    pub key: Option<String>,
    /// Method, path and query.
    pub operation: String,
    /// The body as it came.
    pub body: Bytes,
}

impl Once {
    /// A request that may be carried out as often as it is made.
    pub const fn unkeyed() -> Self {
        Self {
            key: None,
            operation: String::new(),
            body: Bytes::new(),
        }
    }
}

/// The right to carry a request out.
pub(super) struct Claim(Option<Held>);

#[derive(Clone, Copy)]
struct Held {
    key_hash: [u8; 32],
    request_hash: [u8; 32],
    claimed_until: OffsetDateTime,
}

impl Held {
    const fn request(&self) -> claims::Request<'_> {
        claims::Request {
            key_hash: &self.key_hash,
            request_hash: &self.request_hash,
            claimed_until: self.claimed_until,
        }
    }
}

impl Claim {
    /// For requests that nobody repeats.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// Notes the answer, in the transaction that does the work; it must be in the space of the claim.
    pub(super) async fn complete(
        &self,
        tx: &mut TenantTx,
        status: u16,
        resource: &str,
    ) -> Result<()> {
        if let Some(held) = &self.0 {
            claims::complete(tx, held.request(), status, resource).await?;
        }
        Ok(())
    }
}

/// Carries `work` out, unless it was before: then `replay` tells what came of it.
pub(super) async fn once<T>(
    context: &Context,
    space: TenantId,
    scope: &Scope,
    once: &Once,
    work: impl AsyncFnOnce(&Claim) -> Result<T>,
    replay: impl AsyncFnOnce(u16, String) -> Result<T>,
) -> Result<T> {
    let Some(key) = &once.key else {
        return work(&Claim(None)).await;
    };
    let held = hold(context, scope, key, once)?;
    let mut tx = context.store.write(space).await?;
    let claim = claims::claim(
        &mut tx,
        held.request(),
        context.now(),
        context.now() + KEPT_FOR,
    )
    .await?;
    tx.commit(&[], context.now()).await?;
    match claim {
        claims::Claim::Granted => {}
        claims::Claim::Done { status, resource } => return replay(status, resource).await,
        claims::Claim::InFlight => return Err(Error::InProgress),
        claims::Claim::OtherRequest => return Err(Error::IdempotencyKeyReused),
    }
    let result = work(&Claim(Some(held))).await;
    if matches!(&result, Err(error) if nothing_was_done(error)) {
        let mut tx = context.store.write(space).await?;
        claims::release(&mut tx, held.request()).await?;
        tx.commit(&[], context.now()).await?;
    }
    result
}

fn hold(context: &Context, scope: &Scope, key: &str, once: &Once) -> Result<Held> {
    let hash_key = context.hash_key().ok_or(Error::Starting)?;
    let side: &[u8] = if scope.is_platform() {
        b"platform"
    } else {
        b"tenant"
    };
    let actor = caller(scope.actor());
    let (kind, id) = (actor.kind().as_bytes(), actor.id());
    Ok(Held {
        key_hash: hash_key.digest(
            "idempotency-key",
            &[side, kind, id.as_bytes(), key.as_bytes()],
        ),
        request_hash: hash_key.digest(
            "idempotent-request",
            &[once.operation.as_bytes(), &once.body],
        ),
        claimed_until: context.now() + CLAIMED_FOR,
    })
}

/// Who repeats a request: a key in a new session is still the same caller.
fn caller(actor: &Actor) -> Actor {
    match actor {
        Actor::Session(_, key) => Actor::ApiKey(*key),
        Actor::ApiKey(_) | Actor::User(_) | Actor::CommandLine | Actor::Service => actor.clone(),
    }
}

/// After a commit that failed, nobody knows: the claim then stays until it lapses.
const fn nothing_was_done(error: &Error) -> bool {
    !matches!(
        error,
        Error::Store(store::Error::Unavailable(_) | store::Error::ClaimLost)
    )
}
