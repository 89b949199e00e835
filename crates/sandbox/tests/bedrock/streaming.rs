//! Streamed answers of Converse.

use aws_sdk_bedrockruntime::types::{ConverseStreamOutput, StopReason};
use serde_json::{Value, json};

use crate::stage::{LITE, SONNET_PROFILE, Stage, asked, said, weather};

#[tokio::test]
async fn the_sdk_gets_the_answer_in_pieces_then_the_reason_then_the_counts() {
    let stage = Stage::new().await;
    let mut answer = stage
        .client()
        .converse_stream()
        .model_id(LITE)
        .messages(said("count to 20"))
        .send()
        .await
        .ok()
        .unwrap();
    let mut text = String::new();
    let (mut pieces, mut stop, mut usage) = (0, None, None);
    while let Some(event) = answer.stream.recv().await.ok().unwrap() {
        match event {
            ConverseStreamOutput::ContentBlockDelta(event) => {
                text.push_str(event.delta().unwrap().as_text().unwrap());
                pieces += 1;
            }
            ConverseStreamOutput::MessageStop(event) => stop = Some(event.stop_reason),
            ConverseStreamOutput::Metadata(event) => usage = event.usage,
            _ => {}
        }
    }
    let body = asked("count to 20");
    let whole = stage.converse(LITE, &body).await;
    assert_eq!(whole["output"]["message"]["content"][0]["text"], text);
    assert!(pieces > 1);
    assert_eq!(stop, Some(StopReason::EndTurn));
    assert_eq!(whole["usage"]["totalTokens"], usage.unwrap().total_tokens());
}

#[tokio::test]
async fn the_events_come_in_the_order_of_aws_and_are_padded() {
    let stage = Stage::new().await;
    let raw = stage.post(LITE, "converse-stream", &asked("Say yes")).await;
    let events = raw.events();
    let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata"
        ]
    );
    assert!(events.iter().all(|event| event.payload["p"].is_string()));
    assert_eq!(events[1].payload["delta"]["text"], "yes");
    assert_eq!(events[1].payload["contentBlockIndex"], 0);
}

#[tokio::test]
async fn a_tool_s_input_comes_in_pieces_of_json() {
    let stage = Stage::new().await;
    let mut body = asked("What is the weather in Constantinople?");
    body["toolConfig"] = weather();
    let events = stage.post(SONNET_PROFILE, "converse-stream", &body).await;
    let events = events.events();
    let of = |kind: &str| -> Vec<&Value> {
        let those = events.iter().filter(|event| event.kind == kind);
        those.map(|event| &event.payload).collect()
    };
    let start = &of("contentBlockStart")[0]["start"]["toolUse"];
    assert_eq!(start["name"], "get_weather");
    assert!(start["toolUseId"].as_str().unwrap().starts_with("tooluse_"));
    let deltas = of("contentBlockDelta");
    assert!(deltas.len() > 1);
    let input: String = deltas
        .iter()
        .map(|delta| delta["delta"]["toolUse"]["input"].as_str().unwrap())
        .collect();
    let input: Value = serde_json::from_str(&input).unwrap();
    assert_eq!(input, json!({ "city": "Constantinople" }));
    assert_eq!(of("messageStop")[0]["stopReason"], "tool_use");
}

#[tokio::test]
async fn a_thought_is_signed_at_its_end() {
    let stage = Stage::new().await;
    let mut body = asked("Say yes");
    body["additionalModelRequestFields"] =
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1_024 } });
    let events = stage.post(SONNET_PROFILE, "converse-stream", &body).await;
    let events = events.events();
    let block = |index: u64| -> Vec<&Value> {
        let those = events.iter().filter(|event| {
            event.kind == "contentBlockDelta" && event.payload["contentBlockIndex"] == index
        });
        those.map(|event| &event.payload["delta"]).collect()
    };
    let thought = block(0);
    let (last, before) = thought.split_last().unwrap();
    assert!(last["reasoningContent"]["signature"].is_string());
    assert!(
        before
            .iter()
            .all(|delta| delta["reasoningContent"]["text"].is_string())
    );
    assert_eq!(block(1)[0]["text"], "yes");
}
