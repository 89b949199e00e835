//! The issuer's keys: made, kept, published and deleted in time. Every replica looks, and one of them does it.

use domain::{SigningKeyId, TenantId};
use serde_json::json;
use store::{
    PlatformTx,
    signing_keys::{self, Kept, SigningKey},
};
use zeroize::Zeroizing;

use super::{Caller, Error, Result, audit};
use crate::{
    Context,
    issuer::{Key, Plan, generate},
};

/// Publishes the keys as they are kept, after what is due about them was done. By the database's time: a replica whose
/// clock is wrong makes no key too early and takes none away.
///
/// # Errors
/// [`store::Error::MissingMasterKey`], [`store::Error::Sealed`], [`store::Error::Unreadable`] if a key cannot be used: it is
/// never replaced unasked, since tokens of another one would be refused for as long as AWS keeps the old set. The others
/// are published all the same; [`store::Error::Unavailable`].
pub async fn turn(context: &Context) -> store::Result<()> {
    if context.issuer.why_not().is_some() {
        return Ok(());
    }
    let mut tx = context.store.platform().await?;
    let mut kept = all(context, &mut tx).await?;
    drop(tx);
    let plan = due(&kept);
    if !plan.is_empty() {
        kept = carry_out(context, &plan).await?;
    }
    publish(context, &kept);
    match kept.closed.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// Deletes a key that cannot be used, which nothing else ever does. If it was the newest, another one is made at the next
/// turn.
///
/// # Errors
/// [`Error::Denied`]; [`Error::NotFound`] if no key of that id is closed; [`Error::Store`].
pub async fn discard(context: &Context, caller: &Caller, id: SigningKeyId) -> Result<()> {
    caller.scope.require_operator()?;
    let mut tx = context.store.platform().await?;
    signing_keys::lock(&mut tx).await?;
    let kept = all(context, &mut tx).await?;
    if !kept.closed.iter().any(|(closed, _)| *closed == id) {
        return Err(Error::NotFound);
    }
    signing_keys::delete(&mut tx, id).await?;
    let mut tx = tx.enter(TenantId::PLATFORM).await?;
    audit::append(
        context,
        &mut tx,
        caller,
        "signing_key.discarded",
        id,
        json!({}),
    )
    .await?;
    tx.commit(&[], context.now()).await?;
    Ok(())
}

/// All keys. One that was opened and is no key is as closed as one that was not.
pub(crate) async fn all(context: &Context, tx: &mut PlatformTx) -> store::Result<Kept> {
    let mut kept = signing_keys::all(tx, &context.ring).await?;
    let is_none = |key: &mut SigningKey| Key::read(key).is_none();
    let unreadable = || store::Error::Unreadable("signing_keys.ciphertext");
    let damaged = kept.opened.extract_if(.., is_none);
    kept.closed
        .extend(damaged.map(|key| (key.id, unreadable())));
    Ok(kept)
}

/// What is due about the keys: nothing while the newest is closed, whose time is not known. Ids tell which that is.
fn due(kept: &Kept) -> Plan {
    let newest = kept.opened.iter().map(|key| key.id).max();
    if kept.closed.iter().any(|(id, _)| Some(*id) > newest) {
        Plan::default()
    } else {
        Plan::of(&kept.opened, kept.read_at)
    }
}

/// Another replica may be doing the same: what is due is asked again under the lock.
async fn carry_out(context: &Context, plan: &Plan) -> store::Result<Kept> {
    // Made before anything is held.
    let private_key = match plan.next {
        Some(_) => Some(new_private_key().await),
        None => None,
    };
    let mut tx = context.store.platform().await?;
    signing_keys::lock(&mut tx).await?;
    let kept = all(context, &mut tx).await?;
    let (plan, now) = (due(&kept), kept.read_at);
    if let (Some(signs_from), Some(private_key)) = (plan.next, private_key) {
        let key = SigningKey {
            id: SigningKeyId::new(now, &mut context.rng()),
            published_at: now,
            signs_from,
            private_key,
        };
        signing_keys::insert(&mut tx, &context.ring, &key, &mut context.rng()).await?;
        tracing::info!(key = %key.id, %signs_from, "a signing key is published");
    }
    for id in plan.outlived {
        signing_keys::delete(&mut tx, id).await?;
        tracing::info!(key = %id, "a signing key is published no more");
    }
    let kept = all(context, &mut tx).await?;
    tx.commit(&[], now).await?;
    Ok(kept)
}

/// Off the threads that serve: it takes a tenth of a second.
#[expect(
    clippy::expect_used,
    reason = "as everywhere, a machine without randomness keeps no secret: it fails there alone"
)]
async fn new_private_key() -> Zeroizing<Vec<u8>> {
    let made = tokio::task::spawn_blocking(generate).await;
    made.expect("it cannot be cancelled").expect("randomness")
}

/// What was published before and is closed now stays published.
fn publish(context: &Context, kept: &Kept) {
    let mut keys: Vec<Key> = kept.opened.iter().filter_map(Key::read).collect();
    let before = context.issuer.keys();
    let is_closed = |key: &&Key| kept.closed.iter().any(|(id, _)| *id == key.id);
    keys.extend(before.iter().filter(is_closed).cloned());
    keys.sort_by_key(|key| (key.signs_from, key.id));
    context.issuer.publish(keys.into());
}
