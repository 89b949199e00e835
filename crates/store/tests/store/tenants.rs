//! Tenants: unique among the living by their ref, listed in pages, tombstones when deleted.

use domain::{Limit, TenantId, TenantRef, TenantState};
use store::{
    Error, PlatformTx, Store, tenants,
    tenants::{REF_TAKEN, Tenant},
    testing::Database,
};
use uuid::Uuid;

use crate::support::{at, waiters};

fn id(number: u128) -> TenantId {
    TenantId::from(Uuid::from_u128(number))
}

fn tenant_ref(text: &str) -> TenantRef {
    text.parse().unwrap()
}

async fn insert(store: &Store, number: u128, text: &str) -> store::Result<Tenant> {
    let mut tx = store.platform().await?;
    let name = "Acme".parse().unwrap();
    let tenant = tenants::insert(&mut tx, id(number), &tenant_ref(text), &name, at(0)).await?;
    tx.commit(&[], at(0)).await?;
    Ok(tenant)
}

async fn update(store: &Store, number: u128, state: TenantState) -> Tenant {
    let mut tx = store.platform().await.unwrap();
    let tenant = tenants::update(&mut tx, id(number), "Acme Ltd", state, at(9))
        .await
        .unwrap();
    tx.commit(&[], at(9)).await.unwrap();
    tenant
}

async fn platform(store: &Store) -> PlatformTx {
    store.platform().await.unwrap()
}

#[tokio::test]
async fn a_tenant_is_found_by_id_and_by_ref_as_it_was_made() {
    let store = Database::new().await.store();
    let made = insert(&store, 1, "acme-42").await.unwrap();
    insert(&store, 2, "acme-4").await.unwrap();
    let expected = Tenant {
        id: id(1),
        tenant_ref: "acme-42".to_owned(),
        name: "Acme".to_owned(),
        state: TenantState::Active,
        created_at: at(0),
        updated_at: at(0),
    };
    assert_eq!(made, expected);
    let mut tx = platform(&store).await;
    let by_id = tenants::find(&mut tx, id(1)).await.unwrap();
    let by_ref = tenants::find_by_ref(&mut tx, &tenant_ref("acme-42"))
        .await
        .unwrap();
    let locked = tenants::lock(&mut tx, id(1)).await.unwrap();
    for found in [by_id, by_ref, locked] {
        assert_eq!(found.as_ref(), Some(&expected));
    }
    assert_eq!(tenants::find(&mut tx, id(3)).await.unwrap(), None);
    let other_case = tenants::find_by_ref(&mut tx, &tenant_ref("Acme-42")).await;
    assert_eq!(other_case.unwrap(), None);
}

