//! Postgres is killed while the service serves, and comes back.

use std::{sync::Arc, time::Duration};

use domain::Clock;
use harness::{
    Answer, Client, Options, Service,
    service::{manual_clock, until},
};
use tokio::time::Instant;

use crate::postgres::Postgres;

/// Longest that an answer may take, whatever is away.
pub(crate) const SOON: Duration = Duration::from_secs(1);
/// Longest that one may take that waits for nothing at all.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(500);

/// The control plane's answer while the database is away.
pub(crate) async fn turned_away(client: &Client, within: Duration) {
    let asked = Instant::now();
    let answer = client.get("/v1/tenants").await;
    let took = asked.elapsed();
    assert_eq!(
        answer.problem(),
        (503, "database_unavailable"),
        "{answer:?}"
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(took < within, "took {took:?}");
}

/// What `/health` says of the database.
pub(crate) fn database(health: &Answer) -> (u16, &str, &str, Option<&str>) {
    let dependency = &health.body["dependencies"][0];
    assert_eq!(dependency["name"], "database");
    (
        health.status,
        health.body["status"].as_str().unwrap(),
        dependency["state"].as_str().unwrap(),
        dependency["error"].as_str(),
    )
}

#[tokio::test]
async fn a_killed_database_is_told_at_once_and_found_again_by_itself() {
    let mut postgres = Postgres::start().await;
    let clock = manual_clock();
    let options = Options {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..Options::default()
    };
    let service = Service::on(postgres.database().await, options).await;
    let (anonymous, operator) = (service.anonymous(), service.operator().await);
    let admin = service.tenant("acme").await;
    assert!(admin.starts_with("ten_"));
    let admin = service.caller("acme", "admin").await;
    assert_eq!(admin.get("/v1/me").await.status, 200);
    let well = operator.get("/health").await;
    assert_eq!(database(&well), (200, "ok", "up", None));

    postgres.kill().await;

    // Those that come first, before anybody can know.
    let first = (0..20).map(|_| {
        let operator = operator.clone();
        tokio::spawn(async move { turned_away(&operator, SOON).await })
    });
    for request in first.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    for _ in 0..20 {
        turned_away(&operator, AT_ONCE).await;
        turned_away(&anonymous, AT_ONCE).await;
    }
    assert_eq!(anonymous.get("/livez").await.status, 200);
    let shown = anonymous.get("/health").await;
    assert_eq!(database(&shown), (503, "degraded", "down", None));
    let shown = admin.get("/health").await;
    assert_eq!(
        database(&shown),
        (503, "degraded", "down", None),
        "an admin is no operator"
    );
    let shown = operator.get("/health").await;
    assert!(
        database(&shown)
            .3
            .is_some_and(|error| error.contains("unavailable")),
        "{shown:?}"
    );

    // Conversations go on from what is cached for half a minute, so traffic is still welcome.
    assert_eq!(anonymous.get("/readyz").await.status, 200);
    clock.advance(time::Duration::seconds(29));
    assert_eq!(anonymous.get("/readyz").await.status, 200);
    clock.advance(time::Duration::seconds(2));
    let blind = anonymous.get("/readyz").await;
    assert_eq!(
        (blind.status, blind.text("reason")),
        (503, "change_feed_unread".to_owned())
    );
    assert_eq!(anonymous.get("/livez").await.status, 200);

    postgres.start_again().await;

    until("the control plane is back", async || {
        operator.get("/v1/tenants").await.status == 200
    })
    .await;
    assert_eq!(anonymous.get("/readyz").await.status, 200);
    assert_eq!(
        database(&operator.get("/health").await),
        (200, "ok", "up", None)
    );
    assert_eq!(admin.get("/v1/me").await.status, 200);
    service.tenant("another").await;
}

#[tokio::test]
async fn a_request_that_loses_its_database_half_way_is_told_so() {
    let mut postgres = Postgres::start().await;
    let service = Service::on(postgres.database().await, Options::default()).await;
    let operator = service.operator().await;
    let under_way = crate::under_way::UnderWay::begin(&service, &operator).await;

    postgres.kill().await;

    let answer = tokio::time::timeout(SOON, under_way.answer).await;
    let answer = answer.expect("it still waits").unwrap().unwrap();
    assert_eq!(
        answer.problem(),
        (503, "database_unavailable"),
        "{answer:?}"
    );
}
