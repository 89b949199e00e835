//! CountTokens: free of charge, for Claude, by bare ids, whether or not the model can be invoked by them.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{converse, invoke};
use crate::{
    Call, Principal, Refusal,
    answer::Answer,
    bedrock::{arn, catalogue, model::Body, permission, standing::invalid_identifier},
};

pub(super) fn answer(call: &Call, caller: &Principal) -> Result<Answer, Refusal> {
    let id = call.segments.first().map_or("", String::as_str);
    let resource = arn::foundation_model(&call.region, &call.region, id);
    permission::require_all(call, caller, "bedrock:CountTokens", &[resource], None)?;
    let model = catalogue::models_in(&call.region, call.now)
        .find(|model| model.id == id)
        .ok_or_else(invalid_identifier)?;
    let Some(chat) = model.chat.filter(|_| model.body == Body::Anthropic) else {
        return Err(unsupported());
    };
    let body = call.json()?;
    let input = &body["input"];
    let count = match (input.get("converse"), input.get("invokeModel")) {
        (Some(body), None) => converse::read(model, chat, body, false)?.input_tokens,
        (None, Some(invoke)) => {
            let bytes = invoke["body"].as_str().unwrap_or_default();
            let bytes = BASE64_STANDARD.decode(bytes).unwrap_or_default();
            let body: Value = serde_json::from_slice(&bytes)
                .map_err(|_| Refusal::validation("The provided request is not valid JSON"))?;
            invoke::input_tokens(model, chat, &body)?
        }
        _ => return Err(Refusal::serialization()),
    };
    Ok(Answer::json(&json!({ "inputTokens": count })))
}

fn unsupported() -> Refusal {
    Refusal::validation("The provided model doesn't support counting tokens.")
}
