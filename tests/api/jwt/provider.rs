//! The identity provider is away.

use serde_json::json;
use time::Duration;

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
