//! API keys: made, found, listed, used, deleted, and nobody else's.

use domain::{Cursor, KeyId, KeyRole, Limit, Role, TenantId};
use store::{
    Error, Store, TenantTx, api_keys,
    api_keys::{ApiKey, NewApiKey},
    testing::Database,
};
use uuid::Uuid;

use crate::support::{at, tenant};

/// A key to be made, by its number.
pub(crate) struct Key {
    pub(crate) id: KeyId,
    pub(crate) secret_hash: [u8; 32],
}

pub(crate) fn key(number: u8) -> Key {
    Key {
        id: KeyId::from(Uuid::from_u128(u128::from(number) + 1)),
        secret_hash: [number; 32],
    }
}

pub(crate) async fn insert(tx: &mut TenantTx, key: &Key) -> ApiKey {
    insert_as(tx, key, KeyRole::Tenant(Role::Member))
        .await
        .unwrap()
}

async fn insert_as(tx: &mut TenantTx, key: &Key, role: KeyRole) -> store::Result<ApiKey> {
    let key = NewApiKey {
        id: key.id,
        name: &"frontend".parse().unwrap(),
        role,
        secret_hash: key.secret_hash,
        hint: "w4xY",
        created_by: "key_admin",
        expires_at: Some(at(100)),
    };
    api_keys::insert(tx, &key, at(0)).await
}

/// A tenant with keys of these numbers.
pub(crate) async fn with_keys(store: &Store, numbers: impl IntoIterator<Item = u8>) -> TenantId {
    let tenant = tenant(store).await;
    let mut tx = store.write(tenant).await.unwrap();
    for number in numbers {
        insert(&mut tx, &key(number)).await;
    }
    tx.commit(&[], at(0)).await.unwrap();
    tenant
}

async fn find(store: &Store, tenant: TenantId, number: u8) -> Option<ApiKey> {
    let mut tx = store.read(tenant).await.unwrap();
    let found = api_keys::find(&mut tx, &key(number).secret_hash).await;
    found.unwrap()
}

async fn touch(store: &Store, tenant: TenantId, used: &[(u8, i64)]) {
    let used: Vec<_> = used
        .iter()
        .map(|(number, seconds)| (key(*number).id, at(*seconds)))
        .collect();
    let mut tx = store.write(tenant).await.unwrap();
    api_keys::touch(&mut tx, &used).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
}

#[tokio::test]
async fn a_key_is_found_as_it_was_made() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1, 2]).await;
    let found = find(&store, tenant, 1).await;
    let expected = ApiKey {
        id: key(1).id,
        name: "frontend".to_owned(),
        role: KeyRole::Tenant(Role::Member),
        hint: "w4xY".to_owned(),
        created_at: at(0),
        created_by: "key_admin".to_owned(),
        expires_at: Some(at(100)),
        last_used_at: None,
    };
    assert_eq!(found, Some(expected));
    assert_eq!(find(&store, tenant, 3).await, None);
}

#[tokio::test]
async fn another_tenant_finds_lists_uses_and_deletes_none_of_them() {
    let store = Database::new().await.store();
    let theirs = with_keys(&store, [1]).await;
    let before = find(&store, theirs, 1).await;
    for mine in [tenant(&store).await, TenantId::PLATFORM] {
        assert_eq!(find(&store, mine, 1).await, None);
        touch(&store, mine, &[(1, 50)]).await;
        let mut tx = store.write(mine).await.unwrap();
        let page = api_keys::page(&mut tx, None, Limit::default()).await;
        assert_eq!(page.unwrap().items, []);
        assert_eq!(api_keys::delete(&mut tx, key(1).id).await.unwrap(), None);
        tx.commit(&[], at(0)).await.unwrap();
    }
    assert_eq!(find(&store, theirs, 1).await, before);
}

