//! Converse and ConverseStream: one form of question and answer for every model that converses.

mod events;
mod inference;
mod messages;
mod read;
mod tools;

use serde_json::{Value, json};

pub(super) use events::{events, message};
pub(super) use read::read;

use super::{event::event, invoke, turn::Turn, usage::Usage};
use crate::{
    Call, Refusal,
    answer::Answer,
    bedrock::{holdings::Holdings, query::violation, target::Found},
};

/// The answer, whole.
pub(super) fn whole(
    holdings: &mut Holdings,
    call: &Call,
    found: &Found,
) -> Result<Answer, Refusal> {
    let (turn, fields) = ask(holdings, call, found, false)?;
    let mut answer = json!({
        "output": { "message": message(&turn) },
        "stopReason": turn.reply.stop.as_str(),
        "usage": usage(&turn),
        "metrics": { "latencyMs": turn.usage.latency() },
    });
    if let Some(fields) = fields {
        answer["additionalModelResponseFields"] = fields;
    }
    Ok(Answer::json(&answer))
}

/// The answer, in events.
pub(super) fn streamed(
    holdings: &mut Holdings,
    call: &Call,
    found: &Found,
) -> Result<Answer, Refusal> {
    let (turn, fields) = ask(holdings, call, found, true)?;
    let mut stop = json!({ "stopReason": turn.reply.stop.as_str() });
    if let Some(fields) = fields {
        stop["additionalModelResponseFields"] = fields;
    }
    let metrics = json!({ "latencyMs": turn.usage.latency() });
    let metadata = json!({ "usage": usage(&turn), "metrics": metrics });
    let frames = events(&turn)
        .into_iter()
        .chain([("messageStop", stop), ("metadata", metadata)])
        .map(|(kind, payload)| event(kind, payload))
        .collect();
    Ok(Answer::events(frames, holdings.pace))
}

/// What the model answered, and the fields of its own answer that were asked for.
fn ask(
    holdings: &mut Holdings,
    call: &Call,
    found: &Found,
    is_streamed: bool,
) -> Result<(Turn, Option<Value>), Refusal> {
    let model = found.model;
    let Some(chat) = model.chat.filter(|_| found.converses) else {
        return Err(Refusal::validation(
            "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
        ));
    };
    if is_streamed && !model.streams {
        return Err(Refusal::validation(
            "The model is not supported for streaming.",
        ));
    }
    let body = call.json()?;
    let paths = paths(&body)?;
    let prompt = read(model, chat, &body, is_streamed)?;
    let turn = Turn::take(holdings, call, model, &prompt);
    let fields = paths.map(|paths| fields(&paths, &invoke::own(&turn)));
    Ok((turn, fields))
}

fn usage(turn: &Turn) -> Value {
    let Usage {
        input,
        output,
        cache_read,
        cache_write,
    } = turn.usage;
    let mut usage = json!({
        "inputTokens": input,
        "outputTokens": output,
        "totalTokens": turn.usage.total(),
    });
    if turn.model.chat.is_some_and(|chat| chat.caches) {
        usage["cacheReadInputTokens"] = json!(cache_read);
        usage["cacheWriteInputTokens"] = json!(cache_write);
    }
    usage
}

/// The JSON pointers to fields of the model's own answer.
fn paths(body: &Value) -> Result<Option<Vec<String>>, Refusal> {
    let Some(paths) = body.get("additionalModelResponseFieldPaths") else {
        return Ok(None);
    };
    let paths = paths.as_array().ok_or_else(Refusal::serialization)?;
    let path = |path: &Value| match path.as_str() {
        Some(path) if path.starts_with('/') => Ok(path.to_owned()),
        Some(path) => Err(violation(
            path,
            "additionalModelResponseFieldPaths",
            "Member must be a JSON pointer",
        )),
        None => Err(Refusal::serialization()),
    };
    paths.iter().map(path).collect::<Result<_, _>>().map(Some)
}

/// Those of the fields that there are, each where it was.
fn fields(paths: &[String], own: &Value) -> Value {
    let mut fields = json!({});
    for path in paths {
        if let Some(value) = own.pointer(path) {
            put(&mut fields, path, value);
        }
    }
    fields
}

fn put(mut place: &mut Value, path: &str, value: &Value) {
    for name in path.split('/').skip(1) {
        if !place.is_null() && !place.is_object() {
            return;
        }
        place = &mut place[name];
    }
    *place = value.clone();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_where_they_were_and_those_that_are_not_there_are_left_out() {
        let own = json!({ "stop_sequence": "4", "usage": { "input_tokens": 3 }, "content": [{ "text": "a" }] });
        let paths = [
            "/usage/input_tokens",
            "/content",
            "/content/0/text",
            "/none",
            "/stop_sequence",
        ];
        let expected = json!({ "stop_sequence": "4", "usage": { "input_tokens": 3 }, "content": [{ "text": "a" }] });
        assert_eq!(fields(&paths.map(str::to_owned), &own), expected);
    }
}
