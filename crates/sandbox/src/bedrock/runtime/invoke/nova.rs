//! Nova's form: Converse's in all but a few names.

use serde_json::{Value, json};

use crate::{
    Refusal,
    bedrock::{
        model::{Chat, Model},
        runtime::{
            converse::{self, events, message},
            prompt::Prompt,
            turn::Turn,
        },
    },
};

/// What the model is asked.
pub(super) fn read(
    model: &Model,
    chat: Chat,
    body: &Value,
    is_streamed: bool,
) -> Result<Prompt, Refusal> {
    let mut body = body.clone();
    let config = body.get_mut("inferenceConfig");
    if let Some(config) = config.and_then(Value::as_object_mut)
        && let Some(max_tokens) = config.remove("max_new_tokens")
    {
        config.insert("maxTokens".to_owned(), max_tokens);
    }
    converse::read(model, chat, &body, is_streamed)
}

/// The answer, whole.
pub(super) fn whole(turn: &Turn) -> Value {
    json!({
        "output": { "message": message(turn) },
        "stopReason": turn.reply.stop.as_str(),
        "usage": usage(turn),
    })
}

/// The answer, in chunks.
pub(super) fn chunks(turn: &Turn) -> Vec<Value> {
    let stop = json!({ "stopReason": turn.reply.stop.as_str() });
    let metadata = json!({ "usage": usage(turn), "metrics": {}, "trace": {} });
    events(turn)
        .into_iter()
        .chain([("messageStop", stop), ("metadata", metadata)])
        .map(|(kind, payload)| json!({ kind: payload }))
        .collect()
}

fn usage(turn: &Turn) -> Value {
    json!({
        "inputTokens": turn.usage.input,
        "outputTokens": turn.usage.output,
        "totalTokens": turn.usage.total(),
        "cacheReadInputTokenCount": turn.usage.cache_read,
        "cacheWriteInputTokenCount": turn.usage.cache_write,
    })
}
