//! What fails is left alone for a while.

use time::Duration;

use super::stage::{
    Act, Stage, at_revision, in_region, key, password_refused, rejected, throttled,
};
use crate::Error;

#[tokio::test(start_paused = true)]
async fn a_no_is_answered_without_a_call_for_half_a_minute() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(rejected()));
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), rejected());
    stage.advance(Duration::seconds(29));
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), rejected());
    assert_eq!(stage.script.calls(), 1);
    stage.advance(Duration::seconds(7));
    stage.leases.get(&key).await.unwrap();
    assert_eq!(stage.leases.counts().rests, 1);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_given_longer_each_time_up_to_a_minute() {
    let stage = Stage::new();
    let key = key(1);
    let mut shortest = Duration::SECOND;
    for call in 1..=8 {
        stage.script.then(&key, Act::Fail(throttled()));
        assert_eq!(stage.leases.get(&key).await.unwrap_err(), throttled());
        assert_eq!(stage.script.calls(), call);
        stage.advance(shortest - Duration::MILLISECOND);
        assert_eq!(stage.leases.get(&key).await.unwrap_err(), throttled());
        assert_eq!(stage.script.calls(), call, "rests at least {shortest}");
        stage.advance(shortest / 2 + Duration::MILLISECOND);
        shortest = Duration::min(shortest * 2, Duration::seconds(40));
    }
    stage.leases.get(&key).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_success_makes_the_next_outage_a_first_one() {
    let stage = Stage::new();
    let key = key(1);
    for _ in 0..2 {
        for _ in 0..3 {
            stage.script.then(&key, Act::Fail(throttled()));
            stage.leases.get(&key).await.unwrap_err();
            stage.advance(Duration::seconds(6));
        }
        stage.leases.get(&key).await.unwrap();
        stage.advance(Duration::HOUR);
    }
    assert_eq!(stage.script.calls(), 8);
    assert_eq!(stage.leases.counts().rests, 0);
}

#[tokio::test(start_paused = true)]
async fn our_own_storage_is_asked_again_soon() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.revise(&key, Err(Error::Unavailable));
    for _ in 0..10 {
        assert_eq!(
            stage.leases.get(&key).await.unwrap_err(),
            Error::Unavailable
        );
        stage.advance(Duration::seconds(5));
    }
    stage.script.revise(&key, Ok(1));
    stage.leases.get(&key).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refused_password_is_not_tried_again_in_any_region() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(password_refused()));
    for _ in 0..3 {
        let error = stage.leases.get(&key).await.unwrap_err();
        assert_eq!(error, password_refused());
        let elsewhere = in_region(&key, "us-east-1");
        let error = stage.leases.get(&elsewhere).await.unwrap_err();
        assert_eq!(error, password_refused());
        stage.advance(Duration::days(40));
    }
    assert_eq!(stage.script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_password_stays_so_while_others_come_and_go() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(password_refused()));
    stage.leases.get(&key).await.unwrap_err();
    stage.advance(Duration::days(1));
    for other in 2..50 {
        stage.leases.get(&super::stage::key(other)).await.unwrap();
    }
    let error = stage.leases.get(&key).await.unwrap_err();
    assert_eq!(error, password_refused());
}

#[tokio::test(start_paused = true)]
async fn when_something_has_changed_whoever_keeps_the_access_is_asked_again() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(password_refused()));
    stage.leases.get(&key).await.unwrap_err();
    stage.leases.forget(key.tenant, key.access);
    stage.leases.get(&key).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_new_password_is_tried() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(password_refused()));
    stage.leases.get(&key).await.unwrap_err();
    stage.leases.get(&at_revision(&key, 2)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_password_refused_for_one_region_is_not_tried_by_those_who_waited_for_their_turn() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(password_refused()));
    let elsewhere = in_region(&key, "us-east-1");
    let (here, there) = tokio::join!(stage.leases.get(&key), stage.leases.get(&elsewhere));
    assert_eq!(here.unwrap_err(), password_refused());
    assert_eq!(there.unwrap_err(), password_refused());
    assert_eq!(stage.script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_strategy_that_panics_leaves_its_access_usable() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Panic);
    assert_eq!(
        stage.leases.get(&key).await.unwrap_err(),
        Error::Unavailable
    );
    stage.advance(Duration::seconds(2));
    stage.leases.get(&key).await.unwrap();
}
