//! Whole completions.

use sandbox::bedrock::ApplicationProfile;
use serde_json::{Value, json};

use super::world::{asking, complete, with};
use crate::conversations::world::{World, register};

#[tokio::test]
async fn a_completion_is_what_the_model_said_and_what_it_used() {
    let world = World::start().await;
    let request = with(
        asking("count to 5"),
        json!({ "max_completion_tokens": 50, "seed": 1 }),
    );
    let answer = complete(&world, request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["object"], "chat.completion");
    assert_eq!(answer.body["model"], "nova");
    assert!(answer.text("id").starts_with("chatcmpl-"), "{answer:?}");
    let choice = &answer.body["choices"][0];
    assert_eq!(choice["message"]["content"], "1, 2, 3, 4, 5");
    assert_eq!(choice["finish_reason"], "stop");
    let usage = &answer.body["usage"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    assert!(count("prompt_tokens") > 0 && count("completion_tokens") > 0);
    assert_eq!(
        count("total_tokens"),
        count("prompt_tokens") + count("completion_tokens")
    );
    let timing = answer.header("server-timing").unwrap();
    assert!(timing.contains("own;dur="), "{timing}");
}

#[tokio::test]
async fn what_was_said_before_and_what_stops_the_model_is_carried_over() {
    let world = World::start().await;
    let messages = json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": "Who are you?" },
        { "role": "assistant", "content": "Nova." },
        { "role": "user", "content": "And now?" },
    ]);
    let answer = complete(&world, json!({ "model": "nova", "messages": messages })).await;
    let content = answer.body["choices"][0]["message"]["content"]
        .as_str()
        .unwrap();
    assert!(content.contains("You said: And now?"), "{content}");
    assert!(
        content.contains("My instructions are: Be brief."),
        "{content}"
    );

    let answer = complete(&world, with(asking("count to 9"), json!({ "stop": "4" }))).await;
    assert_eq!(answer.body["choices"][0]["message"]["content"], "1, 2, 3, ");
    let answer = complete(
        &world,
        with(asking("count to 9"), json!({ "max_tokens": 1 })),
    )
    .await;
    assert_eq!(answer.body["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn tools_are_called_and_their_results_told_together() {
    let world = World::start().await;
    let tools = json!([{ "type": "function", "function": {
        "name": "get_weather",
        "parameters": { "type": "object", "properties": { "city": { "type": "string" } } },
    } }]);
    let request = with(
        asking("What is the weather in Paris?"),
        json!({ "tools": tools }),
    );
    let answer = complete(&world, request.clone()).await;
    let choice = &answer.body["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls", "{answer:?}");
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!(call["function"]["name"], "get_weather");
    let arguments: Value =
        serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments, json!({ "city": "Paris" }));

    let calls = ["a", "b"].map(|id| {
        json!({ "id": id, "type": "function", "function": { "name": "get_weather", "arguments": "{}" } })
    });
    let result =
        |id: &str, content: &str| json!({ "role": "tool", "tool_call_id": id, "content": content });
    let messages = json!([
        request["messages"][0],
        { "role": "assistant", "content": null, "tool_calls": calls },
        result("a", "sunny"),
        result("b", "18 degrees"),
    ]);
    let answer = complete(&world, with(request, json!({ "messages": messages }))).await;
    let content = &answer.body["choices"][0]["message"]["content"];
    assert_eq!(content, "The tool says: sunny; 18 degrees");
}

#[tokio::test]
async fn an_answer_follows_a_schema_also_by_a_tool_where_the_model_has_nothing_better() {
    let world = World::start().await;
    let sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    register(&world.admin, &world.connection, sonnet, "sonnet").await;
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let format =
        json!({ "type": "json_schema", "json_schema": { "name": "place", "schema": schema } });
    for model in ["nova", "sonnet"] {
        let request = with(
            asking("I live in Paris"),
            json!({ "model": model, "response_format": format }),
        );
        let answer = complete(&world, request).await;
        let choice = &answer.body["choices"][0];
        let content = choice["message"]["content"].as_str().unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(content).unwrap(),
            json!({ "city": "Paris" }),
            "{model}"
        );
        assert_eq!(choice["finish_reason"], "stop");
        assert!(choice["message"].get("tool_calls").is_none(), "{answer:?}");
    }
}

