//! Which of the provider's keys a token names.

use harness::service::until;
use serde_json::json;
use time::Duration;
use tokio::task::JoinSet;

use super::world::World;

const REFUSED: (u16, &str) = (401, "unauthenticated");

#[tokio::test]
async fn a_token_that_names_no_key_is_checked_with_the_only_one() {
    let world = World::new().await;
    let token = world.idp.token_naming(None, world.now(), &json!({}));
    assert_eq!(world.me(&token).await.status, 200);
}

#[tokio::test]
async fn a_token_that_names_no_key_is_refused_where_there_are_two() {
    let world = World::new().await;
    world.idp.rotate("k2", true);
    let token = world.idp.token_naming(None, world.now(), &json!({}));
    assert_eq!(world.me(&token).await.problem(), REFUSED);
    assert!(world.works().await, "it can be checked under its name");
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_the_old_one_goes_on() {
    let world = World::new().await;
    let old = world.token(&json!({}));
    assert_eq!(world.me(&old).await.status, 200);
    assert_eq!(world.idp.fetches(), 1);
    world.idp.rotate("k2", true);
    world.clock.advance(Duration::seconds(10));
    for _ in 0..3 {
        assert!(world.works().await);
        assert_eq!(world.me(&old).await.status, 200);
    }
    assert_eq!(world.idp.fetches(), 2);
}

#[tokio::test]
async fn a_key_taken_back_stops_working_when_the_keys_are_next_fetched() {
    let world = World::new().await;
    let old = world.token(&json!({ "exp": world.now() + 3_600 }));
    assert_eq!(world.me(&old).await.status, 200);
    world.idp.rotate("k2", false);
    world.clock.advance(Duration::minutes(10));
    // What is known is used at once, and begins the fetch that corrects it.
    until("the old key is refused", async || {
        world.me(&old).await.problem() == REFUSED
    })
    .await;
    assert!(world.works().await);
    assert_eq!(world.idp.fetches(), 2);
}

#[tokio::test]
async fn made_up_key_names_cost_the_provider_one_fetch_in_ten_seconds() {
    let world = World::new().await;
    assert!(world.works().await);
    for round in 1..=3 {
        world.clock.advance(Duration::seconds(10));
        for n in 0..20 {
            let kid = format!("made-up-{n}");
            let token = world.idp.token_naming(Some(&kid), world.now(), &json!({}));
            assert_eq!(world.me(&token).await.problem(), REFUSED);
        }
        assert_eq!(world.idp.fetches(), 1 + round);
        assert!(world.works().await, "known keys are not held up");
    }
}

#[tokio::test]
async fn fifty_first_tokens_at_once_are_one_fetch() {
    let world = World::new().await;
    let caller = world.service.anonymous().bearer(&world.token(&json!({})));
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let caller = caller.clone();
        calls.spawn(async move { caller.get("/v1/me").await.status });
    }
    assert_eq!(calls.join_all().await, vec![200; 50]);
    assert_eq!(world.idp.fetches(), 1);
}

#[tokio::test]
async fn keys_that_are_not_for_such_signatures_are_left_alone() {
    let world = World::new().await;
    for jwk in [
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA" }),
        json!({ "kty": "EC", "crv": "secp256k1", "kid": "coin", "x": "AAAA", "y": "AAAA" }),
        json!({ "kid": "nothing else" }),
        json!("nonsense"),
    ] {
        world.idp.publish(jwk);
    }
    assert!(
        world.works().await,
        "keys of unknown kinds beside a good one"
    );
    for kid in ["pq", "coin", "nothing else"] {
        let token = world.idp.token_naming(Some(kid), world.now(), &json!({}));
        assert_eq!(world.me(&token).await.problem(), REFUSED, "{kid}");
    }
}

#[tokio::test]
async fn a_key_for_encryption_or_of_another_algorithm_checks_no_signature() {
    let world = World::new().await;
    let own = world.idp.jwks()["keys"][0].clone();
    for (kid, member, value) in [("enc", "use", "enc"), ("es384", "alg", "ES384")] {
        let mut jwk = own.clone();
        jwk["kid"] = json!(kid);
        jwk[member] = json!(value);
        world.idp.publish(jwk);
    }
    for kid in ["enc", "es384"] {
        let token = world.idp.token_naming(Some(kid), world.now(), &json!({}));
        assert_eq!(world.me(&token).await.problem(), REFUSED, "{kid}");
    }
    assert!(world.works().await);
}
