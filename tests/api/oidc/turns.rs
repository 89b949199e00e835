//! Keys come ahead of their time, and go after it, on all replicas.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Answer, Options, Service, service::manual_clock};
use serde_json::Value;
use server::app::signing_keys::turn;
use store::testing::Database;
use time::Duration;

/// What is published.
pub(crate) fn keys(told: &Answer) -> Vec<Value> {
    let keys = told.body["keys"].as_array();
    keys.unwrap_or_else(|| panic!("no keys: {told:?}")).clone()
}

/// The ids of what a replica publishes.
async fn published(service: &Service) -> Vec<String> {
    let told = service.anonymous().get("/oidc/jwks").await;
    let ids = keys(&told).into_iter().map(|key| key["kid"].clone());
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

async fn replica(database: &Arc<Database>, clock: &Arc<ManualClock>) -> Service {
    let options = Options {
        clock: clock.clone(),
        public_url: Some("https://bi.example".to_owned()),
        ..Options::default()
    };
    Service::on(Arc::clone(database), options).await
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after() {
    let clock = manual_clock();
    let service = replica(&Arc::new(Database::new().await), &clock).await;
    let first = published(&service).await;
    assert_eq!(first.len(), 1);

    clock.advance(Duration::days(86));
    turn(&service.context).await.unwrap();
    assert_eq!(published(&service).await, first);

    clock.advance(Duration::days(1));
    turn(&service.context).await.unwrap();
    let both = published(&service).await;
    assert_eq!((both.len(), &both[0]), (2, &first[0]));

    // It signs from day 90 on, and the first one stays for three days more.
    clock.advance(Duration::days(5));
    turn(&service.context).await.unwrap();
    assert_eq!(published(&service).await, both);

    clock.advance(Duration::days(1));
    turn(&service.context).await.unwrap();
    assert_eq!(published(&service).await, both[1..]);
}

#[tokio::test]
async fn replicas_that_start_or_turn_at_once_make_one_key_between_them() {
    let clock = manual_clock();
    let database = Arc::new(Database::new().await);
    let (one, two) = tokio::join!(replica(&database, &clock), replica(&database, &clock));
    let first = published(&one).await;
    assert_eq!(first.len(), 1);
    assert_eq!(published(&two).await, first);

    clock.advance(Duration::days(87));
    let (turned, also) = tokio::join!(turn(&one.context), turn(&two.context));
    turned.unwrap();
    also.unwrap();
    let both = published(&one).await;
    assert_eq!(both.len(), 2);
    assert_eq!(published(&two).await, both);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_not_replaced() {
    let clock = manual_clock();
    let database = Arc::new(Database::new().await);
    let service = replica(&database, &clock).await;
    let before = published(&service).await;
    sqlx::raw_sql("UPDATE signing_keys SET ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)")
        .execute(&database.owner())
        .await
        .unwrap();
    clock.advance(Duration::days(87));
    let refused = turn(&service.context).await;
    assert!(
        matches!(refused, Err(store::Error::Sealed(_))),
        "{refused:?}"
    );
    assert_eq!(published(&service).await, before);
}
