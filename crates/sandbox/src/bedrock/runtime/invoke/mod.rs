//! InvokeModel and InvokeModelWithResponseStream: a body in the model's own form, and an answer in it.
//!
//! A form reads its body into a [`Prompt`], and tells a [`Turn`] in its own words: whole, and in chunks.

mod anthropic;
mod completions;
mod embedding;
mod image;
mod llama;
mod mistral;
mod nova;

use serde_json::{Value, json};

use super::{event::chunk, prompt::Prompt, turn::Turn};
use crate::{
    Call, Refusal,
    answer::Answer,
    bedrock::{
        holdings::Holdings,
        model::{Body, Chat, Model},
        target::Found,
    },
};

/// The answer, whole.
pub(super) fn whole(
    holdings: &mut Holdings,
    call: &Call,
    found: &Found,
) -> Result<Answer, Refusal> {
    let body = body(call)?;
    let model = found.model;
    let (value, input, output, latency) = match model.body {
        Body::TitanEmbedding => counted(embedding::titan(model, &body)?),
        Body::CohereEmbedding => counted(embedding::cohere(model, &body)?),
        Body::StabilityImage => counted((image::stability(&body)?, 0)),
        Body::AmazonImage => counted((image::amazon(&body)?, 0)),
        _ => {
            let (form, turn) = ask(holdings, call, model, &body, false)?;
            let usage = turn.usage;
            let value = told(form, &turn);
            (value, usage.input, usage.output, usage.latency())
        }
    };
    Ok(Answer::json(&value)
        .header("x-amzn-bedrock-input-token-count", input.to_string())
        .header("x-amzn-bedrock-output-token-count", output.to_string())
        .header("x-amzn-bedrock-invocation-latency", latency.to_string()))
}

/// The answer, in chunks.
pub(super) fn streamed(
    holdings: &mut Holdings,
    call: &Call,
    found: &Found,
) -> Result<Answer, Refusal> {
    let body = body(call)?;
    let model = found.model;
    if !model.streams {
        return Err(Refusal::validation(
            "The model is not supported for streaming.",
        ));
    }
    let (form, turn) = ask(holdings, call, model, &body, true)?;
    let mut chunks = match form {
        Body::Anthropic => anthropic::chunks(&turn),
        Body::Nova => nova::chunks(&turn),
        Body::Llama => llama::chunks(&turn),
        Body::Mistral => mistral::chunks(&turn),
        _ => completions::chunks(&turn),
    };
    if let Some(last) = chunks.last_mut() {
        let usage = turn.usage;
        last["amazon-bedrock-invocationMetrics"] = json!({
            "inputTokenCount": usage.input,
            "outputTokenCount": usage.output,
            "invocationLatency": usage.latency(),
            "firstByteLatency": usage.latency() - 12 * usage.output,
        });
    }
    let frames = chunks.iter().map(chunk).collect();
    Ok(Answer::events(frames, holdings.pace)
        .header("x-amzn-bedrock-content-type", "application/json"))
}

/// How many tokens a Claude model would read of a body that it takes.
pub(super) fn input_tokens(
    model: &'static Model,
    chat: Chat,
    body: &Value,
) -> Result<usize, Refusal> {
    Ok(anthropic::read(model, chat, body)?.input_tokens)
}

/// An answer in the model's own form.
pub(super) fn own(turn: &Turn) -> Value {
    told(turn.model.body, turn)
}

fn told(form: Body, turn: &Turn) -> Value {
    match form {
        Body::Anthropic => anthropic::whole(turn),
        Body::Nova => nova::whole(turn),
        Body::Llama => llama::whole(turn),
        Body::Mistral => mistral::whole(turn),
        _ => completions::whole(turn),
    }
}

/// What the model answered, and in which form it is to tell it.
fn ask(
    holdings: &mut Holdings,
    call: &Call,
    model: &'static Model,
    body: &Value,
    is_streamed: bool,
) -> Result<(Body, Turn), Refusal> {
    let Some(chat) = model.chat.filter(|_| model.body != Body::Unplayed) else {
        return Err(Refusal::validation(
            "The sandbox does not play this model's own form.",
        ));
    };
    // Mistral's newer models take chats as well.
    let form = match model.body {
        Body::Mistral if body.get("messages").is_some() => Body::ChatCompletions,
        form => form,
    };
    let prompt: Prompt = match form {
        Body::Anthropic => anthropic::read(model, chat, body)?,
        Body::Nova => nova::read(model, chat, body, is_streamed)?,
        Body::Llama => llama::read(chat, body)?,
        Body::Mistral => mistral::read(chat, body)?,
        _ => completions::read(chat, body)?,
    };
    Ok((form, Turn::take(holdings, call, model, &prompt)))
}

/// An answer that is no text, and the tokens it was read from.
fn counted((value, input): (Value, usize)) -> (Value, usize, usize, usize) {
    (value, input, 0, 100)
}

fn body(call: &Call) -> Result<Value, Refusal> {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    body.filter(Value::is_object).ok_or_else(|| {
        Refusal::validation("Malformed input request, please reformat your input and try again.")
    })
}

/// What Bedrock says to a body that breaks the schema of the model's form.
fn malformed(what: &str) -> Refusal {
    Refusal::validation(format!(
        "Malformed input request: {what}, please reformat your input and try again."
    ))
}

/// A text that has to be there.
fn required<'a>(body: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    match &body[name] {
        Value::Null => Err(malformed(&format!("#: required key [{name}] not found"))),
        Value::String(text) if text.is_empty() => Err(malformed(&format!(
            "#/{name}: expected minLength: 1, actual: 0"
        ))),
        Value::String(text) => Ok(text),
        _ => Err(malformed(&format!("#/{name}: expected type: String"))),
    }
}

/// How many tokens there may be, at most `limit`, which it is if nobody says.
fn at_most(body: &Value, name: &str, limit: usize) -> Result<usize, Refusal> {
    let value = &body[name];
    if value.is_null() {
        return Ok(limit);
    }
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    match number {
        None => Err(malformed(&format!("#/{name}: expected type: Integer"))),
        Some(0) => Err(malformed(&format!(
            "#/{name}: 0 is not greater or equal to 1"
        ))),
        Some(number) if number > limit => Err(malformed(&format!(
            "#/{name}: {number} is not less or equal to {limit}"
        ))),
        Some(number) => Ok(number),
    }
}

/// Texts of a list, or the one text that stands for it.
fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(values) => values.iter().filter_map(text).collect(),
        value => text(value).into_iter().collect(),
    }
}
