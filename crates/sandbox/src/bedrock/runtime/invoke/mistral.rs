//! Mistral's first form: a prompt, and outputs.

use serde_json::{Value, json};

use super::{at_most, llama::stop_reason, required, texts};
use crate::{
    Refusal,
    bedrock::{
        model::Chat,
        runtime::{
            prompt::{Choice, Prompt},
            tokens::{count, pieces},
            turn::Turn,
        },
    },
};

/// What the model is asked, without the marks of an instruction.
pub(super) fn read(chat: Chat, body: &Value) -> Result<Prompt, Refusal> {
    let prompt = required(body, "prompt")?;
    let text = ["<s>", "[INST]", "[/INST]"]
        .iter()
        .fold(prompt.to_owned(), |text, mark| text.replace(mark, ""));
    Ok(Prompt {
        text: text.trim().to_owned(),
        choice: Choice::Never,
        max_tokens: at_most(body, "max_tokens", chat.max_tokens)?,
        stop_sequences: texts(&body["stop"]),
        input_tokens: count(prompt),
        ..Prompt::default()
    })
}

/// The answer, whole.
pub(super) fn whole(turn: &Turn) -> Value {
    output(&turn.reply.text(), Some(stop_reason(&turn.reply.stop)))
}

/// The answer, in chunks.
pub(super) fn chunks(turn: &Turn) -> Vec<Value> {
    let end = output("", Some(stop_reason(&turn.reply.stop)));
    pieces(&turn.reply.text())
        .map(|piece| output(&piece, None))
        .chain([end])
        .collect()
}

fn output(text: &str, stop_reason: Option<&str>) -> Value {
    json!({ "outputs": [{ "text": text, "stop_reason": stop_reason }] })
}
