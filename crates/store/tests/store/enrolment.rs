//! Which master keys a database takes: the first ones it sees, and then those it knows.

use store::{Error, Store, master_keys, testing::Database};
use vault::{KeyRing, Version};

use crate::{
    rotating::{activate, second},
    support::{at, mixed_ring, other_ring, ring, sealing_database, waiters},
};

async fn enrol(store: &Store, ring: &KeyRing) -> store::Result<i32> {
    let mut tx = store.platform().await?;
    let active = master_keys::enrol(&mut tx, ring, at(0)).await?;
    tx.commit(&[], at(0)).await?;
    Ok(active.into())
}

async fn active(store: &Store, ring: &KeyRing) -> store::Result<i32> {
    let mut tx = store.platform().await?;
    Ok(master_keys::active(&mut tx, ring).await?.into())
}

async fn any(store: &Store) -> bool {
    let mut tx = store.platform().await.unwrap();
    master_keys::any(&mut tx).await.unwrap()
}

fn version(number: i32) -> Version {
    number.try_into().unwrap()
}

#[tokio::test]
async fn the_first_start_makes_the_newest_key_the_one_that_seals() {
    let database = Database::new().await;
    let store = database.store();
    assert!(!any(&store).await);
    let none = active(&store, &ring(&[1, 2])).await;
    assert!(matches!(none, Err(Error::NoMasterKey)), "{none:?}");

    assert_eq!(enrol(&store, &ring(&[1, 3, 2])).await.unwrap(), 3);

    assert!(any(&store).await);
    assert_eq!(enrol(&store, &ring(&[3])).await.unwrap(), 3);
    assert_eq!(active(&store, &ring(&[3])).await.unwrap(), 3);
}

#[tokio::test]
async fn a_newer_key_does_not_seal_before_it_is_made_to() {
    let (_database, store) = sealing_database().await;
    let both = ring(&[1, 2]);
    assert_eq!(enrol(&store, &both).await.unwrap(), 1);
    activate(&store, second(&both)).await;
    assert_eq!(enrol(&store, &both).await.unwrap(), 2);
}

#[tokio::test]
async fn another_key_under_a_known_version_is_refused() {
    let (_database, store) = sealing_database().await;
    let refused = enrol(&store, &other_ring(&[1])).await;
    assert!(matches!(refused, Err(Error::WrongMasterKey(v)) if v == version(1)));
}

#[tokio::test]
async fn another_key_is_refused_also_under_a_version_that_does_not_seal() {
    let (_database, store) = sealing_database().await;
    activate(&store, second(&ring(&[1, 2]))).await;
    let refused = enrol(&store, &mixed_ring(&[2], &[1])).await;
    assert!(matches!(refused, Err(Error::WrongMasterKey(v)) if v == version(1)));
}

#[tokio::test]
async fn a_start_without_the_key_that_seals_is_refused() {
    let (_database, store) = sealing_database().await;
    let refused = enrol(&store, &ring(&[2])).await;
    assert!(matches!(refused, Err(Error::MissingMasterKey(v)) if v == version(1)));
}

#[tokio::test]
async fn a_start_without_an_old_key_is_fine() {
    let (_database, store) = sealing_database().await;
    activate(&store, second(&ring(&[1, 2]))).await;
    assert_eq!(enrol(&store, &ring(&[2])).await.unwrap(), 2);
}

#[tokio::test]
async fn another_key_under_a_known_version_never_becomes_the_one_that_seals() {
    let (_database, store) = sealing_database().await;
    activate(&store, second(&ring(&[1, 2]))).await;
    for impostor in [other_ring(&[1]), other_ring(&[2])] {
        let mut tx = store.platform().await.unwrap();
        let refused = master_keys::activate(&mut tx, impostor.newest(), at(0)).await;
        assert!(matches!(refused, Err(Error::WrongMasterKey(_))));
    }
    assert_eq!(active(&store, &ring(&[1, 2])).await.unwrap(), 2);
}

/// What the second of two replicas gets that start at once on a fresh database.
async fn second_replica(first: KeyRing, other: KeyRing) -> store::Result<i32> {
    let database = Database::new().await;
    let store = database.store();
    let mut tx = store.platform().await.unwrap();
    master_keys::enrol(&mut tx, &first, at(0)).await.unwrap();

    let replica = database.store();
    let starting = tokio::spawn(async move { enrol(&replica, &other).await });
    waiters(&database.owner(), 1).await;
    tx.commit(&[], at(0)).await.unwrap();

    let result = starting.await.unwrap();
    let rows: Vec<bool> = sqlx::query_scalar("SELECT is_active FROM master_keys")
        .fetch_all(&database.owner())
        .await
        .unwrap();
    assert_eq!(rows, [true]);
    result
}

#[tokio::test]
async fn two_replicas_that_start_at_once_with_the_same_key_agree() {
    let agreed = second_replica(ring(&[1]), ring(&[1])).await;
    assert_eq!(agreed.unwrap(), 1);
}

#[tokio::test]
async fn two_replicas_that_start_at_once_agree_on_the_first_ones_version() {
    let agreed = second_replica(ring(&[1]), ring(&[1, 2])).await;
    assert_eq!(agreed.unwrap(), 1);
}

#[tokio::test]
async fn of_two_replicas_that_start_at_once_with_different_keys_one_is_refused() {
    let refused = second_replica(ring(&[1]), other_ring(&[1])).await;
    assert!(matches!(refused, Err(Error::WrongMasterKey(v)) if v == version(1)));
    let refused = second_replica(ring(&[1]), ring(&[2])).await;
    assert!(matches!(refused, Err(Error::MissingMasterKey(v)) if v == version(1)));
}
