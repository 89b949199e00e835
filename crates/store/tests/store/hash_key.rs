//! The key of all keyed hashes: made once, the same for every replica, for ever.

use store::{Error, PlatformTx, Store, platform_secrets, rotation, testing::Database};
use vault::KeyRing;

use crate::{
    rotating::{activate, second},
    support::{at, other_ring, ring, rng, sealing_database, waiters},
};

async fn in_tx(tx: &mut PlatformTx, ring: &KeyRing) -> store::Result<[u8; 32]> {
    let key = platform_secrets::hash_key(tx, ring, at(0), &mut rng()).await?;
    Ok(*key.as_bytes())
}

async fn hash_key(store: &Store, ring: &KeyRing) -> store::Result<[u8; 32]> {
    let mut tx = store.platform().await?;
    let key = in_tx(&mut tx, ring).await?;
    tx.commit(&[], at(0)).await?;
    Ok(key)
}

#[tokio::test]
async fn it_is_made_once_and_read_from_then_on() {
    let (database, store) = sealing_database().await;
    let first = hash_key(&store, &ring(&[1])).await.unwrap();
    assert_eq!(hash_key(&store, &ring(&[1])).await.unwrap(), first);
    assert_eq!(
        hash_key(&database.store(), &ring(&[1])).await.unwrap(),
        first
    );
    let (_other, elsewhere) = sealing_database().await;
    assert_ne!(hash_key(&elsewhere, &ring(&[1])).await.unwrap(), first);
}

#[tokio::test]
async fn two_replicas_that_make_it_at_once_have_the_same() {
    let (database, store) = sealing_database().await;
    let mut tx = store.platform().await.unwrap();
    let first = in_tx(&mut tx, &ring(&[1])).await.unwrap();

    let replica = database.store();
    let other = tokio::spawn(async move { hash_key(&replica, &ring(&[1])).await });
    waiters(&database.owner(), 1).await;
    tx.commit(&[], at(0)).await.unwrap();

    assert_eq!(other.await.unwrap().unwrap(), first);
}

#[tokio::test]
async fn it_outlives_the_master_key() {
    let (_database, store) = sealing_database().await;
    let before = hash_key(&store, &ring(&[1])).await.unwrap();
    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;
    let mut tx = store.platform().await.unwrap();
    let done = rotation::rewrap_platform(&mut tx, &both, second(&both), at(0), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();

    assert_eq!((done.rewrapped, done.unreadable), (1, 0));
    assert_eq!(hash_key(&store, &ring(&[2])).await.unwrap(), before);
    let dropped = hash_key(&store, &ring(&[1])).await;
    assert!(matches!(dropped, Err(Error::MissingMasterKey(_))));
}

#[tokio::test]
async fn it_is_not_made_anew_when_it_cannot_be_opened() {
    let (database, store) = sealing_database().await;
    hash_key(&store, &ring(&[1])).await.unwrap();
    let sealed = sealed(&database).await;
    let refused = hash_key(&store, &other_ring(&[1])).await;
    assert!(matches!(refused, Err(Error::Sealed(vault::Error::Refused))));
    assert_eq!(self::sealed(&database).await, sealed);
}

async fn sealed(database: &Database) -> Vec<Vec<u8>> {
    sqlx::query_scalar("SELECT ciphertext FROM platform_secrets")
        .fetch_all(&database.owner())
        .await
        .unwrap()
}
