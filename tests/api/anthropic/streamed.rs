//! Messages in events: Anthropic's own, and what becomes of a stream that breaks.

use std::time::Duration;

use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};

use super::world::{NINE, World, count_to_nine, with};
use crate::conversations::world::events;

const STREAM: &str = "InvokeModelWithResponseStream";

/// Asks for events, and reads them to their end.
async fn told(world: &World, body: Value) -> Vec<(String, Value)> {
    let answer = world.stream(body).await;
    assert_eq!(answer.status(), 200);
    events(&answer.text().await.unwrap())
}

#[tokio::test]
async fn events_are_the_models_own_named_by_their_type() {
    let world = World::start().await;
    let answer = world.stream(count_to_nine()).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert!(answer.headers().contains_key("request-id"));
    let told = events(&answer.text().await.unwrap());
    for (name, event) in &told {
        assert_eq!(*name, event["type"].as_str().unwrap());
    }
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..2], ["message_start", "content_block_start"]);
    let last = &names[names.len() - 3..];
    assert_eq!(
        last,
        ["content_block_stop", "message_delta", "message_stop"]
    );
    let pieces: Vec<_> = told
        .iter()
        .filter_map(|(_, event)| event["delta"]["text"].as_str())
        .collect();
    assert!(pieces.len() > 1);
    assert_eq!(pieces.concat(), NINE);
}

#[tokio::test]
async fn tools_and_thinking_come_in_pieces() {
    let world = World::start().await;
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    let told = told(
        &world,
        with(json!({
            "max_tokens": 4_000,
            "thinking": { "type": "enabled", "budget_tokens": 2_000 },
            "tools": [{ "name": "weather", "input_schema": schema }],
            "messages": [{ "role": "user", "content": "What is the weather in Paris?" }],
        })),
    )
    .await;
    let of = |kind: &str, member: &str| -> String {
        let deltas = told.iter().map(|(_, event)| &event["delta"]);
        deltas
            .filter(|delta| delta["type"] == kind)
            .map(|delta| delta[member].as_str().unwrap())
            .collect()
    };
    assert!(!of("thinking_delta", "thinking").is_empty());
    assert!(!of("signature_delta", "signature").is_empty());
    let input: Value = serde_json::from_str(&of("input_json_delta", "partial_json")).unwrap();
    assert!(input["city"].is_string(), "{input}");
}

#[tokio::test]
async fn what_a_stream_used_is_noted_and_what_a_cancelled_one_used_until_then() {
    let world = World::start().await;
    let told = told(&world, count_to_nine()).await;
    let [whole] = &world.usage().await[..] else {
        panic!("one stream was asked for")
    };
    let input = &told[0].1["message"]["usage"]["input_tokens"];
    assert_eq!(&whole["input_tokens"], input);
    let end = told.iter().find(|(name, _)| name == "message_delta");
    assert_eq!(
        whole["output_tokens"],
        end.unwrap().1["usage"]["output_tokens"]
    );

    let account = world.0.aws.demo.account_id;
    world.0.aws.world.account(account, |account| {
        account.bedrock.pace = Duration::from_millis(200);
    });
    let mut answer = world.stream(count_to_nine()).await;
    answer.chunk().await.unwrap();
    drop(answer);
    let usage = world.usage().await;
    let cancelled = usage.iter().find(|row| row["outcome"] == "cancelled");
    assert_eq!(&cancelled.unwrap()["input_tokens"], input);
}

#[tokio::test]
async fn what_fails_before_the_first_event_has_a_status_of_its_own() {
    let world = World::start().await;
    let slow = Refusal::new(
        429,
        "ThrottlingException",
        "Too many requests, please wait.",
    );
    world
        .0
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(slow)).on(STREAM));
    let answer = world.stream(count_to_nine()).await;
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("retry-after"));
    let error: Value = answer.json().await.unwrap();
    assert_eq!(error["error"]["type"], "rate_limit_error");
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_and_never_as_if_it_were_whole() {
    let world = World::start().await;
    let failed = |status, code| Harm::FailAfter(3, Refusal::new(status, code, "It broke."));
    for (harm, kind) in [
        (failed(424, "ModelStreamErrorException"), "overloaded_error"),
        (failed(429, "ThrottlingException"), "rate_limit_error"),
        (failed(400, "ValidationException"), "invalid_request_error"),
        (Harm::CutAfter(3), "overloaded_error"),
    ] {
        world.0.aws.world.mend();
        world
            .0
            .aws
            .world
            .fault(Fault::always(harm.clone()).on(STREAM));
        let told = told(&world, count_to_nine()).await;
        let (name, error) = told.last().unwrap();
        assert_eq!(
            (name.as_str(), &error["type"]),
            ("error", &json!("error")),
            "{harm:?}"
        );
        assert_eq!(error["error"]["type"], kind, "{harm:?}");
        assert!(!error["error"]["message"].as_str().unwrap().is_empty());
        assert!(error["request_id"].is_string());
        assert_eq!(told.len(), 4, "{told:?}");
    }
}

#[tokio::test]
async fn a_revoked_connection_ends_it_in_band() {
    let world = World::start().await;
    let account = world.0.aws.demo.account_id;
    world.0.aws.world.account(account, |account| {
        account.bedrock.pace = Duration::from_millis(200);
    });
    let mut answer = world.stream(count_to_nine()).await;
    let mut text = answer.chunk().await.unwrap().unwrap().to_vec();
    let gone = world.0.admin.delete(&world.0.connection_path()).await;
    assert_eq!(gone.status, 200);
    while let Some(chunk) = answer.chunk().await.unwrap() {
        text.extend(chunk);
    }
    let told = events(&String::from_utf8(text).unwrap());
    let (name, error) = told.last().unwrap();
    assert_eq!(
        (name.as_str(), &error["error"]["type"]),
        ("error", &json!("permission_error"))
    );
}
