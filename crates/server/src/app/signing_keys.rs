//! The issuer's keys: made, kept, published and deleted in time. Every replica looks, and one of them does it.

use domain::SigningKeyId;
use store::signing_keys::{self, Kept, SigningKey};
use zeroize::Zeroizing;

use crate::{
    Context,
    issuer::{Key, Plan, generate},
};

/// Publishes the keys as they are kept, after what is due about them was done. By the database's time: a replica whose
/// clock is wrong makes no key too early and takes none away.
///
/// # Errors
/// [`store::Error::MissingMasterKey`], [`store::Error::Sealed`] if a key cannot be opened: it is never replaced unasked,
/// since tokens of another one would be refused for as long as AWS keeps the old set. The others are published all the
/// same; [`store::Error::Unavailable`].
pub async fn turn(context: &Context) -> store::Result<()> {
    if context.issuer.why_not().is_some() {
        return Ok(());
    }
    let mut tx = context.store.platform().await?;
    let mut kept = signing_keys::all(&mut tx, &context.ring).await?;
    drop(tx);
    let plan = due(&kept);
    if !plan.is_empty() {
        kept = carry_out(context, &plan).await?;
    }
    publish(context, &kept)?;
    match kept.closed.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// What is due about the keys: nothing while one of them is closed, whose time is not known.
fn due(kept: &Kept) -> Plan {
    if kept.closed.is_empty() {
        Plan::of(&kept.opened, kept.read_at)
    } else {
        Plan::default()
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
    let kept = signing_keys::all(&mut tx, &context.ring).await?;
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
    let kept = signing_keys::all(&mut tx, &context.ring).await?;
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
fn publish(context: &Context, kept: &Kept) -> store::Result<()> {
    let opened: Option<Vec<Key>> = kept.opened.iter().map(Key::read).collect();
    let mut keys = opened.ok_or(store::Error::Unreadable("signing_keys.ciphertext"))?;
    let before = context.issuer.keys();
    let is_closed = |key: &&Key| kept.closed.iter().any(|(id, _)| *id == key.id);
    keys.extend(before.iter().filter(is_closed).cloned());
    keys.sort_by_key(|key| (key.signs_from, key.id));
    context.issuer.publish(keys.into());
    Ok(())
}
