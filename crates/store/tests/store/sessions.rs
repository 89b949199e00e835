//! Console sessions: each with its key, and gone with it.

use domain::{KeyRole, Role, SessionId, TenantId};
use store::{Error, Store, api_keys, sessions, sessions::Session, testing::Database};
use uuid::Uuid;

use crate::{
    api_keys::{key, with_keys},
    support::{at, tenant},
};

fn id(number: u8) -> SessionId {
    SessionId::from(Uuid::from_u128(u128::from(number) + 1))
}

async fn insert(store: &Store, tenant: TenantId, number: u8, of_key: u8) -> store::Result<()> {
    let mut tx = store.write(tenant).await?;
    let (key, hash) = (key(of_key).id, [number; 32]);
    sessions::insert(&mut tx, id(number), key, &hash, at(0), at(60)).await?;
    tx.commit(&[], at(0)).await
}

async fn find(store: &Store, tenant: TenantId, number: u8) -> Option<Session> {
    let mut tx = store.read(tenant).await.unwrap();
    sessions::find(&mut tx, &[number; 32]).await.unwrap()
}

async fn delete(store: &Store, tenant: TenantId, number: u8) -> bool {
    let mut tx = store.write(tenant).await.unwrap();
    let deleted = sessions::delete(&mut tx, id(number)).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    deleted
}

#[tokio::test]
async fn a_session_is_found_with_what_its_key_allows() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1]).await;
    insert(&store, tenant, 7, 1).await.unwrap();
    let expected = Session {
        id: id(7),
        api_key: key(1).id,
        role: KeyRole::Tenant(Role::Member),
        expires_at: at(60),
    };
    assert_eq!(find(&store, tenant, 7).await, Some(expected));
    assert_eq!(find(&store, tenant, 8).await, None);
}

#[tokio::test]
async fn another_tenant_finds_and_ends_none_of_them() {
    let store = Database::new().await.store();
    let theirs = with_keys(&store, [1]).await;
    insert(&store, theirs, 7, 1).await.unwrap();
    for mine in [tenant(&store).await, TenantId::PLATFORM] {
        assert_eq!(find(&store, mine, 7).await, None);
        assert!(!delete(&store, mine, 7).await);
    }
    assert!(find(&store, theirs, 7).await.is_some());
}

#[tokio::test]
async fn a_session_ends_with_its_key_and_no_other_does() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1, 2]).await;
    for (session, key) in [(5, 1), (6, 1), (7, 2)] {
        insert(&store, tenant, session, key).await.unwrap();
    }
    let mut tx = store.write(tenant).await.unwrap();
    api_keys::delete(&mut tx, key(1).id).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();

    assert_eq!(find(&store, tenant, 5).await, None);
    assert_eq!(find(&store, tenant, 6).await, None);
    assert!(find(&store, tenant, 7).await.is_some());
}

#[tokio::test]
async fn a_key_that_is_gone_or_another_tenants_has_no_new_sessions() {
    let store = Database::new().await.store();
    with_keys(&store, [1]).await;
    let tenant = with_keys(&store, [2]).await;
    for missing in [1, 3] {
        let refused = insert(&store, tenant, 7, missing).await;
        assert!(
            matches!(&refused, Err(error) if error.is_conflict_on("sessions_tenant_id_api_key_id_fkey")),
            "{refused:?}"
        );
        assert!(matches!(refused, Err(Error::Conflict { .. })));
    }
}

#[tokio::test]
async fn a_session_ends_once() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1]).await;
    insert(&store, tenant, 7, 1).await.unwrap();
    insert(&store, tenant, 8, 1).await.unwrap();
    assert!(delete(&store, tenant, 7).await);
    assert!(!delete(&store, tenant, 7).await);
    assert_eq!(find(&store, tenant, 7).await, None);
    assert!(find(&store, tenant, 8).await.is_some());
}
