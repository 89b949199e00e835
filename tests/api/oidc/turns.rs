//! Keys come ahead of their time, and go after it, on all replicas.

use std::sync::Arc;

use domain::SigningKeyId;
use harness::{Answer, Options, Service};
use serde_json::Value;
use server::app::{
    Caller, Error,
    signing_keys::{discard, turn},
};
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

/// Lets nobody open the key of that id any more.
async fn damage(database: &Database, id: &str) {
    let change = "UPDATE signing_keys SET ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)
         WHERE id = $1";
    let id: SigningKeyId = id.parse().unwrap();
    let damaged = sqlx::query(change).bind(id.uuid());
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
    damage(&database, &before[0]).await;
    let refused = turn(&service.context).await;
    assert!(
        matches!(refused, Err(store::Error::Sealed(_))),
        "{refused:?}"
    );
    assert_eq!(published(&service).await, before);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_replaced_once_it_is_discarded_and_no_other_can_be() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    let (context, caller) = (&service.context, Caller::command_line(None));
    let before = published(&service).await;
    let id = before[0].parse().unwrap();
    let refused = discard(context, &caller, id).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");

    damage(&database, &before[0]).await;
    discard(context, &caller, id).await.unwrap();
    turn(context).await.unwrap();
    let after = published(&service).await;
    assert_eq!(after.len(), 1);
    assert_ne!(after, before);
}

#[tokio::test]
async fn the_next_key_comes_although_one_that_is_not_the_newest_cannot_be_opened() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    pass(&service, 87).await;
    turn(&service.context).await.unwrap();
    let both = published(&service).await;
    damage(&database, &both[0]).await;
    pass(&service, 90).await;
    assert!(
        turn(&service.context).await.is_err(),
        "it is told all the same"
    );
    let all = published(&service).await;
    assert_eq!((all.len(), &all[..2]), (3, &both[..]));
}

#[tokio::test]
async fn what_is_no_key_takes_no_other_away() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    let before = published(&service).await;
    let context = &service.context;
    let (mut tx, mut rng) = (context.store.platform().await.unwrap(), context.rng());
    let kept = signing_keys::all(&mut tx, &context.ring).await.unwrap();
    let key = signing_keys::SigningKey {
        id: SigningKeyId::new(kept.read_at + Duration::SECOND, &mut rng),
        private_key: b"no key".to_vec().into(),
        ..kept.opened[0].clone()
    };
    let inserted = signing_keys::insert(&mut tx, &context.ring, &key, &mut rng).await;
    inserted.unwrap();
    tx.commit(&[], context.now()).await.unwrap();
    let refused = turn(context).await;
    assert!(
        matches!(refused, Err(store::Error::Unreadable(_))),
        "{refused:?}"
    );
    assert_eq!(published(&replica(&database).await).await, before);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_takes_no_other_away() {
    let database = Arc::new(Database::new().await);
    let service = replica(&database).await;
    pass(&service, 87).await;
    turn(&service.context).await.unwrap();
    let both = published(&service).await;
    damage(&database, &both[1]).await;
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
