//! Revoking keys.

use harness::{Options, Service, service::until};
use serde_json::json;
use tokio::time::{Duration, Instant};

#[tokio::test]
async fn a_revoked_key_does_not_work_for_the_very_next_request() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    // Several times, because a replica that only hears of it from the feed is quick too. More than ten failures in a
    // tenant are slowed.
    for _ in 0..10 {
        let made = admin
            .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
            .await;
        let caller = service.anonymous().bearer(&made.text("api_key"));
        assert_eq!(caller.get("/v1/me").await.status, 200);
        let path = format!("/v1/api-keys/{}", made.text("id"));
        let revoked = admin.delete(&path).await;
        assert_eq!((revoked.status, revoked.raw.as_str()), (204, ""));
        assert_eq!(
            caller.get("/v1/me").await.problem(),
            (401, "unauthenticated")
        );
        assert_eq!(admin.delete(&path).await.problem(), (404, "not_found"));
    }
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 1);
}

#[tokio::test]
async fn another_replica_refuses_a_revoked_key_and_its_session_within_a_second() {
    let here = Service::start().await;
    let there = Service::on(here.database.clone(), Options::default()).await;
    here.tenant("acme").await;
    let admin = here.caller("acme", "admin").await;
    let made = admin
        .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    let caller = there.anonymous().bearer(&made.text("api_key"));
    let signed_in = there
        .anonymous()
        .post("/v1/session", json!({ "api_key": made.text("api_key") }))
        .await;
    let cookie = signed_in
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let session = there.anonymous().header("cookie", &cookie);
    for cached in [&caller, &session] {
        assert_eq!(cached.get("/v1/me").await.status, 200);
    }

    let revoked = admin
        .delete(&format!("/v1/api-keys/{}", made.text("id")))
        .await;
    assert_eq!(revoked.status, 204);
    let answered = Instant::now();
    until("the other replica refuses both", async || {
        let refused = (401, "unauthenticated");
        caller.get("/v1/me").await.problem() == refused
            && session.get("/v1/me").await.problem() == refused
    })
    .await;
    assert!(
        answered.elapsed() < Duration::from_secs(1),
        "{:?}",
        answered.elapsed()
    );
}

#[tokio::test]
async fn a_key_may_revoke_itself() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let id = admin.get("/v1/me").await.body["actor"]["id"].clone();
    let path = format!("/v1/api-keys/{}", id.as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(
        admin.get("/v1/me").await.problem(),
        (401, "unauthenticated")
    );
}

#[tokio::test]
async fn revoking_one_key_leaves_the_others() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let viewer = service.caller("acme", "viewer").await;
    let doomed = service.caller("acme", "member").await;
    let id = doomed.get("/v1/me").await.body["actor"]["id"].clone();
    admin
        .delete(&format!("/v1/api-keys/{}", id.as_str().unwrap()))
        .await;
    assert_eq!(doomed.get("/v1/me").await.status, 401);
    for caller in [admin, viewer] {
        assert_eq!(caller.get("/v1/me").await.status, 200);
    }
}
