//! Leases in use are refreshed before they end.

use std::collections::BTreeSet;

use domain::Clock;
use time::Duration;

use super::stage::{Act, START, Stage, credentials, key, quiet, rejected, throttled};
use crate::Error;

#[tokio::test(start_paused = true)]
async fn a_lease_in_use_is_refreshed_behind_its_callers() {
    let stage = Stage::new();
    let key = key(1);
    let first = stage.leases.get(&key).await.unwrap();
    stage.advance_to_refresh();
    let answer = stage.script.then_ask(&key);
    for _ in 0..10 {
        assert!(stage.leases.get(&key).await.unwrap().is(&first));
    }
    stage.script.begins(2).await;
    answer
        .send(Ok(credentials(START + Duration::hours(2))))
        .unwrap();
    quiet().await;
    assert!(!stage.leases.get(&key).await.unwrap().is(&first));
    assert_eq!(stage.script.calls(), 2);
    assert_eq!(stage.leases.counts().refreshes, 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_uses_is_not_refreshed() {
    let stage = Stage::new();
    stage.leases.get(&key(1)).await.unwrap();
    stage.advance_to_refresh();
    quiet().await;
    stage.advance(Duration::HOUR);
    quiet().await;
    assert_eq!(stage.script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn leases_made_together_are_not_refreshed_together() {
    const MANY: u64 = 50;
    let stage = Stage::new();
    let keys: Vec<_> = (0..MANY).map(key).collect();
    let mut busy_seconds = BTreeSet::new();
    // A lease of an hour is used for 59 minutes: three quarters of that are 44:15, nine tenths 53:06.
    let (first, last) = (44 * 60 + 15, 53 * 60 + 6);
    for second in [0, first - 1].into_iter().chain(first..=last) {
        stage.advance(START + Duration::seconds(second) - stage.clock.now());
        let before = stage.leases.counts().refreshes;
        for key in &keys {
            stage.leases.get(key).await.unwrap();
        }
        quiet().await;
        let after = stage.leases.counts().refreshes;
        assert!(second >= first || after == 0, "{second}");
        if after > before {
            busy_seconds.insert(second);
        }
    }
    assert_eq!(stage.leases.counts().refreshes, MANY);
    assert!(busy_seconds.len() > 40, "{busy_seconds:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_aws_denies_ends_the_lease_at_once() {
    let stage = Stage::new();
    let key = key(1);
    stage.leases.get(&key).await.unwrap();
    stage.advance_to_refresh();
    stage.script.then(&key, Act::Fail(rejected()));
    stage.leases.get(&key).await.unwrap();
    quiet().await;
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), rejected());
}

#[tokio::test(start_paused = true)]
async fn an_outage_leaves_the_lease_until_it_ends() {
    let stage = Stage::new();
    let key = key(1);
    let first = stage.leases.get(&key).await.unwrap();
    stage.advance_to_refresh();
    for _ in 0..100 {
        stage.script.then(&key, Act::Fail(throttled()));
    }
    for _ in 0..(5 * 60) {
        assert!(stage.leases.get(&key).await.unwrap().is(&first));
        quiet().await;
        stage.advance(Duration::SECOND);
    }
    // Five minutes of outage are some ten attempts, not three hundred.
    let attempts = stage.script.calls() - 1;
    assert!((8..=13).contains(&attempts), "{attempts}");
    stage.advance(Duration::minutes(1));
    assert_eq!(stage.leases.get(&key).await.unwrap_err(), throttled());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_hangs_harms_nobody_while_the_lease_lives() {
    let stage = Stage::new();
    let key = key(1);
    let first = stage.leases.get(&key).await.unwrap();
    stage.advance_to_refresh();
    stage.script.then(&key, Act::Hang);
    assert!(stage.leases.get(&key).await.unwrap().is(&first));
    stage.script.begins(2).await;
    assert!(stage.leases.get(&key).await.unwrap().is(&first));
    stage.advance(Duration::minutes(5));
    // It has ended: now the one that hangs is waited for, no second one is made.
    assert!(matches!(
        stage.leases.get(&key).await,
        Err(Error::TimedOut { .. })
    ));
    assert_eq!(stage.script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn storage_that_cannot_be_asked_leaves_the_old_lease_and_brings_no_new_one() {
    let stage = Stage::new();
    let key = key(1);
    let first = stage.leases.get(&key).await.unwrap();
    stage.advance_to_refresh();
    let answer = stage.script.then_ask(&key);
    stage.leases.get(&key).await.unwrap();
    stage.script.begins(2).await;
    stage.script.revise(&key, Err(Error::Unavailable));
    answer
        .send(Ok(credentials(START + Duration::hours(2))))
        .unwrap();
    quiet().await;
    assert!(stage.leases.get(&key).await.unwrap().is(&first));
}
