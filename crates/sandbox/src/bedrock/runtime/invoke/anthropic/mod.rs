//! Anthropic's Messages, as Bedrock takes and gives them.

mod chunks;
mod read;

use serde_json::{Value, json};

pub(super) use chunks::chunks;
pub(super) use read::read;

use crate::bedrock::runtime::{
    reply::{Block, Stop},
    seal,
    turn::Turn,
};

/// The message, whole.
pub(super) fn whole(turn: &Turn) -> Value {
    let block = |block: &Block| match block {
        Block::Thought { text, signature } => {
            json!({ "type": "thinking", "thinking": text, "signature": signature })
        }
        Block::Text(text) => json!({ "type": "text", "text": text }),
        Block::Call { id, name, input } => {
            json!({ "type": "tool_use", "id": id, "name": name, "input": input })
        }
    };
    let content: Vec<_> = turn.reply.blocks.iter().map(block).collect();
    let mut message = begun(turn);
    message["content"] = json!(content);
    message["stop_reason"] = json!(turn.reply.stop.as_str());
    message["stop_sequence"] = stop_sequence(turn);
    message["usage"]["output_tokens"] = json!(turn.usage.output);
    message
}

/// The message, before the model has said anything.
fn begun(turn: &Turn) -> Value {
    let id = seal(&["message", &turn.request_id]);
    let usage = turn.usage;
    json!({
        "model": name(turn.model.id),
        "id": format!("msg_bdrk_{}", &id[..24]),
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": {
            "input_tokens": usage.input,
            "cache_creation_input_tokens": usage.cache_write,
            "cache_read_input_tokens": usage.cache_read,
            "output_tokens": 1,
        },
    })
}

fn stop_sequence(turn: &Turn) -> Value {
    match &turn.reply.stop {
        Stop::Sequence(sequence) => json!(sequence),
        Stop::End | Stop::Tool | Stop::Length => Value::Null,
    }
}

/// Anthropic's own name of the model, without what Bedrock put before and behind it.
fn name(id: &str) -> &str {
    let id = id.strip_prefix("anthropic.").unwrap_or(id);
    id.rfind("-v").map_or(id, |at| &id[..at])
}
