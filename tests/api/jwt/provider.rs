//! The identity provider is away.

use harness::{idp::Idp, service::until};
use serde_json::json;
use time::Duration;
use tokio::time::timeout;

use super::world::World;

const AWAY: (u16, &str) = (503, "identity_provider_unavailable");

#[tokio::test]
async fn without_any_key_a_token_must_wait_for_the_provider() {
    let world = World::new().await;
    world.idp.break_down(true);
    let token = world.token(&json!({}));
    let answer = world.me(&token).await;
    assert_eq!(answer.problem(), AWAY);
    assert_eq!(answer.header("retry-after"), Some("10"));
    assert_eq!(answer.body["retryable"], true);
    let key = world.service.caller("acme", "viewer").await;
    assert_eq!(
        key.get("/v1/me").await.status,
        200,
        "API keys need no provider"
    );

    world.idp.break_down(false);
    world.clock.advance(Duration::seconds(10));
    assert_eq!(world.me(&token).await.status, 200, "it recovers by itself");
}

#[tokio::test]
async fn a_provider_that_is_away_is_not_hammered() {
    let world = World::new().await;
    world.idp.break_down(true);
    for _ in 0..20 {
        assert_eq!(world.me_with(json!({})).await.problem(), AWAY);
    }
    // Failing to be recognised for want of a provider is no failed sign-in.
    for _ in 0..100 {
        assert_eq!(world.me_with(json!({})).await.problem(), AWAY);
    }
    assert_eq!(world.idp.fetches(), 1);
}

#[tokio::test]
async fn known_keys_go_on_for_a_day() {
    let world = World::new().await;
    assert!(world.works().await);
    world.idp.break_down(true);
    world
        .clock
        .advance(Duration::hours(24) - Duration::seconds(1));
    assert!(world.works().await);
    let made_up = world.idp.token_naming(Some("k9"), world.now(), &json!({}));
    assert_eq!(
        world.me(&made_up).await.problem(),
        AWAY,
        "it may be a new key"
    );
    world.clock.advance(Duration::seconds(1));
    assert_eq!(world.me_with(json!({})).await.problem(), AWAY);

    world.idp.break_down(false);
    world.clock.advance(Duration::seconds(10));
    assert!(world.works().await);
}

/// Begins a call with that token and leaves it when the provider was asked.
async fn leave_when_asked(world: &World, token: &str) {
    let asked = world.idp.fetches() + 1;
    tokio::select! {
        answer = world.me(token) => panic!("answered without the provider: {answer:?}"),
        () = until("the provider is asked", async || world.idp.fetches() == asked) => {}
    }
}

#[tokio::test]
async fn a_caller_who_leaves_during_a_fetch_takes_nothing_from_others() {
    let world = World::new().await;
    world.idp.hold(true);
    leave_when_asked(&world, &world.token(&json!({}))).await;
    world.idp.hold(false);
    assert!(world.works().await);
    assert_eq!(world.idp.fetches(), 1, "the fetch went on");
}

#[tokio::test]
async fn nobody_with_a_known_key_waits_for_a_fetch() {
    let world = World::new().await;
    assert!(world.works().await);
    world.clock.advance(Duration::seconds(10));
    world.idp.hold(true);
    let made_up = world.idp.token_naming(Some("k9"), world.now(), &json!({}));
    leave_when_asked(&world, &made_up).await;
    for age in [Duration::ZERO, Duration::minutes(10), Duration::hours(23)] {
        world.clock.advance(age);
        let soon = std::time::Duration::from_secs(2);
        assert_eq!(timeout(soon, world.works()).await, Ok(true), "{age}");
    }
    assert_eq!(world.idp.fetches(), 2, "one fetch at a time");
    world.idp.hold(false);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_given_up() {
    let world = World::new().await;
    world.idp.hold(true);
    let token = world.token(&json!({}));
    let patience = std::time::Duration::from_secs(8);
    let answer = timeout(patience, world.me(&token)).await.unwrap();
    assert_eq!(answer.problem(), AWAY);
    world.idp.hold(false);
}

#[tokio::test]
async fn keys_are_taken_from_where_the_provider_says_and_no_redirect_is_followed() {
    let world = World::new().await;
    let other = Idp::start().await;
    world.idp.redirect_to(&other);
    let forged = other.token(world.now(), &json!({ "iss": world.idp.issuer }));
    assert_eq!(world.me(&forged).await.problem(), AWAY);
    assert_eq!(other.fetches(), 0);
}
