//! Suspended tenants.

use harness::{Service, service::until};
use serde_json::json;
use tokio::time::{Duration, Instant};

#[tokio::test]
async fn every_call_of_a_suspended_tenant_is_refused_until_it_is_resumed() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let path = format!("/v1/tenants/{}", service.tenant("acme").await);
    let mut callers = Vec::new();
    for role in ["viewer", "member", "admin"] {
        let caller = service.caller("acme", role).await;
        assert_eq!(caller.get("/v1/me").await.status, 200);
        callers.push(caller);
    }
    service.tenant("other").await;
    let other = service.caller("other", "viewer").await;

    let suspended = operator.patch(&path, json!({ "state": "suspended" })).await;
    assert_eq!(
        (suspended.status, suspended.text("state")),
        (200, "suspended".into())
    );
    for caller in &callers {
        for answer in [
            caller.get("/v1/me").await,
            caller.get("/v1/api-keys").await,
            caller.get("/v1/audit").await,
            caller
                .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
                .await,
        ] {
            assert_eq!(answer.problem(), (403, "tenant_suspended"));
        }
    }
    let sign_in = service
        .anonymous()
        .post("/v1/session", json!({ "api_key": callers[2].credential() }))
        .await;
    assert_eq!(sign_in.problem(), (403, "tenant_suspended"));
    assert_eq!(
        other.get("/v1/me").await.status,
        200,
        "another tenant's caller"
    );

    let resumed = operator.patch(&path, json!({ "state": "active" })).await;
    assert_eq!(resumed.text("state"), "active");
    for caller in &callers {
        assert_eq!(caller.get("/v1/me").await.status, 200);
    }
    assert_eq!(callers[2].get("/v1/api-keys").await.items().len(), 3);
}

#[tokio::test]
async fn an_operator_still_makes_and_lists_keys_of_a_suspended_tenant() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let id = service.tenant("acme").await;
    let path = format!("/v1/tenants/{id}");
    operator.patch(&path, json!({ "state": "suspended" })).await;
    let on_acme = operator.clone().on("acme");
    let made = on_acme
        .post("/v1/api-keys", json!({ "name": "x", "role": "admin" }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(on_acme.get("/v1/api-keys").await.items().len(), 1);
    let caller = service.anonymous().bearer(&made.text("api_key"));
    assert_eq!(
        caller.get("/v1/me").await.problem(),
        (403, "tenant_suspended")
    );
    operator.patch(&path, json!({ "state": "active" })).await;
    assert_eq!(caller.get("/v1/me").await.status, 200);
}

#[tokio::test]
async fn another_replica_hears_of_a_suspension_within_a_second() {
    let here = Service::start().await;
    let there = Service::on(here.database.clone(), harness::Options::default()).await;
    let path = format!("/v1/tenants/{}", here.tenant("acme").await);
    let caller = here.caller("acme", "viewer").await.at(&there.url);
    assert_eq!(caller.get("/v1/me").await.status, 200);
    let operator = here.operator().await;
    operator.patch(&path, json!({ "state": "suspended" })).await;
    let answered = Instant::now();
    until("the other replica refuses", async || {
        caller.get("/v1/me").await.problem() == (403, "tenant_suspended")
    })
    .await;
    assert!(
        answered.elapsed() < Duration::from_secs(1),
        "{:?}",
        answered.elapsed()
    );
}
