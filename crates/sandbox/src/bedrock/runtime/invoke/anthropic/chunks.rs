//! The events of Anthropic's stream.

use serde_json::{Value, json};

use super::{begun, stop_sequence};
use crate::bedrock::runtime::{reply::Block, tokens::pieces, turn::Turn};

/// The events, in order.
pub(in crate::bedrock::runtime::invoke) fn chunks(turn: &Turn) -> Vec<Value> {
    let mut chunks = vec![json!({ "type": "message_start", "message": begun(turn) })];
    for (index, block) in turn.reply.blocks.iter().enumerate() {
        let start =
            json!({ "type": "content_block_start", "index": index, "content_block": empty(block) });
        chunks.push(start);
        for delta in deltas(block) {
            chunks.push(json!({ "type": "content_block_delta", "index": index, "delta": delta }));
        }
        chunks.push(json!({ "type": "content_block_stop", "index": index }));
    }
    let delta = json!({
        "stop_reason": turn.reply.stop.as_str(),
        "stop_sequence": stop_sequence(turn),
    });
    let usage = json!({ "output_tokens": turn.usage.output });
    chunks.push(json!({ "type": "message_delta", "delta": delta, "usage": usage }));
    chunks.push(json!({ "type": "message_stop" }));
    chunks
}

fn empty(block: &Block) -> Value {
    match block {
        Block::Thought { .. } => json!({ "type": "thinking", "thinking": "", "signature": "" }),
        Block::Text(_) => json!({ "type": "text", "text": "" }),
        Block::Call { id, name, .. } => {
            json!({ "type": "tool_use", "id": id, "name": name, "input": {} })
        }
    }
}

fn deltas(block: &Block) -> Vec<Value> {
    match block {
        Block::Thought { text, signature } => pieces(text)
            .map(|text| json!({ "type": "thinking_delta", "thinking": text }))
            .chain([json!({ "type": "signature_delta", "signature": signature })])
            .collect(),
        Block::Text(text) => pieces(text)
            .map(|text| json!({ "type": "text_delta", "text": text }))
            .collect(),
        Block::Call { input, .. } => pieces(&input.to_string())
            .map(|part| json!({ "type": "input_json_delta", "partial_json": part }))
            .collect(),
    }
}
