//! Meta's form: a prompt and its continuation. Imported models have it too.

use serde_json::{Value, json};

use super::{at_most, required};
use crate::{
    Refusal,
    bedrock::{
        model::Chat,
        runtime::{
            prompt::{Choice, Prompt},
            reply::Stop,
            tokens::{count, pieces},
            turn::Turn,
        },
    },
};

/// How many tokens there are if nobody says.
const USUAL: usize = 512;

/// What the model is asked.
pub(super) fn read(chat: Chat, body: &Value) -> Result<Prompt, Refusal> {
    let text = required(body, "prompt")?;
    let limit = at_most(body, "max_gen_len", chat.max_tokens)?;
    Ok(Prompt {
        text: text.to_owned(),
        choice: Choice::Never,
        max_tokens: if body["max_gen_len"].is_null() {
            USUAL.min(limit)
        } else {
            limit
        },
        input_tokens: count(text),
        ..Prompt::default()
    })
}

/// The answer, whole.
pub(super) fn whole(turn: &Turn) -> Value {
    json!({
        "generation": turn.reply.text(),
        "prompt_token_count": turn.usage.input,
        "generation_token_count": turn.usage.output,
        "stop_reason": stop_reason(&turn.reply.stop),
    })
}

/// The answer, in chunks: the count of the prompt comes first, the reason last.
pub(super) fn chunks(turn: &Turn) -> Vec<Value> {
    let mut given = 0;
    let mut chunks: Vec<_> = pieces(&turn.reply.text())
        .map(|piece| {
            given += count(&piece);
            json!({
                "generation": piece,
                "prompt_token_count": null,
                "generation_token_count": given,
                "stop_reason": null,
            })
        })
        .collect();
    let mut end =
        json!({ "generation": "", "prompt_token_count": null, "generation_token_count": given });
    end["stop_reason"] = json!(stop_reason(&turn.reply.stop));
    chunks.push(end);
    chunks[0]["prompt_token_count"] = json!(turn.usage.input);
    chunks
}

/// Why it stopped, in the words of models that only continue.
pub(super) const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::Length => "length",
        Stop::Tool => "tool_calls",
        Stop::End | Stop::Sequence(_) => "stop",
    }
}
