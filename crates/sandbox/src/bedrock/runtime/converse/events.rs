//! An answer in the form of Converse: as one message, and as the events of a stream.

use serde_json::{Value, json};

use crate::bedrock::{
    model::Body,
    runtime::{reply::Block, tokens::pieces, turn::Turn},
};

/// The message, whole.
pub(in crate::bedrock::runtime) fn message(turn: &Turn) -> Value {
    let block = |block: &Block| match block {
        Block::Thought { text, signature } => {
            let mut thought = json!({ "text": text });
            if signs(turn) {
                thought["signature"] = json!(signature);
            }
            json!({ "reasoningContent": { "reasoningText": thought } })
        }
        Block::Text(text) => json!({ "text": text }),
        Block::Call { id, name, input } => {
            json!({ "toolUse": { "toolUseId": id, "name": name, "input": input } })
        }
    };
    let content: Vec<_> = turn.reply.blocks.iter().map(block).collect();
    json!({ "role": "assistant", "content": content })
}

/// The events that bring the message, with their names; its end is for the caller.
pub(in crate::bedrock::runtime) fn events(turn: &Turn) -> Vec<(&'static str, Value)> {
    let mut events = vec![("messageStart", json!({ "role": "assistant" }))];
    for (index, block) in turn.reply.blocks.iter().enumerate() {
        if let Block::Call { id, name, .. } = block {
            let start = json!({ "toolUse": { "toolUseId": id, "name": name } });
            let payload = json!({ "start": start, "contentBlockIndex": index });
            events.push(("contentBlockStart", payload));
        }
        for delta in deltas(turn, block) {
            let payload = json!({ "delta": delta, "contentBlockIndex": index });
            events.push(("contentBlockDelta", payload));
        }
        events.push(("contentBlockStop", json!({ "contentBlockIndex": index })));
    }
    events
}

fn deltas(turn: &Turn, block: &Block) -> Vec<Value> {
    match block {
        Block::Thought { text, signature } => {
            let mut parts: Vec<_> = pieces(text).map(|text| json!({ "text": text })).collect();
            if signs(turn) {
                parts.push(json!({ "signature": signature }));
            }
            let delta = |part| json!({ "reasoningContent": part });
            parts.into_iter().map(delta).collect()
        }
        Block::Text(text) => pieces(text).map(|text| json!({ "text": text })).collect(),
        Block::Call { input, .. } => pieces(&input.to_string())
            .map(|part| json!({ "toolUse": { "input": part } }))
            .collect(),
    }
}

/// Only Anthropic's models sign what they think.
fn signs(turn: &Turn) -> bool {
    turn.model.body == Body::Anthropic
}
