//! Aliases: well formed, unique in a tenant, and told apart when two admins want the same at once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{NOVA, SONNET, World, path, register};

const MICRO: &str = "amazon.nova-micro-v1:0";

#[tokio::test]
async fn an_alias_that_is_taken_is_refused_where_it_was_entered() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova-micro").await;
    for (models, pointer) in [
        (
            json!([{ "model_id": SONNET, "alias": "nova-micro" }]),
            "/models/0/alias",
        ),
        // Its own would be the same.
        (
            json!([{ "model_id": SONNET }, { "model_id": MICRO }]),
            "/models/1/alias",
        ),
        (
            json!([{ "model_id": SONNET, "alias": "x" }, { "model_id": MICRO, "alias": "x" }]),
            "/models/1/alias",
        ),
        // Registered already, or twice at once.
        (
            json!([{ "model_id": NOVA, "alias": "x" }]),
            "/models/0/model_id",
        ),
        (
            json!([{ "model_id": SONNET, "alias": "x" }, { "model_id": format!("us.{SONNET}"), "alias": "y" }]),
            "/models/1/model_id",
        ),
    ] {
        let refused = world.register(models.clone()).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{models}");
        assert_eq!(refused.pointers(), [pointer], "{models}: {refused:?}");
    }
    let told = world
        .register(json!([{ "model_id": NOVA, "alias": "x" }]))
        .await;
    assert!(told.raw.contains("nova-micro"), "names the alias: {told:?}");

    let sonnet = world.one(SONNET, "sonnet").await;
    let refused = world
        .admin
        .patch(&path(&sonnet), json!({ "alias": "nova-micro" }))
        .await;
    assert_eq!(refused.problem(), (422, "validation_failed"));
    assert_eq!(refused.pointers(), ["/alias"]);
    assert_eq!(world.now(&nova).await, nova);
    // Its own it may keep.
    let kept = world
        .admin
        .patch(&path(&sonnet), json!({ "alias": "sonnet" }))
        .await;
    assert_eq!(kept.status, 200, "{kept:?}");
}

#[tokio::test]
async fn an_alias_that_could_be_an_id_is_refused() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    for alias in [
        "",
        "Sonnet",
        "mod_x",
        "amazon.nova",
        "a b",
        "ä",
        "-x",
        "x\0",
    ] {
        let refused = world
            .register(json!([{ "model_id": SONNET, "alias": alias }]))
            .await;
        assert_eq!(
            refused.pointers(),
            ["/models/0/alias"],
            "{alias:?}: {refused:?}"
        );
        let refused = world
            .admin
            .patch(&path(&nova), json!({ "alias": alias }))
            .await;
        assert_eq!(refused.pointers(), ["/alias"], "{alias:?}: {refused:?}");
    }
}

#[tokio::test]
async fn of_admins_who_want_one_alias_at_once_one_gets_it() {
    let world = World::start().await;
    // What AWS lists is known, so that they meet in the database.
    world.one(MICRO, "micro").await;
    for alias in ["a", "b", "c"] {
        let wish = |model_id: &str| {
            register(
                &world.admin,
                json!([{ "model_id": model_id, "alias": alias }]),
            )
        };
        let ids = ["x.one", "x.two", "x.three"].map(|id| format!("{id}-{alias}"));
        let answers = join_all(ids.iter().map(|id| wish(id))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 1, "{answers:?}");
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(refused.problem(), (422, "validation_failed"), "{refused:?}");
            assert_eq!(refused.pointers(), ["/models/0/alias"]);
        }
    }
}

#[tokio::test]
async fn of_first_models_registered_at_once_one_becomes_the_default() {
    let world = World::start().await;
    // What AWS lists is known, so that they meet in the database.
    let listed = format!(
        "/v1/integrations/bedrock/connections/{}/models",
        world.connection
    );
    assert_eq!(world.admin.get(&listed).await.status, 200);
    let answers =
        join_all([NOVA, SONNET].map(|id| register(&world.admin, json!([{ "model_id": id }]))))
            .await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let models = world.admin.get("/v1/models").await;
    let defaults: Vec<&Value> = models
        .items()
        .iter()
        .filter(|model| model["is_default"] == true)
        .collect();
    assert_eq!(defaults.len(), 1, "{models:?}");
}
