//! Messages that are answered whole.

use serde_json::{Value, json};

use super::world::{NINE, SONNET, World, count_to_nine, with};

#[tokio::test]
async fn an_answer_is_the_models_own_and_what_it_used_is_noted() {
    let world = World::start().await;
    let answer = world.create(count_to_nine()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["type"], "message");
    assert_eq!(answer.body["model"], "claude-sonnet-4-5-20250929");
    assert_eq!(
        answer.body["content"],
        json!([{ "type": "text", "text": NINE }])
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(
        answer
            .header("server-timing")
            .unwrap()
            .starts_with("own;dur=")
    );
    assert_eq!(answer.header("request-id"), answer.header("x-request-id"));

    let usage = world.usage().await;
    let [row] = usage.as_slice() else {
        panic!("one model was used: {usage:?}")
    };
    assert_eq!(row["alias"], "claude");
    assert_eq!(row["input_tokens"], answer.body["usage"]["input_tokens"]);
    assert_eq!(row["output_tokens"], answer.body["usage"]["output_tokens"]);
}

#[tokio::test]
async fn a_model_goes_by_its_alias_its_id_and_what_aws_calls_it() {
    let world = World::start().await;
    let models = world.0.admin.get("/v1/models").await;
    let claude = models
        .items()
        .iter()
        .find(|model| model["alias"] == "claude");
    let id = claude.unwrap()["id"].as_str().unwrap();
    for name in ["claude", id, SONNET] {
        let answer = world.create(with(json!({ "model": name }))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn thinking_tools_their_results_images_documents_and_caches_go_through() {
    let world = World::start().await;
    let tool = json!({
        "name": "weather",
        "input_schema": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] },
    });
    let asked = with(json!({
        "max_tokens": 4_000,
        "thinking": { "type": "enabled", "budget_tokens": 2_000 },
        "tools": [tool],
        "messages": [{ "role": "user", "content": "What is the weather in Paris?" }],
    }));
    let answer = world.create(asked.clone()).await;
    assert_eq!(
        (answer.status, &answer.body["stop_reason"]),
        (200, &json!("tool_use")),
        "{answer:?}"
    );
    let content = answer.body["content"].as_array().unwrap();
    let kinds: Vec<_> = content
        .iter()
        .map(|block| block["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        (kinds[0], kinds.last()),
        ("thinking", Some(&"tool_use")),
        "{kinds:?}"
    );

    let call = &content.last().unwrap()["id"];
    let result = json!({ "type": "tool_result", "tool_use_id": call, "content": "Rain." });
    let mut more = asked;
    let messages = more["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": content }));
    messages.push(json!({ "role": "user", "content": [result] }));
    let answer = world.create(more).await;
    assert_eq!(answer.body["stop_reason"], "end_turn", "{answer:?}");

    let data = "iVBORw0KGgo=";
    let long = "A contract. ".repeat(1_000);
    let content = json!([
        { "type": "document", "source": { "type": "base64", "media_type": "application/pdf", "data": data } },
        { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": data } },
        { "type": "text", "text": long, "cache_control": { "type": "ephemeral" } },
    ]);
    let attached = with(json!({ "messages": [{ "role": "user", "content": content }] }));
    let answer = world.create(attached.clone()).await;
    let usage = |answer: &Value, member: &str| answer["usage"][member].as_u64().unwrap();
    assert!(
        usage(&answer.body, "cache_creation_input_tokens") > 0,
        "{answer:?}"
    );
    let answer = world.create(attached).await;
    assert!(
        usage(&answer.body, "cache_read_input_tokens") > 0,
        "{answer:?}"
    );
}
