//! Taking turns: with the right to sign in, and with retries.

use std::time::Duration;

use credential_provider::{Error, cognito::TokenStore};
use tokio::time::Instant;

use crate::{
    case::{Case, aws},
    traffic::Traffic,
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_for_its_turn_uses_the_password_and_takes_no_right_away() {
    let case = Case::named("cognito", "success");
    let tokens = case.kept().await;
    let other = tokens.claim(3_600 * SECOND).await.unwrap();
    assert!(other.is_some());
    let begun = Instant::now();
    let aws = aws(Traffic::read(&case.recording()));
    let way = case.way(tokens.clone());
    way.lease(&aws, &case.region()).await.unwrap();
    assert!(begun.elapsed() >= 5 * SECOND);
    assert_eq!(tokens.claim(SECOND).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn who_fails_gives_the_right_back() {
    let case = Case::named("cognito", "password-wrong");
    let tokens = case.kept().await;
    let way = case.way(tokens.clone());
    let aws = aws(Traffic::read(&case.recording()));
    let refused = way.lease(&aws, &case.region()).await;
    assert!(matches!(refused, Err(Error::PasswordRefused(_))));
    assert!(tokens.claim(SECOND).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_keeps_the_right_for_some_seconds() {
    let case = Case::named("cognito", "no-answer");
    let tokens = case.kept().await;
    let (way, region) = (case.way(tokens.clone()), case.region());
    let aws = aws(Traffic::read(&case.recording()));
    let gone = tokio::time::timeout(SECOND, way.lease(&aws, &region)).await;
    assert!(gone.is_err());
    assert_eq!(tokens.claim(SECOND).await, Ok(None));
    tokio::time::advance(15 * SECOND).await;
    assert!(tokens.claim(SECOND).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_access_that_is_throttled_takes_no_retries_from_another() {
    let throttled = Case::named("iam_role", "throttled");
    let other = Case::named("iam_role", "success-at-the-second-attempt");
    let traffic = Traffic::read(&throttled.recording().repeat(30));
    let aws = aws(traffic.clone());
    let access = aws.isolated();
    let way = throttled.way(throttled.kept().await);
    for _ in 0..30 {
        let result = way.lease(&access, &throttled.region()).await;
        assert!(matches!(result, Err(Error::Throttled(_))));
    }
    // Its own budget was used up before: not each call was tried three times.
    assert!(traffic.sent().len() < 30 * 3);
    traffic.go_on(&other.recording());
    let lease = way.lease(&aws.isolated(), &throttled.region()).await;
    lease.unwrap();
}
