//! Secrets through the database: sealed when written, opened when read.

use domain::{AccessId, TenantId};
use sqlx::PgPool;
use store::{Error, Store, TenantTx, secrets, secrets::SecretName, testing::Database};
use vault::{Destination, KeyRing};

use crate::support::{at, ring, rng, sealing_database, tenant};

/// An access without any secret.
pub(crate) async fn access(owner: &PgPool, tenant: TenantId) -> AccessId {
    let id = AccessId::new(at(0), &mut rng());
    access_of_id(owner, tenant, id).await;
    id
}

pub(crate) async fn access_of_id(owner: &PgPool, tenant: TenantId, id: AccessId) {
    sqlx::query(
        "INSERT INTO accesses (tenant_id, id, method, created_at, updated_at)
         VALUES ($1, $2, 'api_key', now(), now())",
    )
    .bind(tenant.uuid())
    .bind(id.uuid())
    .execute(owner)
    .await
    .unwrap();
}

pub(crate) fn destination() -> Destination {
    Destination::of("api_key", &[("account_id", "123456789012")])
}

/// Seals in a transaction of its own.
pub(crate) async fn put(
    store: &Store,
    ring: &KeyRing,
    (tenant, access, name): (TenantId, AccessId, SecretName),
    plaintext: &[u8],
) -> store::Result<()> {
    let mut tx = store.write(tenant).await?;
    put_in(&mut tx, ring, access, name, plaintext).await?;
    tx.commit(&[], at(0)).await
}

pub(crate) async fn put_in(
    tx: &mut TenantTx,
    ring: &KeyRing,
    access: AccessId,
    name: SecretName,
    plaintext: &[u8],
) -> store::Result<()> {
    let destination = destination();
    secrets::put(
        tx,
        ring,
        access,
        name,
        &destination,
        plaintext,
        at(0),
        &mut rng(),
    )
    .await
}

/// Opens in a transaction of its own.
pub(crate) async fn open(
    store: &Store,
    ring: &KeyRing,
    (tenant, access, name): (TenantId, AccessId, SecretName),
) -> store::Result<Option<Vec<u8>>> {
    let mut tx = store.read(tenant).await?;
    let opened = secrets::open(&mut tx, ring, access, name, &destination()).await?;
    Ok(opened.map(|secret| secret.to_vec()))
}

struct World {
    database: Database,
    store: Store,
    tenant: TenantId,
    access: AccessId,
}

async fn world() -> World {
    let (database, store) = sealing_database().await;
    let tenant = tenant(&store).await;
    let access = access(&database.owner(), tenant).await;
    World {
        database,
        store,
        tenant,
        access,
    }
}

async fn count(database: &Database) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM secrets")
        .fetch_one(&database.owner())
        .await
        .unwrap()
}

#[tokio::test]
async fn every_kind_of_secret_is_opened_as_it_was_put() {
    let w = world().await;
    for name in SecretName::ALL {
        let place = (w.tenant, w.access, name);
        let secret = name.as_str().as_bytes();
        assert_eq!(open(&w.store, &ring(&[1]), place).await.unwrap(), None);
        put(&w.store, &ring(&[1]), place, secret).await.unwrap();
    }
    for name in SecretName::ALL {
        let opened = open(&w.store, &ring(&[1]), (w.tenant, w.access, name)).await;
        assert_eq!(opened.unwrap().unwrap(), name.as_str().as_bytes());
    }
}

#[tokio::test]
async fn a_secret_put_again_replaces_the_first_under_a_new_data_key() {
    let w = world().await;
    let place = (w.tenant, w.access, SecretName::Password);
    let mut data_keys = Vec::new();
    for secret in [b"first", b"again"] {
        put(&w.store, &ring(&[1]), place, secret).await.unwrap();
        let opened = open(&w.store, &ring(&[1]), place).await.unwrap();
        assert_eq!(opened.unwrap(), secret);
        let key: uuid::Uuid = sqlx::query_scalar("SELECT data_key_id FROM secrets")
            .fetch_one(&w.database.owner())
            .await
            .unwrap();
        data_keys.push(key);
    }
    assert_ne!(data_keys[0], data_keys[1]);
}

