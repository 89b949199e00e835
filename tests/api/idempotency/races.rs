//! The same request many times at once.

use harness::{Answer, Client, Options, Service};
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn ten(clients: [Client; 2], path: &'static str, body: Value) -> Vec<Answer> {
    let mut calls = JoinSet::new();
    for n in 0..10 {
        let (client, body) = (clients[n % 2].clone(), body.clone());
        calls.spawn(async move { client.post(path, body).await });
    }
    calls.join_all().await
}

#[tokio::test]
async fn ten_at_once_over_two_replicas_make_one_tenant() {
    let here = Service::start().await;
    let there = Service::on(here.database.clone(), Options::default()).await;
    let operator = here.operator().await.header("idempotency-key", "k");
    let clients = [operator.clone(), operator.clone().at(&there.url)];
    let answers = ten(
        clients,
        "/v1/tenants",
        json!({ "ref": "acme", "name": "Acme" }),
    )
    .await;
    let listed = operator.get("/v1/tenants").await;
    assert_eq!(listed.items().len(), 1);
    let made: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .collect();
    assert!(!made.is_empty());
    assert!(
        made.iter().all(|answer| answer.body == listed.items()[0]),
        "{made:?}"
    );
    for other in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(other.problem(), (409, "in_progress"));
        assert_eq!(other.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn ten_at_once_make_one_key() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service
        .caller("acme", "admin")
        .await
        .header("idempotency-key", "k");
    let body = json!({ "name": "x", "role": "viewer" });
    let answers = ten([admin.clone(), admin.clone()], "/v1/api-keys", body).await;
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 2);
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
    for other in answers.iter().filter(|answer| answer.status != 201) {
        assert!(
            matches!(other.problem(), (409, "in_progress" | "already_created")),
            "{other:?}"
        );
    }
}

#[tokio::test]
async fn ten_at_once_without_a_key_are_ten() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let body = json!({ "name": "x", "role": "viewer" });
    let answers = ten([admin.clone(), admin.clone()], "/v1/api-keys", body).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 11);
}
