//! What callers get.

use time::Duration;

use super::stage::{Act, START, Stage, at_revision, in_region, key};
use crate::{Error, LeaseKey, PolicyHash, Unfit};

#[tokio::test(start_paused = true)]
async fn a_lease_is_fetched_once_and_then_at_hand() {
    let stage = Stage::new();
    let first = stage.leases.get(&key(1)).await.unwrap();
    let again = stage.leases.get(&key(1)).await.unwrap();
    assert!(again.is(&first));
    let counts = stage.leases.counts();
    assert_eq!((counts.hits, counts.misses, counts.fetches), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn leases_that_differ_in_anything_are_not_mixed_up() {
    let stage = Stage::new();
    let one = key(1);
    let others = [
        key(2),
        LeaseKey {
            tenant: key(99).tenant,
            ..one.clone()
        },
        at_revision(&one, 2),
        in_region(&one, "us-east-1"),
        LeaseKey {
            policy: PolicyHash::of("{ }"),
            ..one.clone()
        },
    ];
    let lease = stage.leases.get(&one).await.unwrap();
    for other in &others {
        assert!(
            !stage.leases.get(other).await.unwrap().is(&lease),
            "{other:?}"
        );
    }
    assert_eq!(stage.script.calls(), 1 + others.len());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_has_ended_is_never_handed_out() {
    let stage = Stage::new();
    let key = key(1);
    let first = stage.leases.get(&key).await.unwrap();
    stage.script.then(&key, Act::Hang);
    // A minute of an hour is left: clocks may differ by that.
    stage.advance(Duration::minutes(59));
    assert!(matches!(
        stage.leases.get(&key).await,
        Err(Error::TimedOut { .. })
    ));
    stage.advance(Duration::seconds(2));
    let second = stage.leases.get(&key).await.unwrap();
    assert!(!second.is(&first));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_had_ended_when_it_came_is_a_failure() {
    let stage = Stage::new();
    stage.script.then(&key(1), Act::Give(Duration::seconds(59)));
    assert!(matches!(
        stage.leases.get(&key(1)).await,
        Err(Error::Faulty(_))
    ));
    stage.script.then(&key(2), Act::GiveKey(Some(START)));
    assert_eq!(
        stage.leases.get(&key(2)).await.unwrap_err(),
        Error::Unfit(Unfit::KeyExpired)
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_without_an_end_is_never_fetched_again() {
    let stage = Stage::new();
    stage.script.then(&key(1), Act::GiveKey(None));
    let first = stage.leases.get(&key(1)).await.unwrap();
    stage.advance(Duration::days(400));
    assert!(stage.leases.get(&key(1)).await.unwrap().is(&first));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_not_refreshed_and_ends_when_it_says() {
    let stage = Stage::new();
    let key = key(1);
    let ends_at = START + Duration::hours(12);
    stage.script.then(&key, Act::GiveKey(Some(ends_at)));
    stage.script.then(&key, Act::GiveKey(Some(ends_at)));
    stage.leases.get(&key).await.unwrap();
    stage.advance(Duration::hours(12) - Duration::seconds(61));
    stage.leases.get(&key).await.unwrap();
    stage.advance(Duration::seconds(1));
    assert_eq!(
        stage.leases.get(&key).await.unwrap_err(),
        Error::Unfit(Unfit::KeyExpired)
    );
    assert_eq!(stage.leases.counts().refreshes, 0);
}

#[tokio::test(start_paused = true)]
async fn what_aws_did_not_accept_is_given_up_once_it_is_old_enough() {
    let stage = Stage::new();
    let key = key(1);
    let revoked = stage.leases.get(&key).await.unwrap();
    stage.leases.discard(&key, &revoked);
    assert!(stage.leases.get(&key).await.unwrap().is(&revoked), "young");
    stage.advance(Duration::seconds(31));
    stage.leases.discard(&key, &revoked);
    let second = stage.leases.get(&key).await.unwrap();
    assert!(!second.is(&revoked));
    // Another caller, who was refused with the first one, does not take the second away.
    stage.advance(Duration::seconds(31));
    stage.leases.discard(&key, &revoked);
    assert!(stage.leases.get(&key).await.unwrap().is(&second));
}

#[tokio::test(start_paused = true)]
async fn nothing_shows_a_secret() {
    let stage = Stage::new();
    let lease = stage.leases.get(&key(1)).await.unwrap();
    let shown = format!("{:?} {lease:?} {:?}", stage.leases, key(1));
    assert!(
        !shown.contains("secret") && !shown.contains("token"),
        "{shown}"
    );
}