#[tokio::test]
async fn pages_hold_every_key_once_oldest_first() {
    let store = Database::new().await.store();
    with_keys(&store, [4, 5]).await;
    for (keys, limit, lengths) in [
        (0, 2, vec![0]),
        (1, 2, vec![1]),
        (2, 2, vec![2]),
        (3, 2, vec![2, 1]),
        (4, 2, vec![2, 2]),
        (5, 1, vec![1; 5]),
    ] {
        let tenant = with_keys(&store, (0..keys).rev()).await;
        let limit: Limit = limit.to_string().parse().unwrap();
        let mut pages = Vec::new();
        let mut after = None;
        loop {
            let mut tx = store.read(tenant).await.unwrap();
            let page = api_keys::page(&mut tx, after, limit).await.unwrap();
            pages.push(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths);
        let ids: Vec<_> = pages.iter().flatten().map(|key| key.id).collect();
        assert_eq!(ids, (0..keys).map(|n| key(n).id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_cursor_of_another_tenant_shows_nothing_of_it() {
    let store = Database::new().await.store();
    with_keys(&store, 0..4).await;
    let mine = with_keys(&store, [2]).await;
    let cursor = Cursor::from(key(0).id.uuid());
    let mut tx = store.read(mine).await.unwrap();
    let page = api_keys::page(&mut tx, Some(cursor), Limit::default()).await;
    let ids: Vec<_> = page.unwrap().items.iter().map(|key| key.id).collect();
    assert_eq!(ids, [key(2).id]);
}

#[tokio::test]
async fn the_last_use_never_goes_back() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1, 2, 3]).await;
    let last_uses = async || {
        let mut all = Vec::new();
        for number in [1, 2, 3] {
            all.push(find(&store, tenant, number).await.unwrap().last_used_at);
        }
        all
    };
    touch(&store, tenant, &[(1, 20), (2, 30)]).await;
    assert_eq!(last_uses().await, [Some(at(20)), Some(at(30)), None]);
    // Another replica is late; a key it used is gone.
    touch(&store, tenant, &[(1, 10), (2, 40), (9, 40)]).await;
    assert_eq!(last_uses().await, [Some(at(20)), Some(at(40)), None]);
    touch(&store, tenant, &[]).await;
    assert_eq!(last_uses().await, [Some(at(20)), Some(at(40)), None]);
}

#[tokio::test]
async fn a_deleted_key_is_named_once_and_gone() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1, 2]).await;
    let mut tx = store.write(tenant).await.unwrap();
    let deleted = api_keys::delete(&mut tx, key(1).id).await.unwrap();
    assert_eq!(deleted.as_deref(), Some("frontend"));
    assert_eq!(api_keys::delete(&mut tx, key(1).id).await.unwrap(), None);
    tx.commit(&[], at(0)).await.unwrap();
    assert_eq!(find(&store, tenant, 1).await, None);
    assert!(find(&store, tenant, 2).await.is_some());
}

#[tokio::test]
async fn two_keys_never_share_a_secret() {
    let store = Database::new().await.store();
    let tenant = with_keys(&store, [1]).await;
    let twin = Key {
        id: key(2).id,
        ..key(1)
    };
    let mut tx = store.write(tenant).await.unwrap();
    let refused = insert_as(&mut tx, &twin, KeyRole::Tenant(Role::Admin)).await;
    assert!(
        matches!(refused, Err(Error::Conflict { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn operator_keys_are_the_platforms_and_the_platform_has_no_others() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    for (space, role, taken) in [
        (TenantId::PLATFORM, KeyRole::Operator, true),
        (tenant, KeyRole::Operator, false),
        (TenantId::PLATFORM, KeyRole::Tenant(Role::Admin), false),
        (tenant, KeyRole::Tenant(Role::Admin), true),
    ] {
        let mut tx = store.write(space).await.unwrap();
        let inserted = insert_as(&mut tx, &key(1), role).await;
        assert_eq!(inserted.is_ok(), taken, "{role:?} in {space:?}");
    }
}
