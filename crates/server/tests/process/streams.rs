//! What the log tells of a stream.

use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Process, program};

fn demo(data: &std::path::Path) -> Command {
    let mut command = program(&["demo"]);
    command
        .env("TMPDIR", data)
        .env("RUST_LOG", "info")
        .env("BI_LOG_FORMAT", "json");
    command
}

#[tokio::test]
async fn its_end_is_told_with_what_it_used() {
    let temp = crate::demo::temp();
    let mut process = Process::start(&mut demo(temp.path()));
    let ready = crate::demo::ready(&process.line("ready {"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http
        .post(format!(
            "{}/v1/models/nova/converse",
            ready["url"].as_str().unwrap()
        ))
        .bearer_auth(ready["api_key"].as_str().unwrap())
        .header("accept", "text/event-stream")
        .header("x-request-id", "a-stream-of-mine")
        .json(&json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let events = answer.text().await.unwrap();

    let line: Value = serde_json::from_str(&process.line("a stream ended")).unwrap();

    let (_, metadata) = events.rsplit_once("\ndata: ").unwrap();
    let metadata: Value = serde_json::from_str(metadata.trim()).unwrap();
    let (input, output) = (
        &metadata["usage"]["inputTokens"],
        &metadata["usage"]["outputTokens"],
    );
    assert!(input.as_u64() > Some(0), "{metadata}");
    assert_eq!(line["request_id"], "a-stream-of-mine", "{line}");
    assert_eq!(line["outcome"], "answered", "{line}");
    assert_eq!(
        (&line["input_tokens"], &line["output_tokens"]),
        (input, output)
    );
    assert!(
        line["tenant"].as_str().unwrap().starts_with("ten_"),
        "{line}"
    );
    assert!(line["ms"].as_f64() > Some(0.0), "{line}");
    process.kill();
}
