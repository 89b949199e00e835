//! The control plane's lists and details.

mod availability;
mod custom_models;
mod deployments;
mod foundation_models;
mod imported_models;
mod inference_profiles;
mod provisioned;

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{permission, query};
use crate::{Call, Principal, Refusal, State, answer::Answer};

/// The answer to an operation of the control plane.
pub(super) fn answer(state: &State, call: &Call, caller: &Principal) -> Result<Answer, Refusal> {
    let value = match call.operation {
        "ListFoundationModels" => foundation_models::list(call, caller),
        "GetFoundationModel" => foundation_models::get(call, caller),
        "GetFoundationModelAvailability" => availability::get(state, call, caller),
        "ListInferenceProfiles" => inference_profiles::list(state, call, caller),
        "GetInferenceProfile" => inference_profiles::get(state, call, caller),
        "ListCustomModels" => custom_models::list(state, call, caller),
        "GetCustomModel" => custom_models::get(state, call, caller),
        "ListCustomModelDeployments" => deployments::list(state, call, caller),
        "ListImportedModels" => imported_models::list(state, call, caller),
        "ListProvisionedModelThroughputs" => provisioned::list(state, call, caller),
        _ => Err(Refusal::unknown_operation()),
    }?;
    Ok(Answer::json(&value))
}

/// One page of a list, under the name that AWS gives it.
fn page(call: &Call, name: &str, items: Vec<Value>) -> Result<Value, Refusal> {
    let (items, token) = query::page(call, items)?;
    let mut page = Map::new();
    page.insert(name.to_owned(), Value::Array(items));
    if let Some(token) = token {
        page.insert("nextToken".to_owned(), Value::String(token));
    }
    Ok(Value::Object(page))
}

/// The variable segment of the path.
fn segment(call: &Call) -> &str {
    call.segments.first().map_or("", String::as_str)
}

fn date(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
