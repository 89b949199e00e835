//! Writers that seal while the master key changes: at the end nothing is left under the old one.

use domain::{AccessId, TenantId};
use store::{Store, master_keys, secrets::SecretName};
use tokio::task::JoinSet;
use vault::KeyRing;

use crate::{
    rotating::{activate, left, rewrap_tenants, second, world},
    secrets::{access, open, put, put_in},
    support::{at, connected, ring, sealing_database, tenant, waiters},
};

async fn seal(
    store: Store,
    ring: KeyRing,
    place: (TenantId, AccessId, SecretName),
) -> store::Result<()> {
    put(&store, &ring, place, b"sealed meanwhile").await
}

#[tokio::test]
async fn a_change_of_keys_waits_for_whoever_seals_under_the_old_one() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let tenant = tenant(&store).await;
    let access = access(&owner, tenant).await;
    let mut writer = store.write(tenant).await.unwrap();
    put_in(
        &mut writer,
        &ring(&[1]),
        access,
        SecretName::ApiKey,
        b"in time",
    )
    .await
    .unwrap();

    let other = store.clone();
    let changing = tokio::spawn(async move { activate(&other, second(&ring(&[1, 2]))).await });
    waiters(&owner, 1).await;
    writer.commit(&[], at(0)).await.unwrap();
    changing.await.unwrap();

    let done = rewrap_tenants(&store, &ring(&[1, 2])).await;
    assert_eq!((done.rewrapped, left(&owner, "secrets").await), (1, 0));
}

#[tokio::test]
async fn who_seals_during_a_change_of_keys_waits_and_seals_under_the_new_one() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let tenant = tenant(&store).await;
    let access = access(&owner, tenant).await;
    let place = (tenant, access, SecretName::ApiKey);
    let both = ring(&[1, 2]);
    let mut changing = store.platform().await.unwrap();
    master_keys::activate(&mut changing, second(&both), at(0))
        .await
        .unwrap();

    let writer = tokio::spawn(seal(store.clone(), ring(&[1, 2]), place));
    waiters(&owner, 1).await;
    changing.commit(&[], at(0)).await.unwrap();

    writer.await.unwrap().unwrap();
    assert_eq!(left(&owner, "secrets").await, 0);
    let opened = open(&store, &ring(&[2]), place).await.unwrap();
    assert_eq!(opened.unwrap(), b"sealed meanwhile");
}

#[tokio::test]
async fn who_seals_during_a_change_of_keys_that_is_given_up_seals_under_the_old_one() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let tenant = tenant(&store).await;
    let access = access(&owner, tenant).await;
    let place = (tenant, access, SecretName::ApiKey);
    let both = ring(&[1, 2]);
    let mut changing = store.platform().await.unwrap();
    master_keys::activate(&mut changing, second(&both), at(0))
        .await
        .unwrap();

    let writer = tokio::spawn(seal(store.clone(), ring(&[1, 2]), place));
    waiters(&owner, 1).await;
    drop(changing);

    writer.await.unwrap().unwrap();
    assert_eq!(left(&owner, "secrets").await, 1);
}

#[tokio::test]
async fn a_secret_put_while_its_old_one_is_rewrapped_is_the_one_that_stays() {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let tenant = tenant(&store).await;
    let access = access(&owner, tenant).await;
    let place = (tenant, access, SecretName::ApiKey);
    put(&store, &ring(&[1]), place, b"old").await.unwrap();
    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;

    let mut writer = store.write(tenant).await.unwrap();
    put_in(&mut writer, &both, access, SecretName::ApiKey, b"new")
        .await
        .unwrap();
    let other = store.clone();
    let rotation =
        tokio::spawn(async move { rewrap_tenants(&other, &ring(&[1, 2])).await.rewrapped });
    waiters(&owner, 1).await;
    writer.commit(&[], at(0)).await.unwrap();

    assert_eq!(
        rotation.await.unwrap(),
        0,
        "it is under the new key already"
    );
    let opened = open(&store, &ring(&[2]), place).await.unwrap();
    assert_eq!(opened.unwrap(), b"new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_never_fail_and_leave_nothing_under_the_old_key() {
    let w = world().await;
    let store = connected(&w.database, 5).await;
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let places: Vec<_> = w.secrets.iter().copied().skip(writer).step_by(9).collect();
        let store = store.clone();
        writers.spawn(async move {
            for place in places {
                seal(store.clone(), ring(&[1, 2]), place).await.unwrap();
            }
        });
    }
    let both = ring(&[1, 2]);
    activate(&store, second(&both)).await;
    let done = rewrap_tenants(&store, &both).await;
    writers.join_all().await;

    assert_eq!(done.unreadable, 0);
    assert_eq!(left(&w.owner, "secrets").await, 0);
    for place in &w.secrets {
        open(&store, &ring(&[2]), *place).await.unwrap().unwrap();
    }
}
