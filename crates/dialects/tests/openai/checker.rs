//! What AWS would have against a body of Converse, as far as its model of the operation tells.

use std::collections::HashSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

/// Panics unless the body is valid.
pub(crate) fn check(body: &Value) {
    const KNOWN: [&str; 8] = [
        "messages",
        "system",
        "inferenceConfig",
        "toolConfig",
        "additionalModelRequestFields",
        "outputConfig",
        "requestMetadata",
        "serviceTier",
    ];
    let members = body.as_object().unwrap();
    assert!(
        members.keys().all(|name| KNOWN.contains(&&**name)),
        "{body}"
    );
    for block in list(&body["system"]) {
        check_block(block, &["text", "cachePoint"]);
    }
    inference(&body["inferenceConfig"]);
    let tools = tools(&body["toolConfig"]);
    turns(list(&body["messages"]), &tools);
}

fn turns(turns: &[Value], tools: &HashSet<&str>) {
    const USER: [&str; 6] = [
        "text",
        "image",
        "audio",
        "document",
        "toolResult",
        "cachePoint",
    ];
    assert_eq!(turns[0]["role"], "user");
    let mut calls: Vec<&str> = Vec::new();
    let mut documents = HashSet::new();
    for (index, turn) in turns.iter().enumerate() {
        let is_user = index % 2 == 0;
        assert_eq!(turn["role"], if is_user { "user" } else { "assistant" });
        let blocks = list(&turn["content"]);
        assert!(!blocks.is_empty());
        let mut results = Vec::new();
        let mut own = Vec::new();
        for block in blocks {
            check_block(block, if is_user { &USER } else { &["text", "toolUse"] });
            if let Some(result) = block.get("toolResult") {
                results.push(result["toolUseId"].as_str().unwrap());
            }
            if let Some(call) = block.get("toolUse") {
                own.push(call["toolUseId"].as_str().unwrap());
                assert!(tools.contains(call["name"].as_str().unwrap()), "{call}");
            }
            if let Some(document) = block.get("document") {
                assert!(documents.insert(document["name"].as_str().unwrap()));
            }
        }
        calls.sort_unstable();
        results.sort_unstable();
        assert_eq!(results, calls, "results follow their calls, each once");
        assert_eq!(own.iter().collect::<HashSet<_>>().len(), own.len());
        calls = own;
    }
    assert!(calls.is_empty());
}

fn check_block(block: &Value, kinds: &[&str]) {
    let members = block.as_object().unwrap();
    assert_eq!(members.len(), 1, "{block}");
    let (kind, value) = members.iter().next().unwrap();
    assert!(kinds.contains(&&**kind), "{block}");
    match &**kind {
        "text" => assert!(!value.as_str().unwrap().trim().is_empty()),
        "image" => media(value, &["png", "jpeg", "gif", "webp"]),
        "audio" => media(value, &["mp3", "wav"]),
        "document" => {
            media(
                value,
                &[
                    "pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md",
                ],
            );
            let name = value["name"].as_str().unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || " -()[]".contains(c);
            assert!(
                (1..=200).contains(&name.len()) && name.chars().all(plain) && !name.contains("  "),
                "{name}"
            );
        }
        "toolUse" => {
            id(&value["toolUseId"]);
            name(&value["name"]);
            assert!(value["input"].is_object(), "{value}");
        }
        "toolResult" => {
            id(&value["toolUseId"]);
            for block in list(&value["content"]) {
                check_block(block, &["text"]);
            }
        }
        _ => assert_eq!(value["type"], "default"),
    }
}

fn media(value: &Value, formats: &[&str]) {
    assert!(
        formats.contains(&value["format"].as_str().unwrap()),
        "{value}"
    );
    let bytes = value["source"]["bytes"].as_str().unwrap();
    assert!(!BASE64_STANDARD.decode(bytes).unwrap_or(vec![0]).is_empty());
}

fn inference(config: &Value) {
    for name in ["temperature", "topP"] {
        assert!(
            config[name]
                .as_f64()
                .is_none_or(|value| (0.0..=1.0).contains(&value))
        );
    }
    assert!(
        config["maxTokens"]
            .as_i64()
            .is_none_or(|most| (1..=i64::from(i32::MAX)).contains(&most))
    );
    assert!(list(&config["stopSequences"]).iter().all(|text| text != ""));
}

/// The tools' names.
fn tools(config: &Value) -> HashSet<&str> {
    if config.is_null() {
        return HashSet::new();
    }
    let mut names = HashSet::new();
    for tool in list(&config["tools"]) {
        let tool = &tool["toolSpec"];
        assert_eq!(tool["inputSchema"]["json"]["type"], "object");
        assert!(tool.get("description").is_none_or(|text| text != ""));
        assert!(names.insert(name(&tool["name"])));
    }
    assert!(!names.is_empty());
    let chosen = &config["toolChoice"]["tool"]["name"];
    assert!(chosen.as_str().is_none_or(|chosen| names.contains(chosen)));
    names
}

fn name(value: &Value) -> &str {
    let name = value.as_str().unwrap();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    assert!(
        (1..=64).contains(&name.len()) && name.chars().all(plain),
        "{name}"
    );
    name
}

fn id(value: &Value) {
    let id = value.as_str().unwrap();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    assert!(
        (1..=64).contains(&id.len()) && id.chars().all(plain),
        "{id}"
    );
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
