//! A body of Converse, which AWS checks before the model sees it; what AWS does not know it passes over.

use serde_json::Value;

use super::{
    inference::Inference,
    messages::{self, blocks, kind},
    tools,
};
use crate::{
    Refusal,
    bedrock::{
        model::{Body, Chat, Model},
        runtime::{
            prompt::{Choice, Prompt},
            reading::Reading,
            thinking::{FORCED, thinks},
        },
    },
};

/// What Claude takes besides what Converse has words for.
const FIELDS: [&str; 6] = [
    "anthropic_beta",
    "output_config",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
];

/// What the model is asked.
pub(in crate::bedrock::runtime) fn read(
    model: &Model,
    chat: Chat,
    body: &Value,
    is_streamed: bool,
) -> Result<Prompt, Refusal> {
    let conversation = list(body, "messages")?;
    let system = list(body, "system")?;
    let config = &body["toolConfig"];
    messages::check(conversation, model, chat, !config.is_null())?;
    if !system.is_empty() && !chat.system {
        return Err(Refusal::validation(
            "This model doesn't support system messages. Try again without a system message or use a model that supports \
             system messages.",
        ));
    }
    let format = format(&body["outputConfig"]["textFormat"], chat)?;
    let (tools, choice) = tools::read(config, chat, is_streamed)?;
    let inference = Inference::read(&body["inferenceConfig"], chat)?;
    let fields = &body["additionalModelRequestFields"];
    let of_model = |words: String| {
        Refusal::validation(format!("The model returned the following errors: {words}"))
    };
    if model.body == Body::Anthropic {
        let names = fields
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name);
        if let Some(name) = names
            .into_iter()
            .find(|name| !FIELDS.contains(&name.as_str()))
        {
            return Err(of_model(format!("{name}: Extra inputs are not permitted")));
        }
    }
    let of_claude = &fields["tool_choice"];
    let choice = match of_claude["type"].as_str() {
        Some("any") => Choice::Any,
        Some("tool") => Choice::Named(of_claude["name"].as_str().unwrap_or_default().to_owned()),
        _ => choice,
    };
    let thinks = thinks(chat, fields, inference.max_tokens, inference.temperature);
    let thinks = thinks.map_err(of_model)?;
    let is_forced = matches!(choice, Choice::Any | Choice::Named(_));
    if thinks && is_forced && model.body == Body::Anthropic {
        return Err(of_model(FORCED.to_owned()));
    }
    let parts = list(config, "tools")?
        .iter()
        .chain(system)
        .chain(conversation.iter().flat_map(blocks));
    let mut reading = Reading::default();
    for part in parts {
        if part.get("cachePoint").is_some() {
            reading.keep();
        } else {
            reading.part(part);
        }
    }
    let (input_tokens, kept) = reading.end(chat)?;
    Ok(Prompt {
        system: text(system),
        text: said(conversation),
        attachments: attachments(conversation),
        results: results(conversation),
        tools,
        choice,
        format,
        one_call: of_claude["disable_parallel_tool_use"] == true,
        max_tokens: inference.max_tokens,
        stop_sequences: inference.stop_sequences,
        thinks,
        input_tokens,
        kept,
    })
}

/// The schema that the answer is to follow, which comes as text.
fn format(format: &Value, chat: Chat) -> Result<Option<Value>, Refusal> {
    if format.is_null() {
        return Ok(None);
    }
    if !chat.structured {
        return Err(Refusal::validation(
            "This model doesn't support the outputConfig.textFormat field. Remove outputConfig.textFormat and try again.",
        ));
    }
    let schema = format["structure"]["jsonSchema"]["schema"].as_str();
    let schema = schema.and_then(|schema| serde_json::from_str(schema).ok());
    schema.map(Some).ok_or_else(Refusal::serialization)
}

/// A list, which is empty if there is none.
fn list<'a>(body: &'a Value, name: &str) -> Result<&'a [Value], Refusal> {
    match &body[name] {
        Value::Null => Ok(&[]),
        Value::Array(values) => Ok(values),
        _ => Err(Refusal::serialization()),
    }
}

/// The texts among some blocks.
fn text(blocks: &[Value]) -> Option<String> {
    let texts: Vec<_> = blocks
        .iter()
        .filter_map(|block| block["text"].as_str())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// What the user said last.
fn said(conversation: &[Value]) -> String {
    let users = conversation
        .iter()
        .rev()
        .filter(|message| message["role"] == "user");
    users.map(blocks).find_map(text).unwrap_or_default()
}

/// The blocks of the last message.
fn last(conversation: &[Value]) -> &[Value] {
    conversation.last().map_or(&[], blocks)
}

fn attachments(conversation: &[Value]) -> Vec<String> {
    let is_attached = |kind: &&str| ["image", "document", "video", "audio"].contains(kind);
    last(conversation)
        .iter()
        .filter_map(kind)
        .filter(is_attached)
        .map(str::to_owned)
        .collect()
}

fn results(conversation: &[Value]) -> Vec<String> {
    let result = |part: &Value| match part.get("json") {
        Some(json) => json.to_string(),
        None => part["text"].as_str().unwrap_or_default().to_owned(),
    };
    last(conversation)
        .iter()
        .filter_map(|block| block["toolResult"]["content"].as_array())
        .flatten()
        .map(result)
        .collect()
}
