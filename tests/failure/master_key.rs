//! The master key is changed while replicas serve.

use std::{sync::Arc, time::Duration};

use harness::{
    Options, Service,
    service::{MASTER_KEYS, until},
};
use server::app::{self, Caller};
use store::testing::Database;
use tokio::time::Instant;

const A_SECOND: Duration = Duration::from_secs(1);

fn both() -> Options {
    Options {
        master_keys: MASTER_KEYS.to_owned(),
        ..Options::default()
    }
}

/// A database that version 1 was first used with, and a replica that knows version 2 as well.
async fn prepared() -> (Arc<Database>, Service, Service) {
    let database = Arc::new(Database::new().await);
    let old = Service::on(Arc::clone(&database), Options::default()).await;
    let both = Service::on(Arc::clone(&database), both()).await;
    (database, old, both)
}

#[tokio::test]
async fn a_replica_without_the_new_key_turns_traffic_away_and_one_with_it_goes_on() {
    let (database, old, both) = prepared().await;
    let operator = old.operator().await;
    assert_eq!(operator.get("/health").await.status, 200);

    let progress = app::rotation::rotate(
        &both.context,
        &Caller::command_line(None),
        "2".parse().unwrap(),
    )
    .await
    .unwrap();
    let rotated = Instant::now();

    assert_eq!((progress.rewrapped, progress.unreadable), (1, 0));
    until("the old replica is not ready", async || {
        old.anonymous().get("/readyz").await.status == 503
    })
    .await;
    assert!(rotated.elapsed() < A_SECOND, "{:?}", rotated.elapsed());
    assert_eq!(
        old.anonymous().get("/readyz").await.text("reason"),
        "master_key_missing"
    );
    let health = operator.get("/health").await;
    let dependency = &health.body["dependencies"][1];
    assert_eq!(
        (health.status, &dependency["name"], &dependency["state"]),
        (503, &"master_key".into(), &"down".into())
    );
    assert!(
        dependency["error"]
            .as_str()
            .is_some_and(|error| error.contains("version 2")),
        "{dependency}"
    );
    let shown = old.anonymous().get("/health").await;
    assert!(
        shown.body["dependencies"][1]["error"].is_null(),
        "{shown:?}"
    );

    assert_eq!(both.anonymous().get("/readyz").await.status, 200);
    both.tenant("after").await;
    // A replica that starts now needs both: the old one's keys are refused, both are not.
    assert!(matches!(
        Service::starting(Arc::clone(&database), Options::default())
            .await
            .ended()
            .await,
        Err(store::Error::MissingMasterKey(_))
    ));
    Service::on(database, self::both())
        .await
        .stop()
        .await
        .unwrap();

    // Back again, and the old replica is of use again.
    app::rotation::rotate(
        &both.context,
        &Caller::command_line(None),
        "1".parse().unwrap(),
    )
    .await
    .unwrap();
    old.ready().await;
}

#[tokio::test]
async fn a_rotation_goes_on_while_requests_are_answered_and_once_more_changes_nothing() {
    let (_, _old, both) = prepared().await;
    let operator = both.operator().await;
    let writes = tokio::spawn({
        let operator = operator.clone();
        async move {
            for number in 0..40 {
                let path = format!("/v1/tenants/by-ref/t-{number}");
                let made = operator
                    .put(&path, serde_json::json!({ "name": "T" }))
                    .await;
                assert_eq!(made.status, 201, "{made:?}");
            }
        }
    });
    let first = app::rotation::rotate(
        &both.context,
        &Caller::command_line(None),
        "2".parse().unwrap(),
    )
    .await
    .unwrap();
    writes.await.unwrap();
    let again = app::rotation::rotate(
        &both.context,
        &Caller::command_line(None),
        "2".parse().unwrap(),
    )
    .await
    .unwrap();
    assert_eq!(
        (first.rewrapped, again.rewrapped, again.unreadable),
        (1, 0, 0)
    );
    // Keyed hashes outlive the master key: a repeated request is still known.
    assert_eq!(both.anonymous().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_rotation_to_a_key_that_is_not_given_changes_nothing() {
    let (_, old, _both) = prepared().await;
    let refused = app::rotation::rotate(
        &old.context,
        &Caller::command_line(None),
        "2".parse().unwrap(),
    )
    .await;
    assert!(matches!(
        refused,
        Err(app::Error::Store(store::Error::MissingMasterKey(_)))
    ));
    assert_eq!(old.anonymous().get("/readyz").await.status, 200);
}
