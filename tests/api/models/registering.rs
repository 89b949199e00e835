//! Registering from the list: what comes of it, and that it is all or nothing.

use harness::aws::save;
use serde_json::{Value, json};

use super::world::{NOVA, SONNET, World, path};

const HAIKU: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

fn ids(models: &[Value]) -> Vec<&str> {
    models
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn models_of_the_list_are_registered_read_changed_and_unregistered() {
    let world = World::start().await;
    let made = world
        .register(json!([{ "model_id": NOVA }, { "model_id": SONNET, "alias": "sonnet" }]))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let [nova, sonnet] = made.items() else {
        panic!("two models: {made:?}");
    };
    assert_eq!(nova["alias"], "nova-lite");
    assert_eq!(nova["invoke_id"], NOVA);
    assert_eq!(nova["connection_id"], world.connection.as_str());
    assert_eq!(nova["region"], world.aws.demo.region);
    assert_eq!(nova["name"], "Nova Lite");
    assert_eq!(nova["provider"], "Amazon");
    assert_eq!(nova["capabilities"], json!(["converse", "stream"]));
    assert_eq!(nova["modalities"]["output"], json!(["TEXT"]));
    assert_eq!(
        (&nova["state"], &nova["state_reason"]),
        (&json!("available"), &Value::Null)
    );
    assert_eq!(
        (&nova["is_default"], &sonnet["is_default"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(sonnet["model_id"], SONNET);

    let listed = world.admin.get("/v1/models").await;
    assert_eq!(listed.items(), made.items(), "in the order of the request");
    assert_eq!(world.now(sonnet).await, *sonnet);

    let changed = json!({ "alias": "claude", "is_default": true });
    let changed = world.admin.patch(&path(sonnet), changed).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.text("alias"), "claude");
    assert_eq!(changed.body["is_default"], true);
    assert_eq!(world.now(nova).await["is_default"], false);

    let gone = world.admin.delete(&path(sonnet)).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    for answer in [
        world.admin.get(&path(sonnet)).await,
        world.admin.delete(&path(sonnet)).await,
        world.admin.patch(&path(sonnet), json!({})).await,
    ] {
        assert_eq!(answer.problem(), (404, "not_found"));
    }
    // A default that goes moves nowhere.
    assert_eq!(world.now(nova).await["is_default"], false);
}

#[tokio::test]
async fn a_model_is_invoked_in_the_way_that_the_region_needs_or_the_id_names() {
    let world = World::start().await;
    let region = world.aws.demo.region;
    for (model_id, invoke_id) in [
        (SONNET, format!("us.{SONNET}")),
        (&format!("global.{SONNET}"), format!("global.{SONNET}")),
        (
            &format!("arn:aws:bedrock:{region}::foundation-model/{NOVA}"),
            NOVA.to_owned(),
        ),
        // An ARN that cannot be invoked by itself.
        (
            &format!("arn:aws:bedrock:{region}::foundation-model/{HAIKU}"),
            format!("us.{HAIKU}"),
        ),
        (
            "us.amazon.nova-lite-v1:0",
            "us.amazon.nova-lite-v1:0".to_owned(),
        ),
        (
            "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/cm1lite00001",
            "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/dp1lite00001"
                .to_owned(),
        ),
    ] {
        let made = world
            .register(json!([{ "model_id": model_id, "alias": format!("m{}", invoke_id.len()) }]))
            .await;
        assert_eq!(made.status, 201, "{model_id}: {made:?}");
        let model = &made.items()[0];
        assert_eq!(model["model_id"], model_id);
        assert_eq!(model["invoke_id"], invoke_id);
        assert_eq!(model["state"], "available");
    }
}

#[tokio::test]
async fn one_model_that_does_not_fit_keeps_all_from_being_registered() {
    let world = World::start().await;
    let refused = world
        .register(json!([
            { "model_id": NOVA, "alias": "nova" },
            { "model_id": "amazon.nova-sonic-v1:0" },
            { "model_id": "no model" },
        ]))
        .await;
    assert_eq!(refused.problem(), (422, "validation_failed"));
    assert_eq!(
        refused.pointers(),
        ["/models/1/model_id", "/models/2/model_id"]
    );
    assert!(
        refused.raw.contains("APIs that are not supported here"),
        "{refused:?}"
    );
    assert!(!refused.raw.contains("no model"), "{refused:?}");
    assert_eq!(
        world.admin.get("/v1/models").await.items(),
        [] as [Value; 0]
    );
}

#[tokio::test]
async fn a_tenant_has_so_many_models_and_no_more() {
    let world = World::start().await;
    for batch in 0..10 {
        let models = (0..50).map(|n| json!({ "model_id": format!("x.model-{batch}-{n}") }));
        let made = world.register(models.collect()).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let refused = world.register(json!([{ "model_id": NOVA }])).await;
    assert_eq!(refused.problem(), (422, "validation_failed"));
    assert_eq!(refused.pointers(), ["/models"]);
}

#[tokio::test]
async fn without_a_default_connection_one_must_be_named() {
    let world = World::start().await;
    let models = json!([{ "model_id": NOVA }]);
    let refused = super::world::register(&world.other, models.clone()).await;
    assert_eq!(refused.problem(), (422, "validation_failed"));
    assert_eq!(refused.pointers(), ["/connection_id"]);
    // Another tenant's is none.
    let body = json!({ "connection_id": world.connection, "models": models });
    let refused = world.other.post("/v1/models", body).await;
    assert_eq!(refused.problem(), (404, "not_found"));
    let own = save(&world.other, "Mine", world.aws.by_key()).await;
    let body = json!({ "connection_id": own["id"], "models": models });
    let made = world.other.post("/v1/models", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.items()[0]["connection_id"], own["id"]);
}

#[tokio::test]
async fn the_same_request_again_registers_nothing_twice() {
    let world = World::start().await;
    let admin = world.admin.clone().header("idempotency-key", "models");
    let body = json!({ "models": [{ "model_id": NOVA }, { "model_id": SONNET }] });
    let made = admin.post("/v1/models", body.clone()).await;
    let again = admin.post("/v1/models", body).await;
    assert_eq!((made.status, again.status), (201, 201), "{again:?}");
    assert_eq!(made.body, again.body);
    let listed = world.admin.get("/v1/models").await;
    assert_eq!(ids(listed.items()), ids(made.items()));
}

#[tokio::test]
async fn another_tenant_finds_and_changes_none() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    for answer in [
        world.other.get(&path(&nova)).await,
        world
            .other
            .patch(&path(&nova), json!({ "alias": "mine" }))
            .await,
        world.other.delete(&path(&nova)).await,
    ] {
        assert_eq!(answer.problem(), (404, "not_found"));
    }
    let of_connection = format!("/v1/models?connection_id={}", world.connection);
    for path in ["/v1/models", &of_connection] {
        assert_eq!(world.other.get(path).await.items(), [] as [Value; 0]);
    }
    assert_eq!(world.now(&nova).await, nova);
}

#[tokio::test]
async fn what_is_done_to_models_is_audited() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    world.tick();
    world
        .admin
        .patch(&path(&nova), json!({ "alias": "lite" }))
        .await;
    world.tick();
    world.admin.delete(&path(&nova)).await;
    let events = world.admin.get("/v1/audit").await;
    let registered = events
        .items()
        .iter()
        .find(|event| event["action"] == "model.registered");
    assert_eq!(
        registered.unwrap()["aws"]["account_id"],
        world.aws.demo.account_id
    );
    let told: Vec<_> = events
        .items()
        .iter()
        .filter(|event| event["subject"] == nova["id"])
        .map(|event| {
            (
                event["action"].as_str().unwrap(),
                event["detail"]["alias"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("model.unregistered", "lite"),
            ("model.changed", "lite"),
            ("model.registered", "nova"),
        ]
    );
}
