//! Signing in.

use domain::Clock;
use harness::{Answer, Options, Service, service::manual_clock};
use serde_json::json;
use time::{Duration, format_description::well_known::Rfc3339};

use super::world::{World, cookie, sign_in};

/// Name and attributes of the cookie that an answer sets, without its value.
fn attributes(answer: &Answer) -> Vec<String> {
    let set = answer.header("set-cookie").unwrap();
    let (name, rest) = set.split_once('=').unwrap();
    let attributes = rest.split(';').skip(1).map(|one| one.trim().to_owned());
    let mut all: Vec<_> = std::iter::once(name.to_owned()).chain(attributes).collect();
    all[1..].sort();
    all
}

#[tokio::test]
async fn a_sign_in_sets_a_cookie_that_script_and_other_sites_cannot_use() {
    let world = World::new().await;
    let key = world.service.caller("acme", "admin").await;
    let answer = sign_in(&world.service.anonymous(), key.credential()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(
        attributes(&answer),
        [
            "bi_session",
            "HttpOnly",
            "Max-Age=43200",
            "Path=/",
            "SameSite=Strict"
        ]
    );
    let ends = (world.clock.now() + Duration::hours(12))
        .format(&Rfc3339)
        .unwrap();
    assert_eq!(answer.body, json!({ "expires_at": ends }));
    let value = cookie(&answer);
    assert!(
        !value.contains(&key.credential()[36..]),
        "not the key itself"
    );
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let service = Service::with(Options {
        clock: manual_clock(),
        public_url: Some("https://bedrock.example".to_owned()),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    let key = service.caller("acme", "admin").await;
    let answer = sign_in(&service.anonymous(), key.credential()).await;
    assert_eq!(
        attributes(&answer),
        [
            "__Host-bi_session",
            "HttpOnly",
            "Max-Age=43200",
            "Path=/",
            "SameSite=Strict",
            "Secure"
        ]
    );
    let browser = service.anonymous().header("cookie", &cookie(&answer));
    assert_eq!(browser.get("/v1/me").await.status, 200);
    let signed_out = browser
        .header("origin", "https://bedrock.example")
        .delete("/v1/session")
        .await;
    assert_eq!(signed_out.status, 204);
    assert_eq!(
        attributes(&signed_out),
        [
            "__Host-bi_session",
            "HttpOnly",
            "Max-Age=0",
            "Path=/",
            "SameSite=Strict",
            "Secure"
        ]
    );
}

#[tokio::test]
async fn a_session_is_its_keys_role_in_its_keys_tenant() {
    let world = World::new().await;
    for role in ["viewer", "member", "admin"] {
        let (browser, _) = world.browser(role).await;
        let me = browser.get("/v1/me").await;
        assert_eq!((me.status, &me.body["role"]), (200, &json!(role)));
        assert_eq!(me.body["actor"]["kind"], "session");
        assert_eq!(me.body["tenant"]["ref"], "acme");
        let new = json!({ "name": "x", "role": "viewer" });
        let made = world.at_console(&browser).post("/v1/api-keys", new).await;
        let expected = if role == "admin" { 201 } else { 403 };
        assert_eq!(made.status, expected, "{made:?}");
    }
}

#[tokio::test]
async fn two_sign_ins_with_one_key_are_two_sessions() {
    let world = World::new().await;
    let key = world.service.caller("acme", "admin").await;
    let mut browsers = Vec::new();
    for _ in 0..2 {
        let answer = sign_in(&world.service.anonymous(), key.credential()).await;
        browsers.push(world.service.anonymous().header("cookie", &cookie(&answer)));
    }
    world.at_console(&browsers[0]).delete("/v1/session").await;
    assert_eq!(browsers[0].get("/v1/me").await.status, 401);
    assert_eq!(browsers[1].get("/v1/me").await.status, 200);
}

#[tokio::test]
async fn a_wrong_key_is_pointed_at_and_never_repeated() {
    let world = World::new().await;
    let key = world.service.caller("acme", "admin").await;
    let unknown = format!("{}{}A", &key.credential()[..36], "hunter2".repeat(6));
    assert_eq!(unknown.len(), key.credential().len());
    for wrong in [
        "hunter2",
        "",
        "bi_hunter2",
        "AKIAHUNTER2HUNTER2",
        "bi_op_",
        &unknown,
    ] {
        let answer = sign_in(&world.service.anonymous(), wrong).await;
        assert_eq!(answer.problem(), (401, "unauthenticated"), "{wrong}");
        assert_eq!(answer.pointers(), ["/api_key"], "{wrong}");
        assert!(answer.header("set-cookie").is_none());
        assert!(!answer.raw.to_lowercase().contains("hunter2"), "{answer:?}");
    }
    let padded = format!(" {}\n", key.credential());
    let answer = sign_in(&world.service.anonymous(), &padded).await;
    assert_eq!(answer.status, 201, "pasted white space is trimmed");
}

#[tokio::test]
async fn an_expired_key_is_pointed_at() {
    let world = World::new().await;
    let admin = world.service.caller("acme", "admin").await;
    let ends = (world.clock.now() + Duration::hours(1))
        .format(&Rfc3339)
        .unwrap();
    let new = json!({ "name": "x", "role": "viewer", "expires_at": ends });
    let key = admin.post("/v1/api-keys", new).await.text("api_key");
    world.clock.advance(Duration::hours(1));
    let answer = sign_in(&world.service.anonymous(), &key).await;
    assert_eq!(answer.problem(), (401, "credential_expired"));
    assert_eq!(answer.pointers(), ["/api_key"]);
}

#[tokio::test]
async fn an_operators_key_opens_no_console() {
    let world = World::new().await;
    let operator = world.service.operator().await;
    let answer = sign_in(&world.service.anonymous(), operator.credential()).await;
    assert_eq!(answer.problem(), (403, "forbidden"));
    assert!(answer.header("set-cookie").is_none());
    assert!(!answer.raw.contains(&operator.credential()[6..]));
}

#[tokio::test]
async fn the_key_is_sent_in_the_body_only() {
    let world = World::new().await;
    let key = world.service.caller("acme", "admin").await;
    let answer = sign_in(&key, key.credential()).await;
    assert_eq!(answer.problem(), (400, "several_credentials"));
}

#[tokio::test]
async fn an_old_cookie_does_not_stand_in_the_way_of_signing_in() {
    let world = World::new().await;
    let (browser, key) = world.browser("viewer").await;
    let anonymous = world.service.anonymous();
    for old in [
        browser,
        anonymous.clone().header("cookie", "bi_session="),
        anonymous.clone().header("cookie", "bi_session=nonsense"),
        anonymous
            .clone()
            .header("cookie", "bi_session=a; __Host-bi_session=b"),
    ] {
        let answer = sign_in(&world.at_console(&old), key.credential()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let new = anonymous.clone().header("cookie", &cookie(&answer));
        assert_eq!(new.get("/v1/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_cookie_of_the_other_scheme_is_nobodys() {
    let service = Service::with(Options {
        public_url: Some("https://bedrock.example".to_owned()),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    let key = service.caller("acme", "viewer").await;
    let own = cookie(&sign_in(&service.anonymous(), key.credential()).await);
    let planted = own.trim_start_matches("__Host-").to_owned();
    let with = |cookies: &str| service.anonymous().header("cookie", cookies);
    // Any sibling host can set it: it neither signs in nor stands in the way.
    let fixated = with(&planted).get("/v1/me").await;
    assert_eq!(fixated.problem(), (401, "unauthenticated"));
    for both in [format!("{planted}; {own}"), format!("{own}; bi_session=x")] {
        assert_eq!(with(&both).get("/v1/me").await.status, 200, "{both}");
    }
    let bearer = key.header("cookie", &planted);
    assert_eq!(bearer.get("/v1/me").await.status, 200);
}
