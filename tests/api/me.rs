//! `/v1/me`.

use harness::Service;
use serde_json::json;

#[tokio::test]
async fn each_role_learns_who_it_is() {
    let service = Service::start().await;
    let id = service.tenant("acme").await;
    for role in ["viewer", "member", "admin"] {
        let caller = service.caller("acme", role).await;
        let me = caller.get("/v1/me").await;
        let key = me.body["actor"]["id"].clone();
        assert!(key.as_str().unwrap().starts_with("key_"));
        assert_eq!(
            (me.status, me.body),
            (
                200,
                json!({
                    "role": role, "actor": { "kind": "api_key", "id": key },
                    "tenant": { "id": id, "ref": "acme", "name": "acme" },
                })
            )
        );
    }
}

#[tokio::test]
async fn an_operator_has_a_tenant_only_while_it_names_one() {
    let service = Service::start().await;
    let id = service.tenant("acme").await;
    let operator = service.operator().await;
    let me = operator.get("/v1/me").await;
    let actor = me.body["actor"].clone();
    assert_eq!(
        me.body,
        json!({ "role": "operator", "actor": actor, "tenant": null })
    );
    for named in ["acme", &id] {
        let me = operator.clone().on(named).get("/v1/me").await;
        assert_eq!(
            me.body,
            json!({
                "role": "operator", "actor": actor,
                "tenant": { "id": id, "ref": "acme", "name": "acme" },
            })
        );
    }
}

#[tokio::test]
async fn a_new_name_is_seen_at_once() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let viewer = service.caller("acme", "viewer").await;
    viewer.get("/v1/me").await;
    let put = service.operator().await;
    put.put("/v1/tenants/by-ref/acme", json!({ "name": "Acme Ltd" }))
        .await;
    assert_eq!(
        viewer.get("/v1/me").await.body["tenant"]["name"],
        "Acme Ltd"
    );
}
