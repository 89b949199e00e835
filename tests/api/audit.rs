//! `/v1/audit`.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Answer, Client, Options, Service, service::manual_clock};
use serde_json::{Value, json};
use time::Duration;

/// A service on a clock that moves between actions, so that their order is plain.
async fn service() -> (Service, Arc<ManualClock>) {
    let clock = manual_clock();
    let service = Service::with(Options {
        clock: clock.clone(),
        ..Options::default()
    })
    .await;
    (service, clock)
}

async fn key(caller: &Client) -> String {
    let me = caller.get("/v1/me").await;
    me.body["actor"]["id"].as_str().unwrap().to_owned()
}

/// What an event must say of the request that did it.
fn event(at: &Answer, action: &str, subject: &str, actor: (&str, &str, bool)) -> Value {
    let (kind, id, by_platform) = actor;
    json!({
        "action": action, "subject": subject, "request_id": at.header("x-request-id"),
        "actor": { "kind": kind, "id": id, "by_platform": by_platform },
    })
}

#[tokio::test]
async fn each_action_is_logged_with_who_what_and_which_request_newest_first() {
    let (service, clock) = service().await;
    let operator = service.operator().await;
    let platform = key(&operator).await;
    let by_platform = ("api_key", platform.as_str(), true);
    let tick = || clock.advance(Duration::seconds(1));

    let made = operator
        .post("/v1/tenants", json!({ "ref": "acme", "name": "Acme" }))
        .await;
    let (id, path) = (made.text("id"), format!("/v1/tenants/{}", made.text("id")));
    let mut expected = vec![event(&made, "tenant.created", &id, by_platform)];
    tick();
    let first = operator
        .clone()
        .on("acme")
        .post("/v1/api-keys", json!({ "name": "first", "role": "admin" }))
        .await;
    let admin = service.anonymous().bearer(&first.text("api_key"));
    let admin_id = first.text("id");
    expected.push(event(&first, "api_key.created", &admin_id, by_platform));
    for (action, change) in [
        ("tenant.renamed", json!({ "name": "Acme Ltd" })),
        ("tenant.suspended", json!({ "state": "suspended" })),
        ("tenant.resumed", json!({ "state": "active" })),
    ] {
        tick();
        let changed = operator.patch(&path, change).await;
        expected.push(event(&changed, action, &id, by_platform));
    }
    tick();
    let by_admin = ("api_key", admin_id.as_str(), false);
    let second = admin
        .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    let second_id = second.text("id");
    expected.push(event(&second, "api_key.created", &second_id, by_admin));
    tick();
    let revoked = admin.delete(&format!("/v1/api-keys/{second_id}")).await;
    expected.push(event(&revoked, "api_key.revoked", &second_id, by_admin));
    tick();
    let body = json!({ "api_key": first.text("api_key") });
    let signed_in = service.anonymous().post("/v1/session", body).await;
    let cookie = signed_in
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let console = service
        .anonymous()
        .header("cookie", cookie)
        .header("origin", &service.url);
    let session = key(&console).await;
    expected.push(event(&signed_in, "session.started", &session, by_admin));
    tick();
    let signed_out = console.delete("/v1/session").await;
    expected.push(event(
        &signed_out,
        "session.ended",
        &session,
        ("session", &session, false),
    ));
    expected.reverse();

    let log = admin.get("/v1/audit").await;
    let mut events = log.items().to_vec();
    for event in &mut events {
        let event = event.as_object_mut().unwrap();
        assert!(event["id"].as_str().unwrap().starts_with("evt_"));
        assert_eq!(
            event["aws"],
            json!({ "account_id": null, "request_ids": [] })
        );
        for other in ["id", "at", "aws", "detail"] {
            assert!(event.remove(other).is_some(), "{other}");
        }
    }
    assert_eq!(events, expected);
    for secret in [first.text("api_key"), second.text("api_key")] {
        assert!(!log.raw.contains(&secret[secret.len() - 43..]), "{log:?}");
    }
    for limit in [1, 2, 4, 100] {
        assert_eq!(admin.walk("/v1/audit", limit).await, log.items(), "{limit}");
    }
}

#[tokio::test]
async fn the_log_is_for_the_tenants_admins() {
    let (service, _) = service().await;
    service.tenant("acme").await;
    for role in ["viewer", "member"] {
        let answer = service.caller("acme", role).await.get("/v1/audit").await;
        assert_eq!(answer.problem(), (403, "forbidden"));
    }
    let operator = service.operator().await;
    assert_eq!(
        operator.get("/v1/audit").await.problem(),
        (403, "forbidden")
    );
    let on_acme = operator.on("acme").get("/v1/audit").await;
    assert_eq!(on_acme.problem(), (403, "forbidden"));
    assert_eq!(
        service
            .caller("acme", "admin")
            .await
            .get("/v1/audit")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn what_was_refused_is_not_logged() {
    let (service, _) = service().await;
    let id = service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let before = admin.get("/v1/audit").await;
    for refused in [
        admin
            .post("/v1/api-keys", json!({ "name": "", "role": "viewer" }))
            .await,
        admin
            .delete("/v1/api-keys/key_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")
            .await,
        admin
            .patch(&format!("/v1/tenants/{id}"), json!({ "name": "x" }))
            .await,
        service
            .operator()
            .await
            .post("/v1/tenants", json!({ "ref": "acme", "name": "x" }))
            .await,
    ] {
        assert!(refused.status >= 400);
    }
    assert_eq!(admin.get("/v1/audit").await.body, before.body);
}
