//! An orderly end.

use std::time::Duration;

use harness::{Client, Options, Service, service::until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::{postgres::Postgres, under_way::UnderWay};

/// How much later than promised, on a busy machine.
const LATE: Duration = Duration::from_secs(2);

fn address(url: &str) -> &str {
    url.strip_prefix("http://").unwrap()
}

async fn refuses_connections(service: &Service) {
    until("new connections are refused", async || {
        TcpStream::connect(address(&service.url)).await.is_err()
    })
    .await;
}

#[tokio::test]
async fn a_request_under_way_is_answered_and_no_new_one_is_taken() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let under_way = UnderWay::begin(&service, &operator).await;

    service.begin_stop();

    refuses_connections(&service).await;
    let operations = Client::new(&service.ops_url);
    let ready = operations.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.text("reason")),
        (503, "stopping".to_owned())
    );
    assert_eq!(operations.get("/livez").await.status, 200);
    assert!(!under_way.answer.is_finished());
    let answer = under_way.release().await.unwrap();
    assert_eq!(
        (answer.status, answer.text("name")),
        (200, "Renamed".to_owned())
    );

    let ops_url = service.ops_url.clone();
    service.stop().await.unwrap();
    assert!(TcpStream::connect(address(&ops_url)).await.is_err());
}

#[tokio::test]
async fn a_shutdown_is_announced_before_connections_are_refused() {
    let service = Service::with(Options {
        delay: Duration::from_secs(1),
        ..Options::default()
    })
    .await;

    service.begin_stop();

    // Each over a connection of its own, as a load balancer's probe is.
    until("it says that it stops", async || {
        let ready = Client::new(&service.url).get("/readyz").await;
        (ready.status, ready.body["reason"].as_str()) == (503, Some("stopping"))
    })
    .await;
    let served = Client::new(&service.url).get("/v1/me").await;
    assert_eq!(served.problem(), (401, "unauthenticated"));
    refuses_connections(&service).await;
    service.stop().await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off() {
    const GRACE: Duration = Duration::from_millis(300);
    let service = Service::with(Options {
        grace: GRACE,
        ..Options::default()
    })
    .await;
    let operator = service.operator().await;
    let under_way = UnderWay::begin(&service, &operator).await;
    // One that never gets further than half a head.
    let mut stuck = TcpStream::connect(address(&service.url)).await.unwrap();
    stuck
        .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    // An idle one must not cost any grace; it belongs to the pool of this client.
    let idle = service.anonymous();
    assert_eq!(idle.get("/livez").await.status, 200);

    let began = Instant::now();
    service.begin_stop();
    let cut = timeout(LATE, under_way.answer).await;
    cut.expect("the one under way is cut off")
        .unwrap()
        .unwrap_err();
    let read = timeout(LATE, stuck.read(&mut [0; 64])).await;
    assert_eq!(read.expect("the stuck one is cut off").unwrap_or(0), 0);
    assert!(began.elapsed() > GRACE, "{:?}", began.elapsed());
    // The transaction of the one under way may take as long as Postgres lets it wait for a lock.
    timeout(Duration::from_secs(10), service.stop())
        .await
        .expect("it ends")
        .unwrap();
}

#[tokio::test]
async fn idle_connections_cost_no_grace() {
    let service = Service::with(Options {
        grace: Duration::from_secs(60),
        ..Options::default()
    })
    .await;
    let client = service.anonymous();
    assert_eq!(client.get("/livez").await.status, 200);
    let _silent = TcpStream::connect(address(&service.url)).await.unwrap();
    let began = Instant::now();
    service.stop().await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn the_last_use_of_keys_is_noted_at_the_end() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let caller = service.caller("acme", "viewer").await;
    assert_eq!(caller.get("/v1/me").await.status, 200);
    let owner = service.database.owner();
    service.stop().await.unwrap();
    let noted: Option<time::OffsetDateTime> =
        sqlx::query_scalar("SELECT last_used_at FROM api_keys WHERE role = 'viewer'")
            .fetch_one(&owner)
            .await
            .unwrap();
    assert!(noted.is_some());
}

#[tokio::test]
async fn a_database_that_hangs_does_not_hold_up_the_end() {
    let postgres = Postgres::start().await;
    let service = Service::on(postgres.database().await, Options::default()).await;
    let operator = service.operator().await;
    assert_eq!(operator.get("/v1/tenants").await.status, 200);
    postgres.freeze();
    let stopped = timeout(Duration::from_secs(10), service.stop()).await;
    stopped.expect("it ends").unwrap();
}
