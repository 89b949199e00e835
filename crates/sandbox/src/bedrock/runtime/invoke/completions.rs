//! Chat completions, which most makers of models speak.

use serde_json::{Value, json};

use super::{at_most, llama::stop_reason, malformed, texts};
use crate::{
    Refusal,
    bedrock::{
        model::{Chat, Thinking, Tools},
        runtime::{
            prompt::{Choice, Prompt, Tool},
            reply::Block,
            seal,
            tokens::{count_in, pieces},
            turn::Turn,
        },
    },
};

/// What the model is asked.
pub(super) fn read(chat: Chat, body: &Value) -> Result<Prompt, Refusal> {
    let messages = body["messages"]
        .as_array()
        .ok_or_else(|| malformed("#: required key [messages] not found"))?;
    let Some(last) = messages.last() else {
        return Err(malformed(
            "#/messages: expected minimum item count: 1, found: 0",
        ));
    };
    let limit = if body["max_completion_tokens"].is_null() {
        "max_tokens"
    } else {
        "max_completion_tokens"
    };
    let of = |roles: &'static [&str]| {
        let is_one = move |message: &&Value| {
            let role = message["role"].as_str();
            role.is_some_and(|role| roles.contains(&role))
        };
        messages.iter().rev().filter(is_one)
    };
    let (tools, choice) = tools(chat, body)?;
    let results = if last["role"] == "tool" {
        vec![text(&last["content"])]
    } else {
        Vec::new()
    };
    Ok(Prompt {
        system: of(&["system", "developer"])
            .next()
            .map(|message| text(&message["content"])),
        text: of(&["user"])
            .next()
            .map(|message| text(&message["content"]))
            .unwrap_or_default(),
        results,
        tools,
        choice,
        max_tokens: at_most(body, limit, chat.max_tokens)?,
        stop_sequences: texts(&body["stop"]),
        thinks: chat.thinking == Thinking::Always,
        input_tokens: count_in(&body["messages"]) + count_in(&body["tools"]),
        ..Prompt::default()
    })
}

fn tools(chat: Chat, body: &Value) -> Result<(Vec<Tool>, Choice), Refusal> {
    let listed = body["tools"].as_array().map_or(&[][..], Vec::as_slice);
    if listed.is_empty() {
        return Ok((Vec::new(), Choice::Never));
    }
    if chat.tools == Tools::No {
        return Err(malformed("#: extraneous key [tools] is not permitted"));
    }
    let tool = |tool: &Value| Tool {
        name: tool["function"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        schema: tool["function"]["parameters"].clone(),
    };
    let choice = &body["tool_choice"];
    let choice = match (choice.as_str(), choice["function"]["name"].as_str()) {
        (Some("none"), _) => Choice::Never,
        (Some("required" | "any"), _) => Choice::Any,
        (_, Some(name)) => Choice::Named(name.to_owned()),
        _ => Choice::Free,
    };
    Ok((listed.iter().map(tool).collect(), choice))
}

/// The answer, whole.
pub(super) fn whole(turn: &Turn) -> Value {
    let calls: Vec<_> = turn.reply.blocks.iter().filter_map(call).collect();
    let mut message = json!({ "role": "assistant", "content": said(turn) });
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    let reason = stop_reason(&turn.reply.stop);
    let mut answer = begun(turn, "chat.completion");
    answer["choices"] = json!([{ "index": 0, "message": message, "finish_reason": reason }]);
    answer["usage"] = usage(turn);
    answer
}

/// The answer, in chunks.
pub(super) fn chunks(turn: &Turn) -> Vec<Value> {
    let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
    deltas.extend(pieces(&said(turn)).map(|text| json!({ "content": text })));
    let calls = turn.reply.blocks.iter().filter_map(call).enumerate();
    deltas.extend(calls.map(|(index, mut call)| {
        call["index"] = json!(index);
        json!({ "tool_calls": [call] })
    }));
    let choice = |delta: Value, reason: Option<&str>| {
        let mut chunk = begun(turn, "chat.completion.chunk");
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
        chunk
    };
    let mut end = choice(json!({}), Some(stop_reason(&turn.reply.stop)));
    end["usage"] = usage(turn);
    deltas
        .into_iter()
        .map(|delta| choice(delta, None))
        .chain([end])
        .collect()
}

fn begun(turn: &Turn, kind: &str) -> Value {
    let id = seal(&["completion", &turn.request_id]);
    json!({
        "id": format!("chatcmpl-{}", &id[..24]),
        "object": kind,
        "created": turn.at.unix_timestamp(),
        "model": turn.model.id,
    })
}

fn usage(turn: &Turn) -> Value {
    json!({
        "prompt_tokens": turn.usage.input,
        "completion_tokens": turn.usage.output,
        "total_tokens": turn.usage.total(),
    })
}

/// What it says, with its thoughts in it, marked: that is how these models are served here.
fn said(turn: &Turn) -> String {
    let said = |block: &Block| match block {
        Block::Thought { text, .. } => format!("<reasoning>{text}</reasoning>"),
        Block::Text(text) => text.clone(),
        Block::Call { .. } => String::new(),
    };
    turn.reply.blocks.iter().map(said).collect()
}

fn call(block: &Block) -> Option<Value> {
    let Block::Call { id, name, input } = block else {
        return None;
    };
    let function = json!({ "name": name, "arguments": input.to_string() });
    Some(json!({ "id": id, "type": "function", "function": function }))
}

/// The text of a content, which may be the content itself.
fn text(content: &Value) -> String {
    match content.as_array() {
        None => content.as_str().unwrap_or_default().to_owned(),
        Some(parts) => {
            let texts: Vec<_> = parts.iter().filter_map(|it| it["text"].as_str()).collect();
            texts.join("\n")
        }
    }
}
