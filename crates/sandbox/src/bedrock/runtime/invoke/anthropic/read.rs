//! A body of Anthropic's Messages, checked in Anthropic's words.

use serde_json::Value;

use crate::{
    Refusal,
    bedrock::{
        model::{Chat, Model, Tools},
        runtime::{
            invoke::texts,
            prompt::{Choice, Prompt, Tool},
            reading::Reading,
            thinking::{FORCED, thinks},
        },
    },
};

/// What a body may have. Model and stream are not among it: the path says both.
const MEMBERS: [&str; 14] = [
    "anthropic_version",
    "anthropic_beta",
    "max_tokens",
    "messages",
    "system",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "context_management",
];

/// The betas that Bedrock knows.
const BETAS: [&str; 12] = [
    "compact-2026-01-12",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "effort-2025-11-24",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "output-128k-2025-02-19",
    "token-efficient-tools-2025-02-19",
    "tool-examples-2025-10-29",
    "tool-search-tool-2025-10-19",
];

/// How the types of tools begin that Anthropic runs itself, which Bedrock does not.
const ELSEWHERE: [&str; 3] = ["code_execution_", "web_fetch_", "web_search_"];

/// What the model is asked.
pub(in crate::bedrock::runtime::invoke) fn read(
    model: &Model,
    chat: Chat,
    body: &Value,
) -> Result<Prompt, Refusal> {
    for name in ["anthropic_version", "max_tokens", "messages"] {
        if body.get(name).is_none() {
            return Err(Refusal::validation(format!("{name}: Field required")));
        }
    }
    let names = body.as_object().into_iter().flatten().map(|(name, _)| name);
    for name in names {
        let is_known = MEMBERS.contains(&name.as_str());
        if !is_known || name == "output_config" && !chat.structured {
            let message = format!("{name}: Extra inputs are not permitted");
            return Err(Refusal::validation(message));
        }
    }
    if texts(&body["anthropic_beta"])
        .iter()
        .any(|name| !BETAS.contains(&name.as_str()))
    {
        return Err(Refusal::validation("invalid beta flag"));
    }
    if body["anthropic_version"] != "bedrock-2023-05-31" {
        return Err(Refusal::validation(
            "anthropic_version: Input should be 'bedrock-2023-05-31'",
        ));
    }
    let max_tokens = max_tokens(model, chat, &body["max_tokens"])?;
    let temperature = body["temperature"].as_f64();
    if temperature.is_some() && !body["top_p"].is_null() && !chat.samples_by_both {
        return Err(Refusal::validation(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        ));
    }
    let messages = messages(chat, &body["messages"])?;
    let (tools, choice) = tools(chat, body)?;
    let thinks = thinks(chat, body, max_tokens, temperature).map_err(Refusal::validation)?;
    if thinks && matches!(choice, Choice::Any | Choice::Named(_)) {
        return Err(Refusal::validation(FORCED));
    }
    let (input_tokens, kept) = reading(body).end(chat)?;
    let said = messages.iter().rev().filter(|it| it["role"] == "user");
    let last = messages.last().map_or(&Value::Null, |it| &it["content"]);
    Ok(Prompt {
        system: text(&body["system"]),
        text: said
            .map(|message| &message["content"])
            .find_map(text)
            .unwrap_or_default(),
        attachments: kinds(last, &["image", "document"]),
        results: results(last),
        tools,
        choice,
        format: body.pointer("/output_config/format/schema").cloned(),
        one_call: body["tool_choice"]["disable_parallel_tool_use"] == true,
        max_tokens,
        stop_sequences: texts(&body["stop_sequences"]),
        thinks,
        input_tokens,
        kept,
    })
}

fn max_tokens(model: &Model, chat: Chat, value: &Value) -> Result<usize, Refusal> {
    let limit = chat.max_tokens;
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    let message = match number {
        Some(number) if (1..=limit).contains(&number) => return Ok(number),
        Some(0) => "max_tokens: must be greater than or equal to 1".to_owned(),
        Some(number) => format!(
            "max_tokens: {number} > {limit}, which is the maximum allowed number of output tokens for {}",
            super::name(model.id)
        ),
        None => "max_tokens: Input should be a valid integer".to_owned(),
    };
    Err(Refusal::validation(message))
}

