//! Keys come ahead of their time, and go after it, on all replicas.

use std::sync::Arc;

use harness::{Answer, Options, Service};
use serde_json::Value;
use server::app::signing_keys::turn;
use store::{signing_keys, testing::Database};
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

async fn replica(database: &Arc<Database>) -> Service {
    let options = Options {
        public_url: Some("https://bi.example".to_owned()),
        ..Options::default()
    };
    Service::on(Arc::clone(database), options).await
}

/// Makes the keys so much older: the database's time, by which they turn, cannot be turned.
pub(crate) async fn pass(service: &Service, days: i64) {
    let context = &service.context;
    let (days, mut rng) = (Duration::days(days), context.rng());
    let mut tx = context.store.platform().await.unwrap();
    let kept = signing_keys::all(&mut tx, &context.ring).await.unwrap();
    for mut key in kept.opened {
        key.published_at -= days;
        key.signs_from -= days;
        signing_keys::delete(&mut tx, key.id).await.unwrap();
        signing_keys::insert(&mut tx, &context.ring, &key, &mut rng)
            .await
            .unwrap();
    }
    tx.commit(&[], context.now()).await.unwrap();
}

/// Lets nobody open any key, or only the first one.
async fn damage(database: &Database, but_the_first: bool) {
    let change = "UPDATE signing_keys SET ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)
         WHERE NOT $1 OR id <> (SELECT id FROM signing_keys ORDER BY signs_from LIMIT 1)";
    let damaged = sqlx::query(change).bind(but_the_first);
    damaged.execute(&database.owner()).await.unwrap();
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_after() {
    let service = replica(&Arc::new(Database::new().await)).await;
    let first = published(&service).await;
    assert_eq!(first.len(), 1);

    pass(&service, 86).await;
    turn(&service.context).await.unwrap();
    assert_eq!(published(&service).await, first);

    pass(&service, 1).await;
    turn(&service.context).await.unwrap();
    let both = published(&service).await;
    assert_eq!((both.len(), &both[0]), (2, &first[0]));

    // It signs from day 90 on, and the first one stays for three days more.
    pass(&service, 5).await;
    turn(&service.context).await.unwrap();
    assert_eq!(published(&service).await, both);

    pass(&service, 1).await;
    turn(&service.context).await.unwrap();
    assert_eq!(published(&service).await, both[1..]);
}

#[tokio::test]
async fn replicas_that_start_or_turn_at_once_make_one_key_between_them() {
    let database = Arc::new(Database::new().await);
    let (one, two) = tokio::join!(replica(&database), replica(&database));
    let first = published(&one).await;
    assert_eq!(first.len(), 1);
    assert_eq!(published(&two).await, first);

    pass(&one, 87).await;
    let (turned, also) = tokio::join!(turn(&one.context), turn(&two.context));
    turned.unwrap();
    also.unwrap();
    let both = published(&one).await;
    assert_eq!(both.len(), 2);
    assert_eq!(published(&two).await, both);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_not_replaced() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    let before = published(&service).await;
    pass(&service, 87).await;
    damage(&database, false).await;
    let refused = turn(&service.context).await;
    assert!(
        matches!(refused, Err(store::Error::Sealed(_))),
        "{refused:?}"
    );
    assert_eq!(published(&service).await, before);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_takes_no_other_away() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    pass(&service, 87).await;
    turn(&service.context).await.unwrap();
    let both = published(&service).await;
    damage(&database, true).await;
    let newcomer = replica(&database).await;
    assert_eq!(published(&newcomer).await, both[..1]);
    assert!(turn(&service.context).await.is_err());
    assert_eq!(published(&service).await, both, "it had both before");
}

#[tokio::test]
async fn a_replica_whose_clock_is_wrong_turns_no_key() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    let first = published(&service).await;
    let clock = harness::service::manual_clock();
    clock.advance(Duration::days(10_000));
    let options = Options {
        clock,
        public_url: Some("https://bi.example".to_owned()),
        ..Options::default()
    };
    let ahead = Service::on(Arc::clone(&database), options).await;
    turn(&ahead.context).await.unwrap();
    assert_eq!(published(&ahead).await, first);
}
