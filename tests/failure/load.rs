//! More at once than there are connections to the database.

use harness::Service;
use serde_json::json;

#[tokio::test]
async fn two_hundred_requests_at_once_share_five_connections() {
    let service = Service::start().await;
    let operator = service.operator().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let requests = (0..200).map(|number| {
        let (operator, admin) = (operator.clone(), admin.clone());
        tokio::spawn(async move {
            match number % 4 {
                0 => operator.get("/v1/tenants").await,
                1 => {
                    let body = json!({ "ref": format!("t-{number}"), "name": "T" });
                    operator.post("/v1/tenants", body).await
                }
                2 => admin.get("/v1/audit").await,
                _ => {
                    admin
                        .post("/v1/api-keys", json!({ "name": "k", "role": "viewer" }))
                        .await
                }
            }
        })
    });
    for request in requests.collect::<Vec<_>>() {
        let answer = request.await.unwrap();
        assert!([200, 201].contains(&answer.status), "{answer:?}");
    }
    let (open, _) = service.context.store.connections();
    assert!(open <= 5, "{open}");
}
