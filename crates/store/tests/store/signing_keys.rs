//! The issuer's keys: sealed, in order, and changed by one replica at a time.

use domain::SigningKeyId;
use store::{
    Error, Store, rotation,
    signing_keys::{self, Kept, SigningKey},
};
use vault::KeyRing;

use crate::{
    rotating::{activate, left, second},
    support::{at, connected, other_ring, ring, rng, sealing_database, waiters},
};

/// A key that signs from then on.
fn key(seconds: i64) -> SigningKey {
    SigningKey {
        id: SigningKeyId::new(at(seconds), &mut rng()),
        published_at: at(0),
        signs_from: at(seconds),
        private_key: format!("the private key of {seconds}").into_bytes().into(),
    }
}

pub(crate) async fn insert(store: &Store, seconds: i64) -> SigningKey {
    let key = key(seconds);
    let mut tx = store.platform().await.unwrap();
    signing_keys::insert(&mut tx, &ring(&[1]), &key, &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    key
}

async fn all(store: &Store, ring: &KeyRing) -> Kept {
    let mut tx = store.platform().await.unwrap();
    signing_keys::all(&mut tx, ring).await.unwrap()
}

/// The ids of keys that do not open with this ring.
async fn closed(store: &Store, ring: &KeyRing) -> Vec<SigningKeyId> {
    let closed = all(store, ring).await.closed.into_iter();
    let ids = closed.map(|(id, error)| {
        assert!(matches!(error, Error::Sealed(vault::Error::Refused)));
        id
    });
    ids.collect()
}

async fn ids(store: &Store) -> Vec<SigningKeyId> {
    let keys = all(store, &ring(&[1])).await;
    keys.opened.iter().map(|key| key.id).collect()
}

#[tokio::test]
async fn keys_read_back_in_the_order_in_which_they_sign_until_they_are_deleted() {
    let (_database, store) = sealing_database().await;
    let (late, early) = (insert(&store, 9).await, insert(&store, 3).await);
    let read = all(&store, &ring(&[1])).await;
    for (read, made) in read.opened.iter().zip([&early, &late]) {
        assert_eq!(read.id, made.id);
        assert_eq!(read.published_at, at(0));
        assert_eq!(read.signs_from, made.signs_from);
        assert_eq!(read.private_key, made.private_key);
    }

    let mut tx = store.platform().await.unwrap();
    signing_keys::delete(&mut tx, early.id).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    assert_eq!(ids(&store).await, [late.id]);
}

#[tokio::test]
async fn what_is_in_the_database_opens_with_its_master_key_and_in_its_own_row_alone() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let (one, two) = (insert(&store, 1).await, insert(&store, 2).await);
    let stored: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT ciphertext || wrapped_key FROM signing_keys")
            .fetch_all(&owner)
            .await
            .unwrap();
    let is_plain = |row: &Vec<u8>| row.windows(11).any(|part| part == b"private key");
    assert!(!stored.iter().any(is_plain));
    assert_eq!(closed(&store, &other_ring(&[1])).await, [one.id, two.id]);

    sqlx::query(
        "UPDATE signing_keys k SET (format, data_key_id, wrapped_by, wrapped_key, ciphertext) =
           (SELECT format, data_key_id, wrapped_by, wrapped_key, ciphertext FROM signing_keys WHERE id = $1)
         WHERE id = $2",
    )
    .bind(one.id.uuid())
    .bind(two.id.uuid())
    .execute(&owner)
    .await
    .unwrap();
    assert_eq!(closed(&store, &ring(&[1])).await, [two.id]);
    assert_eq!(ids(&store).await, [one.id], "it takes no other away");
}

#[tokio::test]
async fn who_writes_to_the_database_makes_no_key_sign_before_its_time_or_after() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let (one, two) = (insert(&store, 1).await, insert(&store, 2).await);
    for change in [
        "UPDATE signing_keys SET signs_from = signs_from - interval '1 microsecond' WHERE id = $1",
        "UPDATE signing_keys SET published_at = published_at - interval '1 day' WHERE id = $1",
    ] {
        sqlx::query(change)
            .bind(two.id.uuid())
            .execute(&owner)
            .await
            .unwrap();
        assert_eq!(closed(&store, &ring(&[1])).await, [two.id], "{change}");
        assert_eq!(ids(&store).await, [one.id]);
    }
    let endless = "UPDATE signing_keys SET signs_from = 'infinity'";
    assert!(sqlx::raw_sql(endless).execute(&owner).await.is_err());
}

#[tokio::test]
async fn whoever_changes_keys_does_so_alone_and_whoever_reads_them_waits_for_nobody() {
    let (database, _) = sealing_database().await;
    let store = connected(&database, 3).await;
    let mut first = store.platform().await.unwrap();
    signing_keys::lock(&mut first).await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move {
            let mut second = store.platform().await.unwrap();
            signing_keys::lock(&mut second).await.unwrap();
            signing_keys::all(&mut second, &ring(&[1])).await.unwrap()
        }
    });
    waiters(&database.owner(), 1).await;
    assert_eq!(ids(&store).await, []);

    let made = key(1);
    signing_keys::insert(&mut first, &ring(&[1]), &made, &mut rng())
        .await
        .unwrap();
    first.commit(&[], at(0)).await.unwrap();
    let seen = waiting.await.unwrap();
    assert_eq!(seen.opened[0].id, made.id);
}

#[tokio::test]
async fn another_master_key_takes_them_over() {
    let (database, store) = sealing_database().await;
    let made = insert(&store, 1).await;
    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;
    let mut tx = store.platform().await.unwrap();
    let done = rotation::rewrap_platform(&mut tx, &both, second(&both), at(1), &mut rng())
        .await
        .unwrap();
    tx.commit(&[], at(1)).await.unwrap();
    assert_eq!((done.rewrapped, done.unreadable), (1, 0));
    assert_eq!(left(&database.owner(), "signing_keys").await, 0);
    let opened = all(&store, &ring(&[2])).await.opened;
    assert_eq!(opened[0].private_key, made.private_key);
    let dropped = all(&store, &ring(&[1])).await.closed;
    assert!(matches!(dropped[..], [(_, Error::MissingMasterKey(_))]));
}

#[tokio::test]
async fn a_damaged_one_is_counted_and_left() {
    let (database, store) = sealing_database().await;
    insert(&store, 1).await;
    sqlx::raw_sql("UPDATE signing_keys SET wrapped_key = 'damaged'")
        .execute(&database.owner())
        .await
        .unwrap();
    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;
    let mut tx = store.platform().await.unwrap();
    let done = rotation::rewrap_platform(&mut tx, &both, second(&both), at(1), &mut rng())
        .await
        .unwrap();
    assert_eq!((done.rewrapped, done.unreadable), (0, 1));
}

#[test]
fn no_debug_shows_a_private_key() {
    assert!(!format!("{:?}", key(1)).contains("private"));
}
