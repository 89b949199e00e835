//! One credential per request, and only those that were given out.

use harness::{Client, Service};
use http::HeaderValue;
use serde_json::json;

/// A tenant, its admin, and the console cookie of that admin.
async fn acme() -> (Service, Client, String) {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let signed_in = service
        .anonymous()
        .post("/v1/session", json!({ "api_key": admin.credential() }))
        .await;
    let cookie = signed_in
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    (service, admin, cookie)
}

#[tokio::test]
async fn without_a_credential_one_is_asked_for() {
    let (service, ..) = acme().await;
    for answer in [
        service.anonymous().get("/v1/me").await,
        service
            .anonymous()
            .header("cookie", "theme=dark")
            .get("/v1/me")
            .await,
    ] {
        assert_eq!(answer.problem(), (401, "unauthenticated"));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_key_may_be_sent_under_any_spelling_of_bearer() {
    let (service, admin, _) = acme().await;
    let key = admin.credential();
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        let caller = service
            .anonymous()
            .header("authorization", &format!("{scheme} {key}"));
        assert_eq!(caller.get("/v1/me").await.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn of_several_credentials_none_is_chosen() {
    let (service, admin, cookie) = acme().await;
    let key = format!("Bearer {}", admin.credential());
    let anonymous = service.anonymous();
    for caller in [
        admin.clone().add_header("authorization", &key),
        admin.clone().add_header("authorization", "Basic YTpi"),
        admin.clone().header("cookie", &cookie),
        anonymous
            .clone()
            .header("cookie", &cookie)
            .add_header("cookie", &cookie),
        anonymous
            .clone()
            .header("cookie", &format!("{cookie}; {cookie}")),
    ] {
        let answer = caller.get("/v1/me").await;
        assert_eq!(answer.problem(), (400, "several_credentials"));
    }
    for others in ["theme=dark", "__Host-bi_session=x"] {
        let console = anonymous
            .clone()
            .header("cookie", &format!("{others}; {cookie}; x=y"));
        assert_eq!(console.get("/v1/me").await.status, 200, "{others}");
    }
}

#[tokio::test]
async fn what_is_no_key_is_no_credential() {
    let (service, admin, cookie) = acme().await;
    let key = admin.credential();
    let secret = &key[key.len() - 43..];
    let (head, tail) = key.split_at(key.len() - 43);
    let flipped: String = tail.chars().rev().collect();
    for bad in [
        format!("Basic {key}"),
        format!("Token {key}"),
        key.to_owned(),
        format!("Bearer{key}"),
        "Bearer".to_owned(),
        "Bearer bi_".to_owned(),
        format!("Bearer {secret}"),
        format!("Bearer {head}"),
        format!("Bearer {head}{flipped}"),
        format!("Bearer {key}A"),
        format!("Bearer {}", &key[..key.len() - 1]),
        format!("Bearer {}", key.to_uppercase()),
        format!("Bearer {key} {key}"),
        format!("Bearer {}", cookie.split_once('=').unwrap().1),
        format!("Bearer {head}{}", "A".repeat(20_000)),
    ] {
        // One address may fail a few times only; each of these is somebody else's try.
        let answer = service
            .anonymous()
            .header("authorization", &bad)
            .get("/v1/me")
            .await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{bad}");
        assert!(!answer.raw.contains(secret), "{answer:?}");
    }
    assert_eq!(admin.get("/v1/me").await.status, 200);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_credential() {
    let (service, ..) = acme().await;
    for name in ["authorization", "cookie"] {
        let request = service.anonymous().request(http::Method::GET, "/v1/me");
        let bytes = HeaderValue::from_bytes(b"Bearer bi_\xff\xfe").unwrap();
        let answer = harness::Answer::of(request.header(name, bytes)).await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{name}");
    }
}

#[tokio::test]
async fn a_secret_opens_only_the_space_it_was_made_for() {
    let (service, admin, cookie) = acme().await;
    let other = service.tenant("other").await;
    let operator = service.operator().await;
    let secret = |key: &str| key[key.len() - 43..].to_owned();
    let (mine, platform) = (secret(admin.credential()), secret(operator.credential()));
    let cookie_secret = secret(&cookie);
    let acme = admin.credential()[3..35].to_owned();
    for (what, key) in [
        ("another tenant's id", format!("bi_{}_{mine}", &other[4..])),
        ("the operator's prefix", format!("bi_op_{mine}")),
        ("an operator's secret", format!("bi_{acme}_{platform}")),
        (
            "a tenant that is none",
            format!("bi_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b_{mine}"),
        ),
        (
            "the platform's own id",
            format!("bi_{}_{platform}", "0".repeat(32)),
        ),
        ("a cookie's secret", format!("bi_{acme}_{cookie_secret}")),
    ] {
        let answer = service.anonymous().bearer(&key).get("/v1/me").await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{what}");
    }
    for (what, value) in [
        ("a key's secret", format!("{acme}_{mine}")),
        (
            "another tenant's id",
            format!("{}_{cookie_secret}", &other[4..]),
        ),
    ] {
        let caller = service
            .anonymous()
            .header("cookie", &format!("bi_session={value}"));
        assert_eq!(
            caller.get("/v1/me").await.problem(),
            (401, "unauthenticated"),
            "{what}"
        );
    }
}
