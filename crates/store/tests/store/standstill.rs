//! A process that stands still in the middle of a transaction (frozen, or on a host that vanished) holds nobody up for long.

use std::{future::poll_fn, pin::pin, task::Poll};

use store::{changes::Change, tenants, testing::Database};

use crate::support::{at, connected, tenant};

#[tokio::test]
async fn a_transaction_that_stands_still_gives_its_locks_back() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let mut frozen = store.platform().await.unwrap();
    tenants::lock(&mut frozen, tenant).await.unwrap();

    let mut waiting = store.platform().await.unwrap();
    let locked = tenants::lock(&mut waiting, tenant).await;

    assert!(matches!(locked, Ok(Some(_))), "{locked:?}");
    waiting
        .commit(&[Change::Tenant(tenant)], at(1))
        .await
        .unwrap();
    let late = frozen.commit(&[Change::Tenant(tenant)], at(2)).await;
    assert!(
        matches!(late, Err(store::Error::Unavailable(_))),
        "{late:?}"
    );
}

/// Polls it that many times, then lets go of it.
async fn begun(future: impl Future, polls: u32) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_goes_away_while_a_transaction_begins_leaves_the_next_one_nothing() {
    let database = Database::new().await;
    let store = connected(&database, 1).await;
    let tenant = tenant(&store).await;
    for polls in 1..400 {
        begun(store.read(tenant), polls).await;
        let tx = store.platform().await.unwrap();
        let committed = tx.commit(&[Change::Tenant(tenant)], at(1)).await;
        assert!(committed.is_ok(), "{polls}: {committed:?}");
        begun(store.read(tenant), polls).await;
        let tx = store.write(tenant).await.unwrap();
        let committed = tx.commit(&[Change::Tenant(tenant)], at(1)).await;
        assert!(committed.is_ok(), "{polls}: {committed:?}");
    }
}
