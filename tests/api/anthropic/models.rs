//! The list of models, for clients that look before they ask.

use serde_json::json;

use super::world::{World, refused};
use crate::conversations::world::register;

const MODELS: &str = "/anthropic/v1/models";

#[tokio::test]
async fn claude_models_are_listed_the_newest_first_and_in_pages() {
    let world = World::start().await;
    let haiku = "us.anthropic.claude-3-5-haiku-20241022-v1:0";
    register(&world.0.admin, &world.0.connection, haiku, "haiku").await;
    let member = &world.0.member;
    let list = member.get(MODELS).await;
    assert_eq!(list.status, 200, "{list:?}");
    let ids = |list: &harness::Answer| -> Vec<String> {
        let data = list.body["data"].as_array().unwrap();
        let ids = data.iter().map(|model| model["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    assert_eq!(ids(&list), ["haiku", "claude"]);
    assert_eq!(list.body["has_more"], false);
    let first = member.get(&format!("{MODELS}?limit=1&beta=true")).await;
    assert_eq!(
        (ids(&first), &first.body["has_more"]),
        (vec!["haiku".to_owned()], &json!(true))
    );
    let second = member
        .get(&format!("{MODELS}?limit=1&after_id=haiku"))
        .await;
    assert_eq!(
        (ids(&second), &second.body["has_more"]),
        (vec!["claude".to_owned()], &json!(false))
    );
    let wrong = member.get(&format!("{MODELS}?after_id=nova")).await;
    assert_eq!(refused(&wrong).0, 400);
}

#[tokio::test]
async fn one_model_is_read_by_any_of_its_names() {
    let world = World::start().await;
    let model = world.0.member.get(&format!("{MODELS}/claude")).await;
    assert_eq!(model.status, 200, "{model:?}");
    assert_eq!(model.body["type"], "model");
    assert_eq!(model.body["display_name"], "Claude Sonnet 4.5");
    assert_eq!(model.body["lifecycle"], "active");
    assert!(model.body["created_at"].as_str().unwrap().ends_with('Z'));
    let path = format!("{MODELS}/{}", super::world::SONNET.replace(':', "%3A"));
    assert_eq!(world.0.member.get(&path).await.body, model.body);
    for name in ["nova", "unknown"] {
        let answer = world.0.member.get(&format!("{MODELS}/{name}")).await;
        assert_eq!(refused(&answer).0, 404, "{answer:?}");
    }
}
