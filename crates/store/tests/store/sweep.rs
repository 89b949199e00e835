//! When connections are looked at without anybody asking.

use domain::{ConnectionId, TenantId};
use store::{
    Store, connections,
    sweep::{self, Next, Usual},
    tenants,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{rows::Pair, support::at};

const USUAL: Usual = Usual {
    interval: Duration::hours(6),
    ahead: Duration::hours(1),
};

/// The connection that every tenant has here.
fn connection() -> ConnectionId {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0005).into()
}

async fn next(store: &Store, tenant: TenantId) -> Next {
    let mut tx = store.read(tenant).await.unwrap();
    sweep::next(&mut tx, USUAL).await.unwrap().unwrap()
}

/// Two tenants whose connections were made at one time, and when that was.
async fn made() -> (Pair, OffsetDateTime) {
    let pair = Pair::new().await;
    sqlx::query("UPDATE connections SET created_at = $1")
        .bind(at(0))
        .execute(&pair.owner)
        .await
        .unwrap();
    (pair, at(0))
}

#[tokio::test]
async fn a_connection_is_due_an_interval_after_its_last_test_or_before_its_secret_ends() {
    let (pair, made_at) = made().await;
    let due = next(&pair.store, pair.a).await;
    assert_eq!(due.connection, connection());
    assert_eq!((due.at, due.since), (made_at + USUAL.interval, made_at));

    let mut tx = pair.store.write(pair.a).await.unwrap();
    connections::note_test(&mut tx, connection(), true, at(60))
        .await
        .unwrap();
    tx.commit(&[], at(60)).await.unwrap();
    let due = next(&pair.store, pair.a).await;
    assert_eq!((due.at, due.since), (at(60) + USUAL.interval, made_at));

    sqlx::query("UPDATE accesses SET secret_expires_at = $1")
        .bind(at(7_200))
        .execute(&pair.owner)
        .await
        .unwrap();
    assert_eq!(next(&pair.store, pair.a).await.at, at(3_600));
}

#[tokio::test]
async fn a_plan_holds_until_somebody_tests_or_edits_and_is_one_tenants() {
    let (pair, _) = made().await;
    let others = next(&pair.store, pair.b).await;
    let plan = async |etag| {
        let mut tx = pair.store.write(pair.a).await.unwrap();
        sweep::note(&mut tx, connection(), 1, None, at(10))
            .await
            .unwrap();
        sweep::plan(&mut tx, connection(), etag, at(99))
            .await
            .unwrap();
        tx.commit(&[], at(10)).await.unwrap();
        let due = next(&pair.store, pair.a).await;
        (due.at, due.since, due.refusals)
    };
    let usual = at(0) + USUAL.interval;
    assert_eq!(plan(2).await, (usual, at(10), 1), "edited meanwhile");
    assert_eq!(plan(1).await, (at(99), at(10), 1));
    assert_eq!(next(&pair.store, pair.b).await, others);

    let mut tx = pair.store.write(pair.a).await.unwrap();
    connections::raise_etag(&mut tx, connection())
        .await
        .unwrap();
    tx.commit(&[], at(11)).await.unwrap();
    let due = next(&pair.store, pair.a).await;
    assert_eq!((due.at, due.refusals), (usual, 0));
}

#[tokio::test]
async fn reservations_and_tenants_that_are_suspended_are_left_alone() {
    let (pair, _) = made().await;
    let active = async || {
        let mut tx = pair.store.platform().await.unwrap();
        tenants::active_after(&mut tx, None).await.unwrap()
    };
    let mut both = [pair.a, pair.b];
    both.sort();
    assert_eq!(active().await, both);
    sqlx::query("UPDATE tenants SET state = 'suspended' WHERE id = $1")
        .bind(pair.a.uuid())
        .execute(&pair.owner)
        .await
        .unwrap();
    assert_eq!(active().await, [pair.b]);

    sqlx::query("UPDATE connections SET state = 'pending', reserved_until = now()")
        .execute(&pair.owner)
        .await
        .unwrap();
    let mut tx = pair.store.read(pair.b).await.unwrap();
    assert_eq!(sweep::next(&mut tx, USUAL).await.unwrap(), None);
}
