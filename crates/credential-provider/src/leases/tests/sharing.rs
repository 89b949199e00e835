//! One fetch for all who wait, and none that gets in another's way.

use futures_util::{
    FutureExt,
    future::{join_all, select_all},
};
use time::Duration;

use super::stage::{Act, LIMIT, START, Stage, credentials, in_region, key, quiet};
use crate::Error;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_first_requests_make_one_call() {
    let stage = Stage::new();
    let answer = stage.script.then_ask(&key(1));
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let leases = stage.leases.clone();
            tokio::spawn(async move { leases.get(&key(1)).await })
        })
        .collect();
    stage.script.begins(1).await;
    answer
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    let leases: Vec<_> = join_all(callers)
        .await
        .into_iter()
        .map(|caller| caller.unwrap().unwrap())
        .collect();
    assert!(leases.iter().all(|lease| lease.is(&leases[0])));
    assert_eq!(stage.script.calls(), 1);
    let counts = stage.leases.counts();
    assert_eq!((counts.hits + counts.misses, counts.fetches), (1_000, 1));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_a_failure_too() {
    let stage = Stage::new();
    let key = key(1);
    let outage = Error::Unreachable { operation: "x" };
    stage.script.then(&key, Act::Fail(outage));
    let callers = (0..1_000).map(|_| stage.leases.get(&key));
    let results = join_all(callers).await;
    assert!(results.iter().all(Result::is_err));
    assert_eq!(stage.script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_does_not_take_the_fetch_along() {
    let stage = Stage::new();
    let key = key(1);
    let answer = stage.script.then_ask(&key);
    let mut first = Box::pin(stage.leases.get(&key));
    assert!(first.as_mut().now_or_never().is_none());
    let mut second = Box::pin(stage.leases.get(&key));
    assert!(second.as_mut().now_or_never().is_none());
    stage.script.begins(1).await;
    drop(first);
    answer
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    second.await.unwrap();
    assert_eq!(stage.script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_everybody_left_is_kept_for_the_next() {
    let stage = Stage::new();
    let key = key(1);
    let answer = stage.script.then_ask(&key);
    assert!(stage.leases.get(&key).now_or_never().is_none());
    stage.script.begins(1).await;
    answer
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    quiet().await;
    stage.leases.get(&key).await.unwrap();
    assert_eq!(stage.script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_access_slows_no_other() {
    let stage = Stage::new();
    let (hanging, quick) = (key(1), key(2));
    stage.script.then(&hanging, Act::Hang);
    let begun = tokio::time::Instant::now();
    let hanging = stage.leases.get(&hanging).boxed();
    let quick = stage.leases.get(&quick).boxed();
    let (result, at, rest) = select_all([hanging, quick]).await;
    assert_eq!(at, 1);
    result.unwrap();
    assert_eq!(begun.elapsed(), std::time::Duration::ZERO);
    let (hung, ..) = select_all(rest).await;
    assert!(matches!(hung, Err(Error::TimedOut { limit, .. }) if limit == LIMIT));
    assert!(begun.elapsed() < LIMIT * 2);
}

#[tokio::test(start_paused = true)]
async fn an_access_is_fetched_for_one_region_after_the_other() {
    let stage = Stage::new();
    let key = key(1);
    let other = in_region(&key, "us-east-1");
    let answer = stage.script.then_ask(&key);
    let mut first = stage.leases.get(&key).boxed();
    assert!(first.as_mut().now_or_never().is_none());
    stage.script.begins(1).await;
    let mut second = stage.leases.get(&other).boxed();
    assert!(second.as_mut().now_or_never().is_none());
    quiet().await;
    assert_eq!(stage.script.calls(), 1);
    answer
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(stage.script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn however_many_wait_for_their_turn_nobody_waits_longer_than_two_limits() {
    let stage = Stage::new();
    let regions = ["eu-west-1", "us-east-1", "us-west-2", "us-east-2"];
    let keys = regions.map(|region| in_region(&key(1), region));
    for key in &keys {
        stage.script.then(key, Act::Hang);
    }
    let begun = tokio::time::Instant::now();
    for result in join_all(keys.iter().map(|key| stage.leases.get(key))).await {
        assert!(matches!(result, Err(Error::TimedOut { .. })));
    }
    assert!(begun.elapsed() <= LIMIT * 2, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_gets_its_turn_late_has_the_time_it_needs() {
    let stage = Stage::new();
    let (here, there) = (key(1), in_region(&key(1), "us-east-1"));
    let (first, second) = (stage.script.then_ask(&here), stage.script.then_ask(&there));
    let mut here = stage.leases.get(&here).boxed();
    assert!(here.as_mut().now_or_never().is_none());
    let mut there = stage.leases.get(&there).boxed();
    assert!(there.as_mut().now_or_never().is_none());
    tokio::time::advance(LIMIT * 3 / 4).await;
    first.send(Ok(credentials(START + Duration::HOUR))).unwrap();
    here.await.unwrap();
    tokio::time::advance(LIMIT * 3 / 4).await;
    second
        .send(Ok(credentials(START + Duration::HOUR)))
        .unwrap();
    there.await.unwrap();
}
