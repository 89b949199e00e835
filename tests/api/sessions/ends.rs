//! How sessions end.

use harness::{Options, Service, service::until};
use serde_json::json;
use time::{Duration, format_description::well_known::Rfc3339};
use tokio::time::Instant;

use super::world::{World, cookie, sign_in};

#[tokio::test]
async fn a_session_lasts_twelve_hours() {
    let world = World::new().await;
    let (browser, key) = world.browser("viewer").await;
    world
        .clock
        .advance(Duration::hours(12) - Duration::seconds(1));
    assert_eq!(browser.get("/v1/me").await.status, 200);
    world.clock.advance(Duration::seconds(1));
    assert_eq!(
        browser.get("/v1/me").await.problem(),
        (401, "credential_expired")
    );
    assert_eq!(key.get("/v1/me").await.status, 200, "the key goes on");
}

#[tokio::test]
async fn a_session_does_not_outlast_its_key() {
    let world = World::new().await;
    let admin = world.service.caller("acme", "admin").await;
    let ends = (domain::Clock::now(&*world.clock) + Duration::hours(1))
        .format(&Rfc3339)
        .unwrap();
    let new = json!({ "name": "x", "role": "viewer", "expires_at": ends });
    let key = admin.post("/v1/api-keys", new).await.text("api_key");
    let answer = sign_in(&world.service.anonymous(), &key).await;
    assert_eq!(answer.text("expires_at"), ends);
    assert!(
        answer
            .header("set-cookie")
            .unwrap()
            .contains("Max-Age=3600;")
    );
    let browser = world.service.anonymous().header("cookie", &cookie(&answer));
    assert_eq!(browser.get("/v1/me").await.status, 200);
    world.clock.advance(Duration::hours(1));
    assert_eq!(
        browser.get("/v1/me").await.problem(),
        (401, "credential_expired")
    );
}

#[tokio::test]
async fn a_session_ends_with_its_key() {
    let world = World::new().await;
    let (browser, key) = world.browser("admin").await;
    let other = world.service.caller("acme", "admin").await;
    let (untouched, _) = world.browser("viewer").await;
    assert_eq!(browser.get("/v1/me").await.status, 200);
    let id = key.get("/v1/me").await.body["actor"]["id"].clone();
    let path = format!("/v1/api-keys/{}", id.as_str().unwrap());
    assert_eq!(other.delete(&path).await.status, 204);
    assert_eq!(
        browser.get("/v1/me").await.problem(),
        (401, "unauthenticated")
    );
    assert_eq!(untouched.get("/v1/me").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_with_its_tenants_suspension_and_goes_on_after_it() {
    let world = World::new().await;
    let (browser, _) = world.browser("viewer").await;
    let id = browser.get("/v1/me").await.body["tenant"]["id"].clone();
    let path = format!("/v1/tenants/{}", id.as_str().unwrap());
    let operator = world.service.operator().await;
    operator.patch(&path, json!({ "state": "suspended" })).await;
    assert_eq!(
        browser.get("/v1/me").await.problem(),
        (403, "tenant_suspended")
    );
    operator.patch(&path, json!({ "state": "active" })).await;
    assert_eq!(browser.get("/v1/me").await.status, 200);
    operator.delete(&path).await;
    assert_eq!(
        browser.get("/v1/me").await.problem(),
        (401, "unauthenticated")
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_twice_is_fine() {
    let world = World::new().await;
    let (browser, key) = world.browser("viewer").await;
    assert_eq!(browser.get("/v1/me").await.status, 200);
    let at_console = world.at_console(&browser);
    for _ in 0..2 {
        let answer = at_console.delete("/v1/session").await;
        assert_eq!((answer.status, answer.raw.as_str()), (204, ""));
        assert_eq!(
            answer.header("set-cookie"),
            Some("bi_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
        );
        assert_eq!(
            browser.get("/v1/me").await.problem(),
            (401, "unauthenticated")
        );
    }
    assert_eq!(key.get("/v1/me").await.status, 200, "the key goes on");
}

#[tokio::test]
async fn signing_out_without_a_session_is_no_error() {
    let world = World::new().await;
    let anonymous = world.service.anonymous();
    for nobody in [
        anonymous.clone(),
        anonymous.clone().header("cookie", "theme=dark"),
        anonymous.clone().header("cookie", "bi_session="),
        anonymous.clone().header("cookie", "bi_session=nonsense"),
    ] {
        assert_eq!(nobody.delete("/v1/session").await.status, 204);
    }
    let (browser, _) = world.browser("viewer").await;
    world.clock.advance(Duration::hours(13));
    let expired = world.at_console(&browser).delete("/v1/session").await;
    assert_eq!(expired.status, 204);
}

#[tokio::test]
async fn another_replica_hears_of_a_sign_out_within_a_second() {
    let here = Service::start().await;
    let there = Service::on(here.database.clone(), Options::default()).await;
    here.tenant("acme").await;
    let key = here.caller("acme", "viewer").await;
    let answer = sign_in(&here.anonymous(), key.credential()).await;
    let browser = here.anonymous().header("cookie", &cookie(&answer));
    let elsewhere = browser.clone().at(&there.url);
    assert_eq!(elsewhere.get("/v1/me").await.status, 200);
    let signed_out = browser
        .header("origin", &here.url)
        .delete("/v1/session")
        .await;
    assert_eq!(signed_out.status, 204);
    let answered = Instant::now();
    until("the other replica refuses", async || {
        elsewhere.get("/v1/me").await.problem() == (401, "unauthenticated")
    })
    .await;
    let took = answered.elapsed();
    assert!(took < std::time::Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn signing_out_ends_the_session_of_a_suspended_tenant_too() {
    let world = World::new().await;
    let (browser, _) = world.browser("viewer").await;
    let id = browser.get("/v1/me").await.body["tenant"]["id"].clone();
    let path = format!("/v1/tenants/{}", id.as_str().unwrap());
    let operator = world.service.operator().await;
    operator.patch(&path, json!({ "state": "suspended" })).await;
    let foreign = browser.clone().header("origin", "https://evil.example");
    let refused = foreign.delete("/v1/session").await;
    assert_eq!(refused.problem(), (403, "origin_refused"));
    let answer = world.at_console(&browser).delete("/v1/session").await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    operator.patch(&path, json!({ "state": "active" })).await;
    assert_eq!(
        browser.get("/v1/me").await.problem(),
        (401, "unauthenticated")
    );
    operator.delete(&path).await;
    let gone = world.at_console(&browser).delete("/v1/session").await;
    assert_eq!(gone.status, 204);
}
