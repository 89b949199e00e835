//! The models that OpenAI's clients find.

use serde_json::json;

use super::world::refused;
use crate::conversations::world::{World, register};

#[tokio::test]
async fn registered_models_are_listed_and_read_by_their_aliases() {
    let world = World::start().await;
    register(
        &world.admin,
        &world.connection,
        "amazon.titan-embed-text-v2:0",
        "titan",
    )
    .await;
    let list = world.member.get("/openai/v1/models").await;
    assert_eq!(
        (list.status, &list.body["object"]),
        (200, &json!("list")),
        "{list:?}"
    );
    let ids: Vec<_> = list.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| &model["id"])
        .collect();
    assert_eq!(ids, ["nova", "titan"]);
    for name in ["nova", &world.model, world.aws.demo.model_id] {
        let read = world.member.get(&format!("/openai/v1/models/{name}")).await;
        assert_eq!(read.body, list.body["data"][0], "{name}");
    }
    assert_eq!(list.body["data"][0]["owned_by"], "Amazon");
}

#[tokio::test]
async fn another_tenant_has_its_own() {
    let world = World::start().await;
    world.service.tenant("two").await;
    let other = world.service.caller("two", "member").await;
    let list = other.get("/openai/v1/models").await;
    assert_eq!((list.status, &list.body["data"]), (200, &json!([])));
    let read = other
        .get(&format!("/openai/v1/models/{}", world.model))
        .await;
    assert_eq!(refused(&read), (404, "model_not_found"));
    let nobody = world.service.anonymous().get("/openai/v1/models").await;
    assert_eq!(refused(&nobody), (401, "invalid_api_key"));
}
