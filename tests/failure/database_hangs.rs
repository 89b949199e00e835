//! Postgres takes connections and says nothing: worse than being away, since nothing fails by itself.

use std::{sync::Arc, time::Duration};

use harness::{Options, Service, service::until};
use tokio::time::{Instant, timeout};

use crate::{
    database_away::{AT_ONCE, database, turned_away},
    postgres::Postgres,
    proxy::Proxy,
    under_way::UnderWay,
};

/// Longest that a request may wait before the silence is noticed.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_silent_database_is_noticed_within_seconds_and_found_again_by_itself() {
    let postgres = Postgres::start().await;
    let service = Service::on(postgres.database().await, Options::default()).await;
    let (anonymous, operator) = (service.anonymous(), service.operator().await);
    let under_way = UnderWay::begin(&service, &operator).await;
    let frozen = Instant::now();

    postgres.freeze();

    let first = (0..20).map(|_| {
        let operator = operator.clone();
        tokio::spawn(async move { turned_away(&operator, PATIENCE).await })
    });
    for request in first.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    until("it is noticed", async || {
        anonymous.get("/health").await.status == 503
    })
    .await;
    assert!(
        frozen.elapsed() < PATIENCE,
        "noticed after {:?}",
        frozen.elapsed()
    );
    for _ in 0..20 {
        turned_away(&operator, AT_ONCE).await;
    }
    assert_eq!(anonymous.get("/livez").await.status, 200);
    let shown = operator.get("/health").await;
    assert_eq!(
        database(&shown),
        (503, "degraded", "down", Some("no answer within 2 s"))
    );

    // The one that was in the middle of a statement does not wait for the end of the world either.
    let answer = timeout(PATIENCE, under_way.answer)
        .await
        .expect("it still waits");
    assert_eq!(
        answer.unwrap().unwrap().problem(),
        (503, "database_unavailable")
    );
    drop(under_way.lock);

    postgres.thaw();

    until("the control plane is back", async || {
        operator.get("/v1/tenants").await.status == 200
    })
    .await;
    assert_eq!(
        database(&operator.get("/health").await),
        (200, "ok", "up", None)
    );
    service.tenant("another").await;
}

/// A host that vanished closes nothing: whoever waits for it would wait until TCP gives up, a quarter of an hour later.
#[tokio::test]
async fn connections_that_fell_silent_for_ever_do_not_use_up_the_pool() {
    let direct = Service::start().await;
    let proxy = Proxy::before(&direct.database);
    let service = Service::on(Arc::clone(&proxy.database), Options::default()).await;
    let operator = service.operator().await;
    // As many in the middle of a statement as the pool has connections.
    let mut under_way = Vec::new();
    for number in 0..5 {
        under_way.push(UnderWay::in_tenant(&service, &operator, &format!("t-{number}")).await);
    }

    proxy.silence();

    // Their callers lose patience, too.
    for request in &under_way {
        request.answer.abort();
    }
    // New connections are fine from here on.
    let back = Instant::now();
    until("the control plane is back", async || {
        operator.get("/v1/tenants").await.status == 200
    })
    .await;
    assert!(back.elapsed() < PATIENCE * 2, "{:?}", back.elapsed());
    drop(under_way);
}
