//! Renaming tenants.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Client, Options, Service, service::manual_clock};
use serde_json::json;
use time::Duration;

/// A service, its operator, the path of a tenant, and the clock.
async fn acme() -> (Service, Client, String, Arc<ManualClock>) {
    let clock = manual_clock();
    let service = Service::with(Options {
        clock: clock.clone(),
        ..Options::default()
    })
    .await;
    let operator = service.operator().await;
    let path = format!("/v1/tenants/{}", service.tenant("acme").await);
    clock.advance(Duration::seconds(1));
    (service, operator, path, clock)
}

#[tokio::test]
async fn a_tenant_is_renamed() {
    let (_service, operator, path, _) = acme().await;
    let before = operator.get(&path).await;
    let renamed = operator.patch(&path, json!({ "name": "Acme 🦀" })).await;
    assert_eq!(
        (renamed.status, renamed.text("name")),
        (200, "Acme 🦀".into())
    );
    for kept in ["id", "ref", "state", "created_at"] {
        assert_eq!(renamed.body[kept], before.body[kept]);
    }
    assert!(renamed.text("updated_at") > before.text("updated_at"));
    assert_eq!(operator.get(&path).await.body, renamed.body);
}

#[tokio::test]
async fn name_and_state_change_together() {
    let (_service, operator, path, _) = acme().await;
    let changed = operator
        .patch(&path, json!({ "name": "Late", "state": "suspended" }))
        .await;
    assert_eq!(
        (changed.text("name"), changed.text("state")),
        ("Late".into(), "suspended".into())
    );
}

#[tokio::test]
async fn a_change_of_nothing_changes_nothing() {
    let (service, operator, path, _) = acme().await;
    let before = operator.get(&path).await;
    for nothing in [
        json!({}),
        json!({ "name": null, "state": null }),
        json!({ "name": "acme" }),
        json!({ "state": "active" }),
    ] {
        let answer = operator.patch(&path, nothing.clone()).await;
        assert_eq!(
            (answer.status, &answer.body),
            (200, &before.body),
            "{nothing}"
        );
    }
    let audit = service.caller("acme", "admin").await.get("/v1/audit").await;
    let actions: Vec<_> = audit.items().iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["api_key.created", "tenant.created"]);
}

#[tokio::test]
async fn a_change_cannot_delete_or_touch_what_is_fixed() {
    let (_service, operator, path, _) = acme().await;
    let before = operator.get(&path).await;
    for (change, pointer) in [
        (json!({ "state": "deleted" }), "/state"),
        (json!({ "state": "Suspended" }), "/state"),
        (json!({ "ref": "other" }), "/ref"),
        (
            json!({ "id": "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b" }),
            "/id",
        ),
    ] {
        let refused = operator.patch(&path, change.clone()).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{change}");
        assert_eq!(refused.pointers(), [pointer]);
    }
    assert_eq!(operator.get(&path).await.body, before.body);
}