#[tokio::test]
async fn a_change_of_name_and_state_leaves_the_rest() {
    let store = Database::new().await.store();
    let made = insert(&store, 1, "acme").await.unwrap();
    insert(&store, 2, "other").await.unwrap();
    let changed = update(&store, 1, TenantState::Suspended).await;
    let expected = Tenant {
        name: "Acme Ltd".to_owned(),
        state: TenantState::Suspended,
        updated_at: at(9),
        ..made
    };
    assert_eq!(changed, expected);
    let mut tx = platform(&store).await;
    let other = tenants::find(&mut tx, id(2)).await.unwrap().unwrap();
    assert_eq!(other.state, TenantState::Active);
    assert_eq!(tenants::find(&mut tx, id(1)).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn a_ref_is_unique_among_the_living_alone() {
    let store = Database::new().await.store();
    insert(&store, 1, "acme").await.unwrap();
    for state in [TenantState::Active, TenantState::Suspended] {
        update(&store, 1, state).await;
        let refused = insert(&store, 2, "acme").await;
        assert!(matches!(&refused, Err(error) if error.is_conflict_on(REF_TAKEN)));
    }
    update(&store, 1, TenantState::Deleted).await;
    insert(&store, 2, "acme").await.unwrap();
    let mut tx = platform(&store).await;
    let found = tenants::find_by_ref(&mut tx, &tenant_ref("acme")).await;
    assert_eq!(found.unwrap().unwrap().id, id(2));
}

#[tokio::test]
async fn an_id_is_never_given_again() {
    let store = Database::new().await.store();
    insert(&store, 1, "acme").await.unwrap();
    update(&store, 1, TenantState::Deleted).await;
    let refused = insert(&store, 1, "another").await;
    assert!(matches!(&refused, Err(error) if error.is_conflict_on("tenants_pkey")));
}

#[tokio::test]
async fn the_platforms_own_space_is_no_tenant() {
    let store = Database::new().await.store();
    let refused = insert(&store, 0, "nil").await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_deleted_tenant_is_not_found_but_still_visited() {
    let store = Database::new().await.store();
    insert(&store, 1, "acme").await.unwrap();
    insert(&store, 2, "other").await.unwrap();
    update(&store, 1, TenantState::Deleted).await;
    let mut tx = platform(&store).await;
    assert_eq!(tenants::find(&mut tx, id(1)).await.unwrap(), None);
    assert_eq!(tenants::lock(&mut tx, id(1)).await.unwrap(), None);
    let by_ref = tenants::find_by_ref(&mut tx, &tenant_ref("acme")).await;
    assert_eq!(by_ref.unwrap(), None);
    let page = tenants::page(&mut tx, None, Limit::default())
        .await
        .unwrap();
    assert_eq!(page.items.iter().map(|t| t.id).collect::<Vec<_>>(), [id(2)]);
    let all = tenants::ids_after(&mut tx, None).await.unwrap();
    assert_eq!(all, [id(1), id(2)]);
}

#[tokio::test]
async fn pages_hold_every_living_tenant_once_oldest_first() {
    let store = Database::new().await.store();
    for number in [5, 3, 1, 2, 4, 6, 7] {
        insert(&store, number, &format!("ref-{number}"))
            .await
            .unwrap();
    }
    // The last of the first page, and the last of all.
    update(&store, 2, TenantState::Deleted).await;
    update(&store, 7, TenantState::Deleted).await;
    for (limit, lengths) in [("2", vec![2, 2, 1]), ("5", vec![5]), ("1", vec![1; 5])] {
        let limit: Limit = limit.parse().unwrap();
        let mut pages = Vec::new();
        let mut after = None;
        let mut tx = platform(&store).await;
        loop {
            let page = tenants::page(&mut tx, after, limit).await.unwrap();
            pages.push(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths);
        let ids: Vec<_> = pages.iter().flatten().map(|tenant| tenant.id).collect();
        assert_eq!(ids, [1, 3, 4, 5, 6].map(id));
    }
}

#[tokio::test]
async fn a_walk_over_all_tenants_visits_each_once() {
    let database = Database::new().await;
    sqlx::raw_sql(
        "INSERT INTO tenants (id, ref, name, state, created_at, updated_at)
         SELECT lpad(to_hex(n), 32, '0')::uuid, n, 'n', 'active', now(), now() FROM generate_series(1, 1001) n",
    )
    .execute(&database.owner())
    .await
    .unwrap();
    let store = database.store();
    let mut tx = platform(&store).await;
    let mut visited = Vec::new();
    let mut last = None;
    loop {
        let ids = tenants::ids_after(&mut tx, last).await.unwrap();
        assert!(ids.len() <= 500);
        let Some(end) = ids.last() else { break };
        last = Some(*end);
        visited.extend(ids);
    }
    assert_eq!(visited, (1..=1001).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_locked_tenant_is_changed_by_one_at_a_time() {
    let database = Database::new().await;
    let store = database.store();
    insert(&store, 1, "acme").await.unwrap();
    let mut first = platform(&store).await;
    tenants::lock(&mut first, id(1)).await.unwrap().unwrap();

    let other = store.clone();
    let second = tokio::spawn(async move {
        let mut tx = platform(&other).await;
        tenants::lock(&mut tx, id(1)).await.unwrap()
    });
    waiters(&database.owner(), 1).await;
    tenants::update(&mut first, id(1), "Renamed", TenantState::Active, at(1))
        .await
        .unwrap();
    first.commit(&[], at(1)).await.unwrap();
    assert_eq!(second.await.unwrap().unwrap().name, "Renamed");
}
