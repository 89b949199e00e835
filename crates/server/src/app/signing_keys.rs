//! The issuer's keys: made, kept, published and deleted in time. Every replica looks, and one of them does it.

use std::sync::Arc;

use domain::SigningKeyId;
use store::signing_keys::{self, SigningKey};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    Context,
    issuer::{Key, Plan, generate},
};

/// Publishes the keys as they are kept, after what is due about them was done.
///
/// # Errors
/// [`store::Error::MissingMasterKey`], [`store::Error::Sealed`] if a key cannot be opened: it is never replaced unasked,
/// since tokens of another one would be refused for as long as AWS keeps the old set; [`store::Error::Unavailable`].
pub async fn turn(context: &Context) -> store::Result<()> {
    if context.issuer.why_not().is_some() {
        return Ok(());
    }
    let now = context.now();
    let mut tx = context.store.platform().await?;
    let kept = signing_keys::all(&mut tx, &context.ring).await?;
    drop(tx);
    let plan = Plan::of(&kept, now);
    let kept = if plan.is_empty() {
        kept
    } else {
        carry_out(context, &plan, now).await?
    };
    publish(context, &kept)
}

/// Another replica may be doing the same: what is due is asked again under the lock.
async fn carry_out(
    context: &Context,
    plan: &Plan,
    now: OffsetDateTime,
) -> store::Result<Vec<SigningKey>> {
    // Made before anything is held.
    let private_key = match plan.next {
        Some(_) => Some(new_private_key().await),
        None => None,
    };
    let mut tx = context.store.platform().await?;
    signing_keys::lock(&mut tx).await?;
    let plan = Plan::of(&signing_keys::all(&mut tx, &context.ring).await?, now);
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

fn publish(context: &Context, kept: &[SigningKey]) -> store::Result<()> {
    let published = context.issuer.keys();
    if published
        .iter()
        .map(|key| key.id)
        .eq(kept.iter().map(|key| key.id))
    {
        return Ok(());
    }
    let keys: Option<Arc<[Key]>> = kept.iter().map(Key::read).collect();
    let unreadable = store::Error::Unreadable("signing_keys.ciphertext");
    context.issuer.publish(keys.ok_or(unreadable)?);
    Ok(())
}
