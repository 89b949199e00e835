//! Making tenants, and reading them.

use harness::{Options, Service};
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_tenant_is_provisioned_read_and_listed() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let made = operator
        .post("/v1/tenants", json!({ "ref": "acme-42", "name": " Acme " }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.text("id");
    assert!(id.starts_with("ten_"));
    assert_eq!(
        (made.text("ref"), made.text("name"), made.text("state")),
        ("acme-42".into(), "Acme".into(), "active".into())
    );
    assert_eq!(made.text("created_at"), made.text("updated_at"));
    let read = operator.get(&format!("/v1/tenants/{id}")).await;
    assert_eq!((read.status, &read.body), (200, &made.body));
    assert_eq!(operator.get("/v1/tenants").await.items(), [made.body]);
}

#[tokio::test]
async fn a_ref_that_is_taken_is_a_conflict_and_changes_nothing() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let made = operator
        .post("/v1/tenants", json!({ "ref": "acme", "name": "Acme" }))
        .await;
    let again = operator
        .post("/v1/tenants", json!({ "ref": "acme", "name": "Other" }))
        .await;
    assert_eq!(
        (again.problem(), again.pointers()),
        ((409, "ref_taken"), vec!["/ref"])
    );
    assert_eq!(operator.get("/v1/tenants").await.items(), [made.body]);
}

#[tokio::test]
async fn everything_wrong_with_a_tenant_is_told_at_once() {
    let service = Service::start().await;
    let refused = service
        .operator()
        .await
        .post("/v1/tenants", json!({ "ref": "ten_1", "name": "" }))
        .await;
    assert_eq!(refused.problem(), (422, "validation_failed"));
    assert_eq!(refused.pointers(), ["/ref", "/name"]);
}

#[tokio::test]
async fn an_id_that_names_no_tenant_is_not_found() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let id = service.tenant("acme").await;
    let upper = format!("ten_{}", id[4..].to_uppercase());
    for missing in [
        "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
        "ten_00000000000000000000000000000000",
        &upper,
        &id[4..],
        "acme",
    ] {
        let path = format!("/v1/tenants/{missing}");
        for answer in [
            operator.get(&path).await,
            operator.patch(&path, json!({ "name": "Other" })).await,
            operator.delete(&path).await,
        ] {
            assert_eq!(answer.problem(), (404, "not_found"), "{missing}");
        }
    }
    let kept = operator.get(&format!("/v1/tenants/{id}")).await;
    assert_eq!(kept.text("name"), "acme");
}

#[tokio::test]
async fn a_put_makes_a_tenant_then_names_it_then_changes_nothing() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let path = "/v1/tenants/by-ref/org:7@eu.example";
    let made = operator.put(path, json!({ "name": "Acme" })).await;
    assert_eq!(
        (made.status, made.text("ref")),
        (201, "org:7@eu.example".into())
    );
    let renamed = operator.put(path, json!({ "name": "Acme Ltd" })).await;
    assert_eq!(
        (renamed.status, renamed.text("name")),
        (200, "Acme Ltd".into())
    );
    assert_eq!(renamed.text("id"), made.text("id"));
    let unchanged = operator.put(path, json!({ "name": "Acme Ltd" })).await;
    assert_eq!((unchanged.status, &unchanged.body), (200, &renamed.body));
    assert_eq!(operator.get("/v1/tenants").await.items(), [unchanged.body]);
}

#[tokio::test]
async fn a_put_leaves_a_suspended_tenant_suspended() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let id = service.tenant("acme").await;
    operator
        .patch(
            &format!("/v1/tenants/{id}"),
            json!({ "state": "suspended" }),
        )
        .await;
    let put = operator
        .put("/v1/tenants/by-ref/acme", json!({ "name": "Acme" }))
        .await;
    assert_eq!((put.status, put.text("state")), (200, "suspended".into()));
}

#[tokio::test]
async fn twenty_puts_of_one_ref_at_once_make_one_tenant() {
    let here = Service::start().await;
    let there = Service::on(here.database.clone(), Options::default()).await;
    let operator = here.operator().await;
    let replicas = [operator.clone(), operator.clone().at(&there.url)];
    for round in 1..=5 {
        let mut puts = JoinSet::new();
        for n in 0..20 {
            let operator = replicas[n % 2].clone();
            let path = format!("/v1/tenants/by-ref/acme-{round}");
            let body = json!({ "name": format!("Acme {n}") });
            puts.spawn(async move { operator.put(&path, body).await });
        }
        let answers = puts.join_all().await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        let named = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((made, named), (1, 19), "{answers:?}");
        let listed = operator.get("/v1/tenants").await;
        assert_eq!(listed.items().len(), round);
        let id = &listed.items()[round - 1]["id"];
        assert!(answers.iter().all(|answer| answer.body["id"] == *id));
    }
}
