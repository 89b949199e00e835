//! A person tests a connection.

use futures_util::FutureExt;
use time::Duration;

use super::stage::{
    Act, START, Stage, credentials, key, password_refused, quiet, rejected, throttled,
};
use crate::Occasion;

#[tokio::test(start_paused = true)]
async fn a_test_makes_a_lease_anew_and_all_use_it() {
    let stage = Stage::new();
    let key = key(1);
    let old = stage.leases.get(&key).await.unwrap();
    let new = stage.leases.renew(&key).await.unwrap();
    assert!(!new.is(&old));
    assert!(stage.leases.get(&key).await.unwrap().is(&new));
    assert_eq!(stage.script.occasions(), [Occasion::Use, Occasion::Test]);
}

#[tokio::test(start_paused = true)]
async fn a_test_that_aws_refuses_ends_the_lease_at_hand() {
    let stage = Stage::new();
    let key = key(1);
    stage.leases.get(&key).await.unwrap();
    stage.script.then(&key, Act::Fail(rejected()));
    assert_eq!(stage.leases.renew(&key).await.unwrap_err(), rejected());
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), rejected());
}

#[tokio::test(start_paused = true)]
async fn a_test_during_an_outage_leaves_the_lease_at_hand() {
    let stage = Stage::new();
    let key = key(1);
    let lease = stage.leases.get(&key).await.unwrap();
    stage.script.then(&key, Act::Fail(throttled()));
    assert_eq!(stage.leases.renew(&key).await.unwrap_err(), throttled());
    assert!(stage.leases.get(&key).await.unwrap().is(&lease));
}

#[tokio::test(start_paused = true)]
async fn a_test_does_not_rest() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(rejected()));
    stage.leases.get(&key).await.unwrap_err();
    stage.leases.renew(&key).await.unwrap();
    stage.leases.get(&key).await.unwrap();
    assert_eq!(stage.script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_test_tries_a_refused_password_once() {
    let stage = Stage::new();
    let key = key(1);
    for call in 1..=3 {
        stage.script.then(&key, Act::Fail(password_refused()));
        let error = stage.leases.renew(&key).await.unwrap_err();
        assert_eq!(error, password_refused());
        stage.leases.get(&key).await.unwrap_err();
        assert_eq!(stage.script.calls(), call);
    }
    stage.leases.renew(&key).await.unwrap();
    stage.leases.get(&key).await.unwrap();
    assert_eq!(stage.script.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_test_does_not_believe_a_fetch_that_began_before_it() {
    let stage = Stage::new();
    let key = key(1);
    let (before, after) = (stage.script.then_ask(&key), stage.script.then_ask(&key));
    let mut get = stage.leases.get(&key).boxed();
    assert!(get.as_mut().now_or_never().is_none());
    stage.script.begins(1).await;
    // Both tests were asked for while the second fetch had not begun: they share it.
    let mut tests = [stage.leases.renew(&key), stage.leases.renew(&key)].map(FutureExt::boxed);
    for test in &mut tests {
        assert!(test.as_mut().now_or_never().is_none());
    }
    quiet().await;
    assert_eq!(stage.script.calls(), 1);
    let first = credentials(START + Duration::HOUR);
    before.send(Ok(first.clone())).unwrap();
    assert!(get.await.unwrap().is(&first));
    let second = credentials(START + Duration::HOUR);
    after.send(Ok(second.clone())).unwrap();
    for test in tests {
        assert!(test.await.unwrap().is(&second));
    }
    assert!(stage.leases.get(&key).await.unwrap().is(&second));
    assert_eq!(stage.script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_test_that_joins_a_fetch_which_has_not_begun_tries_a_refused_password_too() {
    let stage = Stage::new();
    let key = key(1);
    let elsewhere = super::stage::in_region(&key, "us-east-1");
    let refusal = stage.script.then_ask(&key);
    let mut here = stage.leases.get(&key).boxed();
    assert!(here.as_mut().now_or_never().is_none());
    stage.script.begins(1).await;
    let mut there = stage.leases.get(&elsewhere).boxed();
    assert!(there.as_mut().now_or_never().is_none());
    let mut test = stage.leases.renew(&elsewhere).boxed();
    assert!(test.as_mut().now_or_never().is_none());
    refusal.send(Err(password_refused())).unwrap();
    assert_eq!(here.await.unwrap_err(), password_refused());
    assert!(test.await.unwrap().is(&there.await.unwrap()));
    assert_eq!(stage.script.occasions(), [Occasion::Use, Occasion::Test]);
}
