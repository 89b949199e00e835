//! Starts that must wait, and starts that must be refused.

use std::sync::Arc;

use harness::{
    Client, Options, Service,
    service::{MASTER_KEYS, until},
};
use store::{schema::Unfit, testing::Database};

use crate::postgres::Postgres;

/// Another key under the number of the first.
const ANOTHER_KEY: &str = "1:u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7w=";

#[tokio::test]
async fn a_service_waits_for_its_database_and_starts_by_itself() {
    let mut postgres = Postgres::start().await;
    let database = postgres.database().await;
    postgres.kill().await;
    let service = Service::starting(database, Options::default()).await;
    let anonymous = service.anonymous();

    assert_eq!(anonymous.get("/livez").await.status, 200);
    let ready = anonymous.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.text("reason")),
        (503, "starting".to_owned())
    );
    assert_eq!(anonymous.get("/health").await.status, 503);
    let client = anonymous
        .clone()
        .bearer("bi_op_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for client in [&anonymous, &client] {
        let answer = client.get("/v1/tenants").await;
        assert_eq!(answer.problem(), (503, "starting"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }

    postgres.start_again().await;

    service.ready().await;
    service.tenant("acme").await;
}

/// Starts a service that must refuse, and returns why. It must not have served, nor serve afterwards.
async fn refused(database: Arc<Database>, options: Options) -> store::Error {
    let service = Service::starting(database, options).await;
    let url = service.url.clone();
    let watched = tokio::spawn(never_serves(service.anonymous(), url.clone()));
    let error = service.ended().await.expect_err("it must not start");
    watched.await.unwrap();
    let address = url.strip_prefix("http://").unwrap();
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "it still listens"
    );
    error
}

/// Until it is gone, it is never ready and does nothing for anybody.
async fn never_serves(client: Client, url: String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    while let Ok(answer) = http.get(format!("{url}/readyz")).send().await {
        assert_eq!(answer.status(), 503);
        let Ok(answer) = client.request(reqwest::Method::GET, "/v1/me").send().await else {
            return;
        };
        assert_eq!(answer.status(), 503);
    }
}

#[tokio::test]
async fn a_database_without_tables_is_not_served() {
    let error = refused(Arc::new(Database::empty().await), Options::default()).await;
    assert!(
        matches!(error, store::Error::Unfit(Unfit::Older)),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("bedrock-integrations migrate"),
        "{error}"
    );
}

#[tokio::test]
async fn a_role_that_could_switch_the_tenant_barrier_off_does_not_serve() {
    let Database { owner_url, .. } = Database::new().await;
    let database = Database {
        url: owner_url.clone(),
        owner_url,
    };
    let error = refused(Arc::new(database), Options::default()).await;
    assert!(
        matches!(error, store::Error::Unfit(Unfit::Privileged { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn another_key_under_a_known_number_is_refused_and_the_right_one_still_serves() {
    let database = Arc::new(Database::new().await);
    Service::on(Arc::clone(&database), Options::default())
        .await
        .stop()
        .await
        .unwrap();
    let options = Options {
        master_keys: ANOTHER_KEY.to_owned(),
        ..Options::default()
    };
    let error = refused(Arc::clone(&database), options).await;
    assert!(
        matches!(error, store::Error::WrongMasterKey(_)),
        "{error:?}"
    );
    Service::on(database, Options::default())
        .await
        .stop()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_ring_without_the_key_that_seals_is_refused() {
    let database = Arc::new(Database::new().await);
    Service::on(Arc::clone(&database), Options::default())
        .await
        .stop()
        .await
        .unwrap();
    let options = Options {
        master_keys: MASTER_KEYS.lines().nth(1).unwrap().to_owned(),
        ..Options::default()
    };
    let error = refused(database, options).await;
    assert!(
        matches!(error, store::Error::MissingMasterKey(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn stopping_a_service_that_still_waits_for_its_database_is_no_error() {
    let mut postgres = Postgres::start().await;
    let database = postgres.database().await;
    postgres.kill().await;
    let service = Service::starting(database, Options::default()).await;
    until("it is up", async || {
        service.anonymous().get("/livez").await.status == 200
    })
    .await;
    service.stop().await.unwrap();
}
