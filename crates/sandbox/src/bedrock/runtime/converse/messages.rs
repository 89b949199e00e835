//! The rules that messages follow: whose turn it is, what a message may bring, and which results belong to which calls.

use serde_json::Value;

use crate::{
    Refusal,
    bedrock::{
        model::{Chat, Model},
        query::violation,
    },
};

/// What a block can be, one thing each.
const KINDS: [&str; 12] = [
    "text",
    "image",
    "document",
    "video",
    "audio",
    "toolUse",
    "toolResult",
    "guardContent",
    "cachePoint",
    "reasoningContent",
    "citationsContent",
    "searchResult",
];

/// What a block is, if it is anything.
pub(super) fn kind(block: &Value) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| block.get(kind).is_some())
}

/// The blocks of a message.
pub(super) fn blocks(message: &Value) -> &[Value] {
    message["content"].as_array().map_or(&[], Vec::as_slice)
}

/// Whether the messages follow the rules.
pub(super) fn check(
    messages: &[Value],
    model: &Model,
    chat: Chat,
    has_tools: bool,
) -> Result<(), Refusal> {
    for (index, message) in messages.iter().enumerate() {
        check_role(index, message)?;
    }
    let is_user = |message: &Value| message["role"] == "user";
    if !messages.first().is_some_and(is_user) {
        return Err(Refusal::validation(
            "A conversation must start with a user message. Try again with a conversation that starts with a user \
             message.",
        ));
    }
    if messages
        .windows(2)
        .any(|pair| is_user(&pair[0]) == is_user(&pair[1]))
    {
        return Err(Refusal::validation(
            "A conversation must alternate between user and assistant roles. Make sure the conversation alternates \
             between user and assistant roles and try again.",
        ));
    }
    for (index, message) in messages.iter().enumerate() {
        check_content(index, message, model, has_tools)?;
    }
    for (index, pair) in messages.windows(2).enumerate() {
        check_results(index + 1, &pair[0], &pair[1])?;
    }
    check_results(0, &Value::Null, &messages[0])?;
    if messages.last().is_some_and(is_user) || chat.continues {
        return Ok(());
    }
    Err(Refusal::validation(
        "A conversation must end with a user message. Try again with a conversation that ends with a user message.",
    ))
}

fn check_role(index: usize, message: &Value) -> Result<(), Refusal> {
    let member = format!("messages.{}.member.role", index + 1);
    match message["role"].as_str() {
        Some("user" | "assistant") => Ok(()),
        Some(role) => Err(violation(
            role,
            &member,
            "Member must satisfy enum value set: [user, assistant]",
        )),
        None => Err(violation("null", &member, "Member must not be null")),
    }
}

fn check_content(
    index: usize,
    message: &Value,
    model: &Model,
    has_tools: bool,
) -> Result<(), Refusal> {
    if !message["content"].is_array() && !message["content"].is_null() {
        return Err(Refusal::serialization());
    }
    let blocks = blocks(message);
    if blocks.is_empty() {
        return Err(Refusal::validation(format!(
            "The content field in the Message object at messages.{index} is empty. Add a ContentBlock object to the \
             content field and try again."
        )));
    }
    for (number, block) in blocks.iter().enumerate() {
        let place = format!("messages.{index}.content.{number}");
        check_block(&place, block, model, has_tools)?;
    }
    Ok(())
}

fn check_block(place: &str, block: &Value, model: &Model, has_tools: bool) -> Result<(), Refusal> {
    let Some(kind) = kind(block) else {
        let kinds = KINDS.join(", ");
        return Err(Refusal::validation(format!(
            "The ContentBlock object at {place} must set one of the following keys: {kinds}."
        )));
    };
    let reads = |modality| model.input.contains(&modality);
    let is_read = match kind {
        "image" => reads("IMAGE"),
        "video" => reads("VIDEO"),
        "audio" => reads("AUDIO") || reads("SPEECH"),
        _ => true,
    };
    if !is_read {
        return Err(Refusal::validation(format!(
            "This model doesn't support the {kind} content block that you provided. Try again with a content block that \
             this model supports, or use a model that supports {kind}."
        )));
    }
    match kind {
        "text" if block["text"].as_str().is_none() => Err(Refusal::serialization()),
        "text" if is_blank(&block["text"]) => Err(Refusal::validation(format!(
            "The text field in the ContentBlock object at {place} is blank. Add text to the text field, and try again."
        ))),
        "toolUse" | "toolResult" if !has_tools => Err(Refusal::validation(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        )),
        _ => Ok(()),
    }
}

fn is_blank(text: &Value) -> bool {
    text.as_str().is_none_or(|text| text.trim().is_empty())
}

/// Every call of a message has its result in the next one, and nothing else has.
fn check_results(index: usize, before: &Value, message: &Value) -> Result<(), Refusal> {
    let calls = ids(before, "toolUse");
    let results = ids(message, "toolResult");
    if results.len() > calls.len() {
        return Err(Refusal::validation(format!(
            "The number of toolResult blocks at messages.{index}.content exceeds the number of toolUse blocks of \
             previous turn."
        )));
    }
    let missing: Vec<_> = calls
        .into_iter()
        .filter(|call| !results.contains(call))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    Err(Refusal::validation(format!(
        "Expected toolResult blocks at messages.{index}.content for the following Ids: {missing}"
    )))
}

fn ids<'a>(message: &'a Value, kind: &str) -> Vec<&'a str> {
    let id = |block: &'a Value| block.get(kind)?["toolUseId"].as_str();
    blocks(message).iter().filter_map(id).collect()
}
