//! The operator on behalf of a tenant, and one tenant against another.

use harness::{Client, Service};
use serde_json::json;

/// Two tenants, the admin of each, and the operator.
async fn two() -> (Service, Client, Client, Client) {
    let service = Service::start().await;
    service.tenant("a").await;
    service.tenant("b").await;
    let (a, b) = (
        service.caller("a", "admin").await,
        service.caller("b", "admin").await,
    );
    let operator = service.operator().await;
    (service, a, b, operator)
}

#[tokio::test]
async fn an_operator_names_the_tenant_by_id_or_by_ref() {
    let (service, a, b, operator) = two().await;
    let id = a.get("/v1/me").await.body["tenant"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for named in [id.as_str(), "a"] {
        let operator = operator.clone().on(named);
        let made = operator
            .post("/v1/api-keys", json!({ "name": named, "role": "viewer" }))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let me = service
            .anonymous()
            .bearer(&made.text("api_key"))
            .get("/v1/me")
            .await;
        assert_eq!(me.body["tenant"]["id"], id.as_str());
        let actor = operator.get("/v1/me").await.body["actor"]["id"].clone();
        assert_eq!(made.body["created_by"], actor);
        assert_eq!(
            operator.get("/v1/api-keys").await.body,
            a.get("/v1/api-keys").await.body
        );
        let path = format!("/v1/api-keys/{}", made.text("id"));
        assert_eq!(operator.delete(&path).await.status, 204);
    }
    assert_eq!(b.get("/v1/api-keys").await.items().len(), 1);
}

#[tokio::test]
async fn an_operator_who_names_no_tenant_is_told_the_header() {
    let (_service, _, _, operator) = two().await;
    for answer in [
        operator.get("/v1/api-keys").await,
        operator
            .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
            .await,
        operator
            .delete("/v1/api-keys/key_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")
            .await,
    ] {
        assert_eq!(answer.problem(), (403, "forbidden"));
        assert_eq!(answer.pointers(), ["/header/bi-tenant"]);
    }
}

#[tokio::test]
async fn a_tenant_that_does_not_exist_is_not_found_however_it_is_named() {
    let (_service, _, _, operator) = two().await;
    for named in [
        "c",
        "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
        "ten_",
        "",
        "hunter2 hunter2",
        "'--",
    ] {
        for answer in [
            operator.clone().on(named).get("/v1/api-keys").await,
            operator.clone().on(named).get("/v1/me").await,
        ] {
            assert_eq!(answer.problem(), (404, "not_found"), "{named}");
            assert_eq!(answer.pointers(), ["/header/bi-tenant"]);
            assert!(!answer.raw.contains("hunter2"));
        }
    }
    let twice = operator
        .on("a")
        .add_header("bi-tenant", "b")
        .get("/v1/api-keys")
        .await;
    assert_eq!(
        (twice.problem(), twice.pointers()),
        ((404, "not_found"), vec!["/header/bi-tenant"])
    );
}

#[tokio::test]
async fn a_tenants_caller_does_not_choose_its_tenant() {
    let (service, a, _, _) = two().await;
    let viewer = service.caller("a", "viewer").await;
    for caller in [a, viewer] {
        for named in ["a", "b", "nobody"] {
            let answer = caller.clone().on(named).get("/v1/me").await;
            assert_eq!(answer.problem(), (403, "forbidden"), "{named}");
            assert_eq!(answer.pointers(), ["/header/bi-tenant"]);
        }
    }
}

#[tokio::test]
async fn another_tenants_key_answers_exactly_like_none() {
    let (_service, a, b, operator) = two().await;
    let mine = a.get("/v1/api-keys").await.items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let nobodys = "key_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b";
    for caller in [b.clone(), operator.on("b")] {
        let mut answers = Vec::new();
        for id in [mine.as_str(), nobodys] {
            let mut answer = caller.delete(&format!("/v1/api-keys/{id}")).await;
            assert_eq!(answer.problem(), (404, "not_found"));
            answer.body["request_id"].take();
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            headers.remove("date");
            answers.push((answer.body, headers));
        }
        assert_eq!(answers[0], answers[1]);
    }
    assert_eq!(a.get("/v1/me").await.status, 200, "the key still works");
}

#[tokio::test]
async fn a_tenant_sees_its_own_keys_and_log_only() {
    let (_service, a, b, _) = two().await;
    a.post("/v1/api-keys", json!({ "name": "of a", "role": "viewer" }))
        .await;
    assert_eq!(a.get("/v1/api-keys").await.items().len(), 2);
    assert_eq!(b.get("/v1/api-keys").await.items().len(), 1);
    let theirs = a.get("/v1/api-keys").await;
    let log = b.get("/v1/audit").await;
    for key in theirs.items() {
        assert!(!log.raw.contains(key["id"].as_str().unwrap()), "{log:?}");
    }
    let mine: Vec<_> = log
        .items()
        .iter()
        .map(|event| event["action"].clone())
        .collect();
    assert_eq!(mine, ["api_key.created", "tenant.created"]);
}

#[tokio::test]
async fn a_cursor_of_another_tenants_list_shows_nothing_of_it() {
    let (_service, a, b, _) = two().await;
    a.post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    let cursor = a.get("/v1/api-keys?limit=1").await.text("next_cursor");
    let ids: Vec<_> = a.get("/v1/api-keys").await.items().to_vec();
    let page = b.get(&format!("/v1/api-keys?cursor={cursor}")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.items().iter().all(|key| !ids.contains(key)),
        "{page:?}"
    );
}
