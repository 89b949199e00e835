//! Tokens that the identity provider did not make.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use harness::idp::Idp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::world::World;

const REFUSED: (u16, &str) = (401, "unauthenticated");

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let world = World::new().await;
    let claims = encoded(&Value::Object(world.idp.claims(world.now(), &json!({}))));
    let good = world.token(&json!({}));
    let signature = good.rsplit('.').next().unwrap();
    for alg in ["none", "None", "NONE", ""] {
        let header = encoded(&json!({ "alg": alg, "typ": "JWT", "kid": "k1" }));
        for signature in ["", signature] {
            let token = format!("{header}.{claims}.{signature}");
            assert_eq!(world.me(&token).await.problem(), REFUSED, "{alg}");
        }
    }
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    assert_eq!(world.me(&unsigned).await.problem(), REFUSED);
    assert!(world.works().await);
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret() {
    let world = World::new().await;
    let jwk = world.idp.jwks()["keys"][0].clone();
    let point = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let both = [point("x"), point("y")].concat();
    let uncompressed = [vec![4], both.clone()].concat();
    let claims = world.idp.claims(world.now(), &json!({}));
    for secret in [
        both,
        uncompressed,
        jwk.to_string().into_bytes(),
        jwk["x"].as_str().unwrap().into(),
        Vec::new(),
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header {
                kid: Some("k1".to_owned()),
                ..Header::new(algorithm)
            };
            let key = EncodingKey::from_secret(&secret);
            let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
            assert_eq!(world.me(&token).await.problem(), REFUSED, "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn a_token_of_another_key_under_the_same_name_is_refused() {
    let world = World::new().await;
    let other = Idp::start().await;
    let stolen_name = other.token(world.now(), &json!({ "iss": world.idp.issuer }));
    assert_eq!(world.me(&stolen_name).await.problem(), REFUSED);
    let own_name = other.token(world.now(), &json!({}));
    assert_eq!(world.me(&own_name).await.problem(), REFUSED);
    assert_eq!(other.fetches(), 0, "nobody follows a stranger's issuer");
}

#[tokio::test]
async fn a_key_in_the_tokens_own_header_is_not_used() {
    let world = World::new().await;
    let other = Idp::start().await;
    let header = Header {
        kid: Some("k1".to_owned()),
        jku: Some(format!("{}/jwks", other.issuer)),
        jwk: serde_json::from_value(other.jwks()["keys"][0].clone()).unwrap(),
        ..Header::new(Algorithm::ES256)
    };
    let token = other.sign(&header, &world.idp.claims(world.now(), &json!({})));
    assert_eq!(world.me(&token).await.problem(), REFUSED);
    assert_eq!(other.fetches(), 0);
}

#[tokio::test]
async fn a_token_with_one_character_changed_is_refused() {
    let world = World::new().await;
    let token = world.token(&json!({ "role": "viewer" }));
    let parts: Vec<&str> = token.split('.').collect();
    let raised = encoded(&Value::Object(world.idp.claims(world.now(), &json!({}))));
    let mut reversed: Vec<char> = parts[2].chars().collect();
    reversed.reverse();
    let reversed: String = reversed.into_iter().collect();
    for bad in [
        format!("{}.{raised}.{}", parts[0], parts[2]),
        format!("{}.{}.{reversed}", parts[0], parts[1]),
        format!("{}.{}.{}", parts[1], parts[0], parts[2]),
        format!("{token}."),
        format!("{token}.{token}"),
        format!("{}.{}", parts[0], parts[1]),
        format!(".{}.{}", parts[1], parts[2]),
        "..".to_owned(),
    ] {
        assert_eq!(world.me(&bad).await.problem(), REFUSED, "{bad}");
    }
    assert_eq!(world.me(&token).await.status, 200);
}

#[tokio::test]
async fn a_token_too_large_is_refused_and_nothing_breaks() {
    let world = World::new().await;
    let large = world.me_with(json!({ "sub": "x".repeat(20_000) })).await;
    assert_eq!(large.problem(), REFUSED, "20 KB");
    let larger = world.me_with(json!({ "more": "x".repeat(200_000) })).await;
    assert!((400..500).contains(&larger.status), "200 KB: {larger:?}");
    let noise = format!("{0}.{0}.{0}", "A".repeat(7_000));
    assert_eq!(world.me(&noise).await.problem(), REFUSED);
    assert!(world.works().await);
}

#[tokio::test]
async fn without_a_configured_issuer_no_token_is_believed() {
    let service = harness::Service::start().await;
    service.tenant("acme").await;
    let idp = Idp::start().await;
    let now = domain::Clock::now(&domain::SystemClock).unix_timestamp();
    let token = idp.token(now, &json!({}));
    let answer = service.anonymous().bearer(&token).get("/v1/me").await;
    assert_eq!((answer.problem(), idp.fetches()), (REFUSED, 0));
}

#[tokio::test]
async fn a_token_that_needs_an_extension_is_refused() {
    let world = World::new().await;
    for extensions in [vec!["b64"], vec!["exp"], vec![]] {
        let header = Header {
            kid: Some("k1".to_owned()),
            crit: Some(extensions.into_iter().map(str::to_owned).collect()),
            ..Header::new(Algorithm::ES256)
        };
        let claims = world.idp.claims(world.now(), &json!({}));
        let token = world.idp.sign(&header, &claims);
        assert_eq!(world.me(&token).await.problem(), REFUSED);
    }
}
