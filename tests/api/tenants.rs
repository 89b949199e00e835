//! `/v1/tenants`.

use harness::Service;
use serde_json::json;

#[tokio::test]
async fn a_tenant_is_provisioned_read_and_listed() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let made = operator
        .post("/v1/tenants", json!({ "ref": "acme-42", "name": "Acme" }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.text("id");
    assert!(id.starts_with("ten_"));
    let read = operator.get(&format!("/v1/tenants/{id}")).await;
    assert_eq!((read.status, &read.body), (200, &made.body));
    assert_eq!(operator.get("/v1/tenants").await.items(), [made.body]);
    let again = operator
        .post("/v1/tenants", json!({ "ref": "acme-42", "name": "Other" }))
        .await;
    assert_eq!(
        (again.problem(), again.pointers()),
        ((409, "ref_taken"), vec!["/ref"])
    );
}
