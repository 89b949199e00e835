//! No lease outlives what it was made from.

use futures_util::FutureExt;
use time::Duration;

use super::stage::{Act, START, Stage, at_revision, credentials, in_region, key, quiet, rejected};
use crate::Error;

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_fetched_anew() {
    let stage = Stage::new();
    let (key, other) = (key(1), key(2));
    let lease = stage.leases.get(&key).await.unwrap();
    let kept = stage.leases.get(&other).await.unwrap();
    stage.leases.forget(key.tenant, key.access);
    assert!(!stage.leases.get(&key).await.unwrap().is(&lease));
    assert!(stage.leases.get(&other).await.unwrap().is(&kept));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_is_forgotten_alone_and_everybody_together() {
    let stage = Stage::new();
    let keys = [key(1), key(2), key(11)];
    for key in &keys {
        stage.leases.get(key).await.unwrap();
    }
    stage.leases.forget_tenant(keys[0].tenant);
    assert_eq!(stage.leases.counts().leases, 1);
    let kept = stage.leases.get(&keys[2]).await.unwrap();
    assert_eq!(stage.script.calls(), 3);
    stage.leases.forget_all();
    assert_eq!(stage.leases.counts().leases, 0);
    assert!(!stage.leases.get(&keys[2]).await.unwrap().is(&kept));
}

#[tokio::test(start_paused = true)]
async fn forgetting_strikes_the_fetch_and_tells_those_who_wait() {
    for forget in [
        |stage: &Stage| stage.leases.forget(key(1).tenant, key(1).access),
        |stage: &Stage| stage.leases.forget_tenant(key(1).tenant),
        |stage: &Stage| stage.leases.forget_all(),
    ] {
        let stage = Stage::new();
        let key = key(1);
        stage.script.then(&key, Act::Hang);
        let begun = tokio::time::Instant::now();
        let mut caller = stage.leases.get(&key).boxed();
        assert!(caller.as_mut().now_or_never().is_none());
        stage.script.begins(1).await;
        forget(&stage);
        // The next one is not held up by the one that was struck.
        let next = stage.leases.get(&key).await.unwrap();
        assert_eq!(caller.await.unwrap_err(), Error::Superseded);
        assert!(stage.leases.get(&key).await.unwrap().is(&next));
        assert_eq!(begun.elapsed(), std::time::Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_came_while_it_was_forgotten_is_not_kept() {
    let stage = Stage::new();
    let key = key(1);
    let answer = stage.script.then_ask(&key);
    let mut caller = stage.leases.get(&key).boxed();
    assert!(caller.as_mut().now_or_never().is_none());
    stage.script.begins(1).await;
    answer
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    // The task has its answer, but has not run since.
    stage.leases.forget(key.tenant, key.access);
    assert_eq!(caller.await.unwrap_err(), Error::Superseded);
    quiet().await;
    assert_eq!(stage.leases.counts().leases, 0);
}

#[tokio::test(start_paused = true)]
async fn an_edit_during_the_fetch_throws_its_lease_away() {
    let stage = Stage::new();
    let key = key(1);
    let answer = stage.script.then_ask(&key);
    let mut caller = stage.leases.get(&key).boxed();
    assert!(caller.as_mut().now_or_never().is_none());
    stage.script.begins(1).await;
    stage.script.revise(&key, Ok(2));
    answer
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    assert_eq!(caller.await.unwrap_err(), Error::Superseded);
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), Error::Superseded);
    stage.leases.get(&at_revision(&key, 2)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_nobody_told_of_ends_the_lease_at_its_refresh() {
    let stage = Stage::new();
    let key = key(1);
    stage.leases.get(&key).await.unwrap();
    stage.script.revise(&key, Ok(2));
    stage.advance_to_refresh();
    stage.leases.get(&key).await.unwrap();
    quiet().await;
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), Error::Superseded);
}

#[tokio::test(start_paused = true)]
async fn a_new_revision_takes_the_old_ones_leases_along() {
    let stage = Stage::new();
    let key = key(1);
    stage.leases.get(&key).await.unwrap();
    let elsewhere = in_region(&key, "us-east-1");
    stage.leases.get(&elsewhere).await.unwrap();
    assert_eq!(stage.leases.counts().leases, 2);
    stage.leases.get(&at_revision(&key, 2)).await.unwrap();
    assert_eq!(stage.leases.counts().leases, 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_ends_the_rest_after_a_failure() {
    let stage = Stage::new();
    let key = key(1);
    stage.script.then(&key, Act::Fail(rejected()));
    stage.leases.get(&key).await.unwrap_err();
    stage.leases.forget(key.tenant, key.access);
    stage.leases.get(&key).await.unwrap();
}
