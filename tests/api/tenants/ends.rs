//! Deleting tenants.

use harness::{Options, Service, service::until};
use serde_json::json;
use tokio::time::{Duration, Instant};

#[tokio::test]
async fn a_deleted_tenant_is_gone_with_its_keys() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let id = service.tenant("acme").await;
    let path = format!("/v1/tenants/{id}");
    let caller = service.caller("acme", "admin").await;
    assert_eq!(caller.get("/v1/me").await.status, 200);
    let unused = service.caller("acme", "viewer").await;

    let deleted = operator.delete(&path).await;
    assert_eq!((deleted.status, deleted.raw.as_str()), (204, ""));
    for caller in [&caller, &unused] {
        assert_eq!(
            caller.get("/v1/me").await.problem(),
            (401, "unauthenticated")
        );
    }
    assert_eq!(operator.get(&path).await.problem(), (404, "not_found"));
    assert_eq!(operator.delete(&path).await.problem(), (404, "not_found"));
    let resumed = operator.patch(&path, json!({ "state": "active" })).await;
    assert_eq!(resumed.problem(), (404, "not_found"));
    assert!(operator.get("/v1/tenants").await.items().is_empty());
    for named in ["acme", &id] {
        let answer = operator.clone().on(named).get("/v1/me").await;
        assert_eq!(answer.problem(), (404, "not_found"), "{named}");
    }
}

#[tokio::test]
async fn the_ref_of_a_deleted_tenant_is_free_and_the_new_tenant_inherits_nothing() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let old = service.tenant("acme").await;
    let old_caller = service.caller("acme", "admin").await;
    operator.delete(&format!("/v1/tenants/{old}")).await;

    let new = service.tenant("acme").await;
    assert_ne!(old, new);
    assert_eq!(old_caller.get("/v1/me").await.status, 401);
    let admin = service.caller("acme", "admin").await;
    assert_eq!(admin.get("/v1/me").await.body["tenant"]["id"], new.as_str());
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 1);
    let audit = admin.get("/v1/audit").await;
    assert_eq!(
        audit.items().len(),
        2,
        "only the new tenant's own: {audit:?}"
    );
}

#[tokio::test]
async fn the_audit_log_of_a_deleted_tenant_is_kept_and_its_other_rows_are_not() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let id = service.tenant("acme").await;
    service.caller("acme", "admin").await;
    operator.delete(&format!("/v1/tenants/{id}")).await;
    let owner = service.database.owner();
    let actions: Vec<String> = sqlx::query_scalar(
        "SELECT action FROM audit_events WHERE tenant_id = $1::text::uuid ORDER BY id",
    )
    .bind(&id[4..])
    .fetch_all(&owner)
    .await
    .unwrap();
    assert_eq!(actions.len(), 3, "{actions:?}");
    for action in ["tenant.created", "api_key.created", "tenant.deleted"] {
        assert!(actions.iter().any(|one| one == action), "{actions:?}");
    }
    let keys: i64 =
        sqlx::query_scalar("SELECT count(*) FROM api_keys WHERE tenant_id = $1::text::uuid")
            .bind(&id[4..])
            .fetch_one(&owner)
            .await
            .unwrap();
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn another_replica_hears_of_a_deletion_within_a_second() {
    let here = Service::start().await;
    let there = Service::on(here.database.clone(), Options::default()).await;
    let id = here.tenant("acme").await;
    let caller = here.caller("acme", "viewer").await.at(&there.url);
    assert_eq!(caller.get("/v1/me").await.status, 200);
    here.operator()
        .await
        .delete(&format!("/v1/tenants/{id}"))
        .await;
    let answered = Instant::now();
    until("the other replica refuses", async || {
        caller.get("/v1/me").await.problem() == (401, "unauthenticated")
    })
    .await;
    assert!(
        answered.elapsed() < Duration::from_secs(1),
        "{:?}",
        answered.elapsed()
    );
}