#[tokio::test]
async fn images_are_shown_and_thoughts_told() {
    let world = World::start().await;
    let parts = json!([
        { "type": "text", "text": "What is this?" },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } },
    ]);
    let messages = json!([{ "role": "user", "content": parts }]);
    let answer = complete(&world, json!({ "model": "nova", "messages": messages })).await;
    let content = answer.body["choices"][0]["message"]["content"]
        .as_str()
        .unwrap();
    assert!(content.contains("You sent one image."), "{content}");

    let sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    register(&world.admin, &world.connection, sonnet, "sonnet").await;
    let request = with(
        asking("say yes"),
        json!({ "model": "sonnet", "reasoning_effort": "low" }),
    );
    let answer = complete(&world, request).await;
    let message = &answer.body["choices"][0]["message"];
    assert_eq!(message["content"], "yes", "{answer:?}");
    assert!(
        message["reasoning_content"]
            .as_str()
            .unwrap()
            .contains("say yes")
    );
}

#[tokio::test]
async fn claude_makes_one_call_at_a_time_if_it_is_told_to() {
    let world = World::start().await;
    let sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    register(&world.admin, &world.connection, sonnet, "sonnet").await;
    let function = |name: &str| json!({ "type": "function", "function": { "name": name } });
    let tools = [function("get_weather"), function("get_time")];
    for (parallel, calls) in [(true, 2), (false, 1)] {
        let request = with(
            asking("What are the weather and the time in Paris?"),
            json!({ "model": "sonnet", "tools": tools, "parallel_tool_calls": parallel }),
        );
        let answer = complete(&world, request).await;
        let told = &answer.body["choices"][0]["message"]["tool_calls"];
        assert_eq!(told.as_array().unwrap().len(), calls, "{answer:?}");
    }
}

#[tokio::test]
async fn what_an_arn_hides_is_known_by_the_model_behind_it() {
    let world = World::start().await;
    let account = world.aws.demo.account_id;
    let sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let profile = ApplicationProfile::new("us-east-1", "a1b2c3d4e5f6", "Research", sonnet);
    let arn = profile.arn(account.parse().unwrap());
    world.aws.world.account(account, |account| {
        account.bedrock.profiles.push(profile);
    });
    let path = format!("{}/models?refresh=true", world.connection_path());
    assert_eq!(world.admin.get(&path).await.status, 200);
    register(&world.admin, &world.connection, &arn, "research").await;
    let request = with(
        asking("say yes"),
        json!({ "model": "research", "reasoning_effort": "low" }),
    );
    let answer = complete(&world, request).await;
    let message = &answer.body["choices"][0]["message"];
    assert!(message["reasoning_content"].is_string(), "{answer:?}");
    let body = json!({ "model": "research", "messages": [{ "role": "user", "content": "Hello" }] });
    let count = "/anthropic/v1/messages/count_tokens";
    let counted = world.member.post(count, body).await;
    assert_eq!(counted.status, 200, "{counted:?}");
}

#[tokio::test]
async fn what_was_used_is_noted() {
    let world = World::start().await;
    assert_eq!(complete(&world, asking("count to 5")).await.status, 200);
    let context = &world.service.context;
    let flushed = context.usage.flush(&context.store, context.now()).await;
    flushed.unwrap();
    let told = world.admin.get("/v1/usage").await;
    let row = &told.items()[0];
    assert_eq!(row["outcome"], "answered", "{told:?}");
    assert!(row["output_tokens"].as_u64().unwrap() > 0, "{told:?}");
}
