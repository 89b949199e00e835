//! What is entered about a role that is to trust a tenant's issuer, and where there is no issuer.

use harness::{Options, Service, aws::save};
use serde_json::{Value, json};

use super::setup::Reserved;
use crate::connections::world::{World, connect, edit, report, test, try_save};

/// Where the only error is.
fn pointer(answer: &harness::Answer) -> &str {
    assert_eq!(answer.problem(), (422, "validation_failed"), "{answer:?}");
    answer.body["errors"][0]["pointer"].as_str().unwrap()
}

#[tokio::test]
async fn there_is_no_external_id_to_enter_and_no_role_without_a_reservation() {
    let world = World::start().await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let role_arn = reserved.set_up(&world, "ByToken").await;
    let mut body = reserved.by_role(&world, &role_arn);
    body["fields"]["external_id"] = "mine".into();
    assert_eq!(
        pointer(&test(&world.admin, body.clone()).await),
        "/fields/external_id"
    );

    let object = body.as_object_mut().unwrap();
    object.remove("connection_id");
    body["fields"]["federation"] = "oidc".into();
    assert_eq!(
        pointer(&test(&world.admin, body.clone()).await),
        "/fields/external_id"
    );
    body["fields"]
        .as_object_mut()
        .unwrap()
        .remove("external_id");
    let refused = try_save(&world.admin, "By token", body).await;
    assert_eq!(refused.problem(), (422, "connect_first"));
}

#[tokio::test]
async fn how_we_prove_who_we_are_is_fixed_with_the_reservation() {
    let world = World::start().await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let role_arn = reserved.set_up(&world, "ByToken").await;
    let mut body = reserved.by_role(&world, &role_arn);
    body["fields"]["federation"] = "assume_role".into();
    let refused = test(&world.admin, body.clone()).await;
    assert_eq!(refused.problem(), (422, "start_new_connection"));
    body["fields"]["federation"] = "oidc".into();
    assert_eq!(report(&world.admin, body.clone()).await["ok"], true);
    let saved = save(&world.admin, "By token", body).await;

    let change = json!({ "fields": { "federation": "assume_role" } });
    let refused = edit(&world.admin, &saved, change).await;
    assert_eq!(refused.problem(), (422, "start_new_connection"));
    let body = json!({
        "method": "iam_role", "region": "us-west-2", "federation": "assume_role",
        "access_id": saved["access"]["id"],
    });
    assert_eq!(pointer(&connect(&world.admin, body).await), "/federation");
}

#[tokio::test]
async fn roles_of_all_partitions_trust_tokens() {
    let world = World::start().await;
    for region in ["us-gov-west-1", "cn-north-1"] {
        let mut body = json!({ "method": "iam_role", "region": region });
        let refused = connect(&world.admin, body.clone()).await;
        assert_eq!(refused.problem(), (422, "method_unavailable"));
        body["federation"] = "oidc".into();
        assert_eq!(connect(&world.admin, body).await.status, 201);
    }
}

/// Whether each way to a role is available, and the role at all.
async fn availability(service: &Service) -> [bool; 3] {
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let told = admin.get("/v1/integrations/bedrock").await;
    let role = &told.body["methods"][0];
    let is_available = |way: &Value| {
        let is_available = way["available"].as_bool().unwrap();
        assert_eq!(way["unavailable_reason"].is_null(), is_available, "{way}");
        is_available
    };
    [
        is_available(&role["federations"][0]),
        is_available(&role["federations"][1]),
        is_available(role),
    ]
}

#[tokio::test]
async fn the_catalogue_says_which_field_is_for_external_ids_alone() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let told = admin.get("/v1/integrations/bedrock").await;
    let methods = told.body["methods"].as_array().unwrap();
    let fields = methods
        .iter()
        .flat_map(|one| one["fields"].as_array().unwrap());
    let bound: Vec<_> = fields
        .filter(|field| !field["federation"].is_null())
        .map(|field| (&field["name"], &field["federation"]))
        .collect();
    assert_eq!(bound, [(&json!("external_id"), &json!("assume_role"))]);
}

#[tokio::test]
async fn the_catalogue_says_where_it_is_not_available_and_why() {
    let neither = Service::start().await;
    assert_eq!(availability(&neither).await, [false, false, false]);
    let admin = neither.caller("acme", "admin").await;
    let body = json!({ "method": "iam_role", "federation": "oidc", "region": "us-east-1" });
    let refused = connect(&admin, body).await;
    assert_eq!(refused.problem(), (422, "method_unavailable"));
    assert!(
        refused.text("detail").contains("BI_PUBLIC_URL"),
        "{refused:?}"
    );

    let public = Options {
        public_url: Some("https://bi.example".to_owned()),
        ..Options::default()
    };
    let issuer = Service::with(public).await;
    assert_eq!(availability(&issuer).await, [false, true, true]);
}