#[tokio::test]
async fn another_tenant_has_no_such_secret_and_cannot_put_one_there() {
    let w = world().await;
    let other = tenant(&w.store).await;
    let theirs = (w.tenant, w.access, SecretName::ApiKey);
    let mine = (other, w.access, SecretName::ApiKey);
    put(&w.store, &ring(&[1]), theirs, b"theirs").await.unwrap();

    assert_eq!(open(&w.store, &ring(&[1]), mine).await.unwrap(), None);
    let refused = put(&w.store, &ring(&[1]), mine, b"mine").await;
    assert!(
        matches!(&refused, Err(Error::Conflict { constraint }) if constraint.contains("access_id")),
        "{refused:?}"
    );
    let opened = open(&w.store, &ring(&[1]), theirs).await.unwrap();
    assert_eq!(opened.unwrap(), b"theirs");
}

#[tokio::test]
async fn a_secret_does_not_open_for_another_destination() {
    let w = world().await;
    let place = (w.tenant, w.access, SecretName::ApiKey);
    put(&w.store, &ring(&[1]), place, b"secret").await.unwrap();
    for other in [
        Destination::of("api_key", &[("account_id", "999999999999")]),
        Destination::of("cognito", &[("account_id", "123456789012")]),
        Destination::of("api_key", &[]),
        Destination::none(),
    ] {
        let mut tx = w.store.read(w.tenant).await.unwrap();
        let opened = secrets::open(&mut tx, &ring(&[1]), w.access, place.2, &other).await;
        assert!(matches!(opened, Err(Error::Sealed(vault::Error::Refused))));
    }
}

#[tokio::test]
async fn a_secret_goes_with_its_access() {
    let w = world().await;
    let kept = access(&w.database.owner(), w.tenant).await;
    for access in [w.access, kept] {
        let place = (w.tenant, access, SecretName::ApiKey);
        put(&w.store, &ring(&[1]), place, b"secret").await.unwrap();
    }
    sqlx::query("DELETE FROM accesses WHERE id = $1")
        .bind(w.access.uuid())
        .execute(&w.database.owner())
        .await
        .unwrap();
    assert_eq!(count(&w.database).await, 1);
    let place = (w.tenant, kept, SecretName::ApiKey);
    let opened = open(&w.store, &ring(&[1]), place).await.unwrap();
    assert_eq!(opened.unwrap(), b"secret");
}

#[tokio::test]
async fn a_secret_that_was_not_committed_is_not_kept() {
    let w = world().await;
    let mut tx = w.store.write(w.tenant).await.unwrap();
    put_in(
        &mut tx,
        &ring(&[1]),
        w.access,
        SecretName::ApiKey,
        b"secret",
    )
    .await
    .unwrap();
    drop(tx);
    assert_eq!(count(&w.database).await, 0);
}

#[tokio::test]
async fn without_the_key_that_seals_nothing_is_written() {
    let w = world().await;
    let place = (w.tenant, w.access, SecretName::ApiKey);
    let refused = put(&w.store, &ring(&[2]), place, b"secret").await;
    assert!(
        matches!(refused, Err(Error::MissingMasterKey(version)) if version == vault::Version::FIRST),
        "{refused:?}"
    );
    assert_eq!(count(&w.database).await, 0);
}

#[tokio::test]
async fn before_any_master_key_is_enrolled_nothing_is_written() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let access = access(&database.owner(), tenant).await;
    let place = (tenant, access, SecretName::ApiKey);
    let refused = put(&store, &ring(&[1]), place, b"secret").await;
    assert!(matches!(refused, Err(Error::NoMasterKey)), "{refused:?}");
}

#[tokio::test]
async fn without_the_key_that_wrapped_it_a_secret_stays_closed() {
    let w = world().await;
    let place = (w.tenant, w.access, SecretName::ApiKey);
    put(&w.store, &ring(&[1]), place, b"secret").await.unwrap();
    let missing = open(&w.store, &ring(&[2]), place).await;
    assert!(matches!(missing, Err(Error::MissingMasterKey(_))));
    let wrong = open(&w.store, &crate::support::other_ring(&[1]), place).await;
    assert!(matches!(wrong, Err(Error::Sealed(vault::Error::Refused))));
}
