//! Aliases: well formed and unique in a tenant.

use serde_json::json;

use super::world::{NOVA, SONNET, World, path};

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
