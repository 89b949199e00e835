//! What OpenAI's clients send, and what they get.

use harness::Answer;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::conversations::world::World;

pub(crate) const CHAT: &str = "/openai/v1/chat/completions";
pub(crate) const EMBEDDINGS: &str = "/openai/v1/embeddings";

/// A request of the model with the alias `nova`.
pub(crate) fn asking(text: &str) -> Value {
    json!({ "model": "nova", "messages": [{ "role": "user", "content": text }] })
}

/// A request with more members, or others.
pub(crate) fn with(mut request: Value, members: Value) -> Value {
    let (Value::Object(known), Value::Object(members)) = (&mut request, members) else {
        panic!("members are an object");
    };
    known.extend(members);
    request
}

/// Asks for a completion.
pub(crate) async fn complete(world: &World, request: Value) -> Answer {
    world.member.post(CHAT, request).await
}

/// Asks for a completion in chunks.
pub(crate) async fn stream(world: &World, request: Value) -> Response {
    let request = with(request, json!({ "stream": true }));
    let asked = world.member.request(Method::POST, CHAT).json(&request);
    asked.send().await.unwrap()
}

/// The data of a stream's events, the last of which may be no JSON.
pub(crate) fn chunks(text: &str) -> Vec<Value> {
    let events = text.split_terminator("\n\n");
    let data = events.filter_map(|event| event.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data)))
        .collect()
}

/// Status and code of a refusal, whose shape must be OpenAI's.
pub(crate) fn refused(answer: &Answer) -> (u16, &str) {
    let error = answer.body["error"]
        .as_object()
        .unwrap_or_else(|| panic!("{answer:?}"));
    let names: Vec<_> = error.keys().map(String::as_str).collect();
    assert_eq!(names.len(), 4, "{answer:?}");
    for name in ["message", "type", "code"] {
        assert!(error[name].is_string(), "{answer:?}");
    }
    (answer.status, error["code"].as_str().unwrap())
}
