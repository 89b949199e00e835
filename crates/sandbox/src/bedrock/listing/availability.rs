//! GetFoundationModelAvailability: may this account invoke the model here? It takes bare ids only.

use serde_json::Value;

use super::{permission, segment};
use crate::{
    Call, Principal, Refusal, State,
    bedrock::{
        catalogue,
        standing::{invalid_identifier, not_found},
    },
};

pub(super) fn get(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:GetFoundationModelAvailability")?;
    let id = segment(call);
    if id.starts_with("arn:") || !id.contains('.') {
        return Err(invalid_identifier());
    }
    let model = catalogue::model(id).ok_or_else(|| {
        not_found("Could not resolve the foundation model from the model identifier.")
    })?;
    let standing = state
        .accounts
        .get(&caller.account)
        .map(|account| account.bedrock.standing(&[id]))
        .unwrap_or_default();
    let is_here = model.is_in(&call.region) && !model.has_ended(call.now);
    Ok(standing.availability(id, is_here, model.is_subscribed()))
}
