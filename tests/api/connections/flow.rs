//! The path of a customer, for each method.

use harness::{BEDROCK, aws::save};
use serde_json::json;

use super::world::{World, step};

#[tokio::test]
async fn a_role_is_connected_tested_saved_and_disconnected() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Bedrock").await;
    let tested = world
        .admin
        .post(&format!("{BEDROCK}/test"), body.clone())
        .await;
    assert_eq!(tested.status, 200, "{tested:?}");
    assert_eq!(tested.body["ok"], true, "{tested:?}");
    assert_eq!(tested.body["account_id"], world.aws.demo.account_id);
    assert_eq!(step(&tested.body, "external_id")["status"], "passed");

    let connection = save(&world.admin, "Production", body).await;
    assert_eq!(connection["state"], "healthy");
    assert_eq!(connection["is_default"], true);
    assert_eq!(connection["access"]["external_id_source"], "generated");
    let id = connection["id"].as_str().unwrap();

    let path = format!("{BEDROCK}/connections/{id}");
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items().len(), 1, "{listed:?}");
    assert_eq!(world.other.get(&path).await.status, 404);

    let again = world.admin.post(&format!("{path}/test"), json!({})).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(again.body["ok"], true, "{again:?}");

    let removed = world.admin.delete(&path).await;
    assert_eq!(removed.status, 200, "{removed:?}");
    assert_eq!(removed.body["removed"]["secrets"], true);
    assert_eq!(removed.body["left_in_aws"].as_array().unwrap().len(), 1);
    assert_eq!(world.admin.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_key_and_a_user_are_saved_without_a_reservation_and_tested_again() {
    let world = World::start().await;
    for (name, body) in [
        ("by key", world.aws.by_key()),
        ("by user", world.aws.by_user()),
    ] {
        let connection = save(&world.admin, name, body).await;
        assert_eq!(connection["state"], "healthy", "{name}");
        let id = connection["id"].as_str().unwrap();
        let path = format!("{BEDROCK}/connections/{id}/test");
        let tested = world.admin.post(&path, json!({})).await;
        assert_eq!(tested.body["ok"], true, "{name}: {tested:?}");
    }
}
