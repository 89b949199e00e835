//! Completions in chunks, and what becomes of a stream that breaks.

use std::time::Duration;

use harness::Options;
use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};
use server::app::conversations::Patience;

use super::world::{asking, chunks, stream, with};
use crate::conversations::world::World;

#[tokio::test]
async fn chunks_say_what_the_whole_answer_says_and_end_with_its_usage() {
    let world = World::start().await;
    let options = json!({ "stream_options": { "include_usage": true } });
    let answer = stream(&world, with(asking("count to 5"), options)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let told = chunks(&answer.text().await.unwrap());
    let [first, .., stop, usage, done] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(first["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(stop["choices"][0]["finish_reason"], "stop");
    assert_eq!(usage["choices"], json!([]));
    assert!(usage["usage"]["completion_tokens"].as_u64().unwrap() > 0);
    assert_eq!(done, "[DONE]");
    let said: String = told
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(said, "1, 2, 3, 4, 5");
    let ids: Vec<_> = told.iter().filter_map(|chunk| chunk.get("id")).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
}

#[tokio::test]
async fn parallel_calls_are_told_apart_by_their_index() {
    let world = World::start().await;
    let function = |name: &str| json!({ "type": "function", "function": { "name": name } });
    let tools = json!({ "tools": [function("get_weather"), function("get_time")] });
    let request = with(asking("What are the weather and the time in Paris?"), tools);
    let answer = stream(&world, request).await;
    let told = chunks(&answer.text().await.unwrap());
    let calls: Vec<_> = told
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].get(0))
        .collect();
    let names: Vec<_> = calls
        .iter()
        .filter(|call| call.get("id").is_some())
        .map(|call| (call["index"].as_u64().unwrap(), &call["function"]["name"]))
        .collect();
    assert_eq!(names, [(0, &json!("get_weather")), (1, &json!("get_time"))]);
    let stop = &told[told.len() - 2]["choices"][0]["finish_reason"];
    assert_eq!(stop, "tool_calls", "{told:?}");
}

#[tokio::test]
async fn what_fails_before_the_first_event_has_a_status_of_its_own() {
    let world = World::start().await;
    let throttled = Refusal::new(
        429,
        "ThrottlingException",
        "Too many requests, please wait.",
    );
    world
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(throttled)).on("ConverseStream"));
    let answer = stream(&world, asking("Hello")).await;
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("retry-after"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_and_is_not_done() {
    let world = World::start().await;
    let failed = Refusal::new(424, "ModelStreamErrorException", "The model broke.");
    for harm in [Harm::FailAfter(3, failed), Harm::CutAfter(3)] {
        world.aws.world.mend();
        world
            .aws
            .world
            .fault(Fault::always(harm).on("ConverseStream"));
        let answer = stream(&world, asking("count to 9")).await;
        assert_eq!(answer.status(), 200);
        let told = chunks(&answer.text().await.unwrap());
        assert_eq!(
            told.last().unwrap()["error"]["code"],
            "aws_unavailable",
            "{told:?}"
        );
        assert_eq!(told.len(), 4, "{told:?}");
    }
}

#[tokio::test]
async fn what_is_held_back_until_it_is_known_for_the_answer_is_no_silence() {
    let patience = Patience {
        sign: Duration::from_millis(10),
        ..Patience::default()
    };
    let world = World::with(Options {
        patience,
        ..Options::default()
    })
    .await;
    let account = world.aws.demo.account_id;
    world.aws.world.account(account, |account| {
        account.bedrock.pace = Duration::from_millis(20);
    });
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let format =
        json!({ "type": "json_schema", "json_schema": { "name": "place", "schema": schema } });
    let request = with(
        asking("I live in Paris"),
        json!({ "response_format": format }),
    );
    let text = stream(&world, request).await.text().await.unwrap();
    // The call has begun, and says nothing to the client.
    assert!(text.contains("\n\n: still thinking\n\n"), "{text}");
}

#[tokio::test]
async fn who_waits_for_nothing_is_told_of_no_wait() {
    let world = World::start().await;
    let text = stream(&world, asking("count to 9")).await.text().await;
    let text = text.unwrap();
    assert!(!text.contains("still thinking"), "{text}");
}

#[tokio::test]
async fn a_disconnect_ends_it_with_an_error_too() {
    let world = World::start().await;
    world
        .aws
        .world
        .account(world.aws.demo.account_id, |account| {
            account.bedrock.pace = Duration::from_millis(200);
        });
    let mut answer = stream(&world, asking("count to 50")).await;
    let first = answer.chunk().await.unwrap().unwrap();
    let disconnected = world.admin.delete(&world.connection_path()).await;
    assert_eq!(disconnected.status, 200);
    let rest = answer.text().await.unwrap();
    let told = chunks(&format!(
        "{}{rest}",
        String::from_utf8(first.to_vec()).unwrap()
    ));
    assert_eq!(
        told.last().unwrap()["error"]["code"],
        "withdrawn",
        "{told:?}"
    );
}