fn messages(chat: Chat, value: &Value) -> Result<&[Value], Refusal> {
    let refuse = |message: &str| Err(Refusal::validation(message));
    let Some(messages) = value.as_array() else {
        return refuse("messages: Input should be a valid list");
    };
    let Some(last) = messages.last() else {
        return refuse("messages: at least one message is required");
    };
    for (index, message) in messages.iter().enumerate() {
        if message["role"] != "user" && message["role"] != "assistant" {
            return refuse(&format!(
                "messages.{index}.role: Input should be 'user' or 'assistant'"
            ));
        }
        let is_empty = match &message["content"] {
            Value::String(text) => text.is_empty(),
            Value::Array(blocks) => blocks.is_empty(),
            _ => return refuse(&format!("messages.{index}.content: Field required")),
        };
        if is_empty {
            return refuse(&format!(
                "messages.{index}: all messages must have non-empty content except for the optional final assistant \
                 message"
            ));
        }
        if blocks(&message["content"])
            .iter()
            .any(|block| block["type"] == "text" && block["text"] == "")
        {
            return refuse("messages: text content blocks must be non-empty");
        }
    }
    if messages[0]["role"] != "user" {
        return refuse("messages: first message must use the \"user\" role");
    }
    if last["role"] == "assistant" && !chat.continues {
        return refuse(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        );
    }
    Ok(messages)
}

fn tools(chat: Chat, body: &Value) -> Result<(Vec<Tool>, Choice), Refusal> {
    let listed = body["tools"].as_array().map_or(&[][..], Vec::as_slice);
    if listed.is_empty() {
        return Ok((Vec::new(), Choice::Never));
    }
    if chat.tools == Tools::No {
        return Err(Refusal::validation("tools: Extra inputs are not permitted"));
    }
    for (index, tool) in listed.iter().enumerate() {
        let tag = tool["type"].as_str().unwrap_or_default();
        if ELSEWHERE.iter().any(|beginning| tag.starts_with(beginning)) {
            return Err(Refusal::validation(format!(
                "tools.{index}: Input tag '{tag}' found using 'type' does not match any of the expected tags: \
                 'bash_20250124', 'custom', 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'"
            )));
        }
    }
    let tools: Vec<_> = listed
        .iter()
        .map(|tool| Tool {
            name: tool["name"].as_str().unwrap_or_default().to_owned(),
            schema: tool["input_schema"].clone(),
        })
        .collect();
    if let Some(index) = tools.iter().position(|tool| tool.name.is_empty()) {
        return Err(Refusal::validation(format!(
            "tools.{index}.custom.name: Field required"
        )));
    }
    let choice = &body["tool_choice"];
    let choice = match choice["type"].as_str() {
        Some("any") => Choice::Any,
        Some("none") => Choice::Never,
        Some("tool") => {
            let name = choice["name"].as_str().unwrap_or_default();
            if !tools.iter().any(|tool| tool.name == name) {
                return Err(Refusal::validation(format!(
                    "Tool '{name}' not found in provided tools"
                )));
            }
            Choice::Named(name.to_owned())
        }
        _ => Choice::Free,
    };
    Ok((tools, choice))
}

/// Tools, system prompt and messages, in the order in which the model reads them.
fn reading(body: &Value) -> Reading {
    let mut reading = Reading::default();
    let contents = body["messages"].as_array().into_iter().flatten();
    let contents = contents.map(|message| &message["content"]);
    for part in [&body["tools"], &body["system"]]
        .into_iter()
        .chain(contents)
    {
        match part {
            Value::Array(blocks) => {
                for block in blocks {
                    reading.part(block);
                    if !block["cache_control"].is_null() {
                        reading.keep();
                    }
                }
            }
            part => reading.part(part),
        }
    }
    reading
}

fn blocks(content: &Value) -> &[Value] {
    content.as_array().map_or(&[], Vec::as_slice)
}

/// The text of a content, which may be the content itself.
fn text(content: &Value) -> Option<String> {
    if let Some(text) = content.as_str() {
        return Some(text.to_owned());
    }
    let texts: Vec<_> = blocks(content)
        .iter()
        .filter_map(|block| block["text"].as_str())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn kinds(content: &Value, wanted: &[&str]) -> Vec<String> {
    blocks(content)
        .iter()
        .filter_map(|block| block["type"].as_str())
        .filter(|kind| wanted.contains(kind))
        .map(str::to_owned)
        .collect()
}

fn results(content: &Value) -> Vec<String> {
    blocks(content)
        .iter()
        .filter(|block| block["type"] == "tool_result")
        .map(|block| text(&block["content"]).unwrap_or_default())
        .collect()
}
