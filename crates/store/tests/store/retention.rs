//! What is kept only for a time: exactly what is due goes.

use domain::{SessionId, TenantId};
use store::{
    Store, TenantTx, idempotency, idempotency::Request, retention, retention::Pruned, sessions,
    testing::Database,
};
use uuid::Uuid;

use crate::{
    api_keys::{insert, key},
    audit,
    rows::Pair,
    support::{at, tenant},
};

const NOW: i64 = 1_000;
const AUDIT_BEFORE: i64 = 500;

/// A tenant with a session, an answer and an event just due, just not, and long not.
async fn with_rows(store: &Store) -> TenantId {
    let tenant = tenant(store).await;
    let mut tx = store.write(tenant).await.unwrap();
    insert(&mut tx, &key(1)).await;
    for (number, offset) in [(1, -1), (2, 0), (3, 1), (4, 900)] {
        session(&mut tx, number, NOW + offset).await;
        answer(&mut tx, number, NOW + offset).await;
        audit::append_at(&mut tx, u128::from(number), AUDIT_BEFORE + offset).await;
    }
    tx.commit(&[], at(0)).await.unwrap();
    tenant
}

async fn session(tx: &mut TenantTx, number: u8, expires: i64) {
    let id = SessionId::from(Uuid::from_u128(u128::from(number)));
    let (key, hash) = (key(1).id, [number; 32]);
    sessions::insert(tx, id, key, &hash, at(0), at(expires))
        .await
        .unwrap();
}

async fn answer(tx: &mut TenantTx, number: u8, expires: i64) {
    let request = Request {
        key_hash: &[number; 32],
        request_hash: &[0; 32],
        claimed_until: at(60),
    };
    idempotency::claim(tx, request, at(0), at(expires))
        .await
        .unwrap();
}

/// What is left, by number.
async fn left(database: &Database, tenant: TenantId) -> Vec<(String, Vec<i32>)> {
    sqlx::query_as(
        "SELECT what, array_agg(number ORDER BY number) FROM (
           SELECT 'session' AS what, get_byte(secret_hash, 0) AS number FROM sessions WHERE tenant_id = $1
           UNION ALL
           SELECT 'answer', get_byte(key_hash, 0) FROM idempotency_keys WHERE tenant_id = $1
           UNION ALL
           SELECT 'event', (detail->>'number')::int FROM audit_events WHERE tenant_id = $1
         ) rows GROUP BY what ORDER BY what",
    )
    .bind(tenant.uuid())
    .fetch_all(&database.owner())
    .await
    .unwrap()
}

async fn prune(store: &Store, tenant: TenantId) -> Pruned {
    let mut tx = store.platform().await.unwrap().enter(tenant).await.unwrap();
    let removed = retention::prune(&mut tx, at(NOW), at(AUDIT_BEFORE)).await;
    tx.commit(&[], at(NOW)).await.unwrap();
    removed.unwrap()
}

fn all_of(removed: u64) -> Pruned {
    Pruned {
        removed,
        more: false,
    }
}

fn rows(answers: &[i32], events: &[i32], sessions: &[i32]) -> Vec<(String, Vec<i32>)> {
    [
        ("answer", answers),
        ("event", events),
        ("session", sessions),
    ]
    .map(|(what, numbers)| (what.to_owned(), numbers.to_vec()))
    .to_vec()
}

#[tokio::test]
async fn exactly_what_is_due_is_removed() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = with_rows(&store).await;
    assert_eq!(prune(&store, tenant).await, all_of(5));
    let expected = rows(&[3, 4], &[2, 3, 4], &[3, 4]);
    assert_eq!(left(&database, tenant).await, expected);
    assert_eq!(prune(&store, tenant).await, all_of(0));
}

#[tokio::test]
async fn another_tenants_rows_stay() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = with_rows(&store).await;
    let other = with_rows(&store).await;
    prune(&store, tenant).await;
    let all = [1, 2, 3, 4];
    assert_eq!(left(&database, other).await, rows(&all, &all, &all));
}

#[tokio::test]
async fn nothing_else_of_the_tenant_is_touched() {
    let pair = Pair::new().await;
    // In the tests' calendar the fixed rows, of the machine's today, are far from due.
    let before = pair.rows_of(pair.a).await;
    assert_eq!(prune(&pair.store, pair.a).await, all_of(0));
    let far = at(1_000_000_000);
    let mut tx = pair.store.write(pair.a).await.unwrap();
    let pruned = retention::prune(&mut tx, far, far).await.unwrap();
    assert_eq!(pruned, all_of(3));
    tx.commit(&[], at(NOW)).await.unwrap();
    for ((table, rows), (_, before)) in pair.rows_of(pair.a).await.iter().zip(before) {
        if ["sessions", "idempotency_keys", "audit_events"].contains(table) {
            assert_eq!(rows.len(), 0, "{table}");
        } else {
            assert_eq!(rows, &before, "{table}");
        }
    }
}

#[tokio::test]
async fn many_events_are_removed_a_thousand_at_a_time() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    sqlx::query(
        "INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_id, by_platform, action)
         SELECT $1, lpad(to_hex(n), 32, '0')::uuid, 'epoch', 'user', 'ada', false, 'test'
         FROM generate_series(1, 1001) n",
    )
    .bind(tenant.uuid())
    .execute(&database.owner())
    .await
    .unwrap();
    let first = Pruned {
        removed: 1_000,
        more: true,
    };
    assert_eq!(prune(&store, tenant).await, first);
    assert_eq!(prune(&store, tenant).await, all_of(1));
}
