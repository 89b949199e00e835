//! ListProvisionedModelThroughputs.

use domain::AccountId;
use serde_json::{Value, json};

use super::{date, page, permission, query};
use crate::{
    Call, Principal, Refusal, State,
    bedrock::{Holdings, ProvisionedThroughput, arn},
};

pub(super) fn list(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:ListProvisionedModelThroughputs")?;
    let status = query::one_of(
        call,
        "statusEquals",
        "statusEquals",
        &["Creating", "InService", "Updating", "Failed"],
    )?;
    let asked_model = call.parameter("modelArnEquals");
    let held = state
        .accounts
        .get(&caller.account)
        .map(|account| &account.bedrock);
    let summaries = held
        .into_iter()
        .flat_map(|held| held.provisioned.iter().map(move |it| (held, it)))
        .filter(|(_, it)| it.region == call.region && query::matches(status, it.status))
        .filter(|(_, it)| query::name_matches(call, &it.name))
        .map(|(held, it)| summary(held, it, caller.account))
        .filter(|it| asked_model.is_none_or(|asked| it["modelArn"] == asked))
        .collect();
    page(call, "provisionedModelSummaries", summaries)
}

fn summary(held: &Holdings, it: &ProvisionedThroughput, account: AccountId) -> Value {
    let foundation = |id: &str| arn::foundation_model(&it.region, &it.region, id);
    let mut custom_models = held.custom_models.iter();
    let (model, base) = match custom_models.find(|model| model.id == it.model) {
        Some(model) => (model.arn(account), foundation(&model.base)),
        None => (foundation(&it.model), foundation(&it.model)),
    };
    json!({
        "provisionedModelName": it.name,
        "provisionedModelArn": it.arn(account),
        "modelArn": model,
        "desiredModelArn": model,
        "foundationModelArn": base,
        "modelUnits": it.units,
        "desiredModelUnits": it.units,
        "status": it.status,
        "creationTime": date(it.created_at),
        "lastModifiedTime": date(it.created_at),
    })
}
