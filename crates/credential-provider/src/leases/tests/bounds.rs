//! The cache stays small.

use futures_util::{FutureExt, future::join_all};
use time::Duration;

use super::stage::{Act, Stage, key, rejected};
use crate::LeaseKey;

#[tokio::test(start_paused = true)]
async fn what_was_used_least_lately_makes_room() {
    let stage = Stage::holding(10);
    let used = stage.leases.get(&key(0)).await.unwrap();
    for access in 1..200 {
        stage.advance(Duration::SECOND);
        stage.leases.get(&key(access)).await.unwrap();
        assert!(stage.leases.get(&key(0)).await.unwrap().is(&used));
        assert!(stage.leases.counts().leases <= 10);
    }
    assert_eq!(stage.script.calls(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_large_cache_gives_up_several_at_once_and_is_never_over_its_bound() {
    let stage = Stage::holding(160);
    for access in 0..1_000 {
        stage.advance(Duration::MILLISECOND);
        stage.leases.get(&key(access)).await.unwrap();
        let leases = stage.leases.counts().leases;
        assert!(leases <= 160 && (access < 160 || leases > 140), "{leases}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_is_not_given_up() {
    let stage = Stage::holding(3);
    let keys: Vec<_> = (0..6).map(key).collect();
    let answers: Vec<_> = keys.iter().map(|key| stage.script.then_ask(key)).collect();
    let mut callers: Vec<_> = keys
        .iter()
        .map(|key| stage.leases.get(key).boxed())
        .collect();
    for caller in &mut callers {
        assert!(caller.as_mut().now_or_never().is_none());
    }
    stage.script.begins(6).await;
    for answer in answers {
        answer.send(Err(rejected())).unwrap();
    }
    for result in join_all(callers).await {
        assert_eq!(result.unwrap_err(), rejected());
    }
    stage.leases.get(&key(7)).await.unwrap();
    assert!(stage.leases.counts().leases <= 3);
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_leaves_when_others_come() {
    let stage = Stage::new();
    for access in 0..5 {
        stage.leases.get(&key(access)).await.unwrap();
    }
    stage.script.then(&key(5), Act::Fail(rejected()));
    stage.leases.get(&key(5)).await.unwrap_err();
    stage.advance(Duration::HOUR);
    stage.leases.get(&key(6)).await.unwrap();
    assert_eq!(stage.leases.counts().leases, 1);
}

#[tokio::test(start_paused = true)]
async fn one_access_cannot_fill_the_cache() {
    let stage = Stage::new();
    let regions = (0..20).flat_map(|word| {
        (0..10).map(move |number| {
            let word = char::from(b'a' + word);
            format!("us-{word}-{number}")
        })
    });
    for region in regions {
        let key = LeaseKey {
            region: region.parse().unwrap(),
            ..key(1)
        };
        stage.leases.get(&key).await.unwrap();
        assert!(stage.leases.counts().leases <= 64);
    }
    assert_eq!(stage.script.calls(), 200);
}
