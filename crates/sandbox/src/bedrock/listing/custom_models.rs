//! ListCustomModels and GetCustomModel.

use domain::AccountId;
use serde_json::{Value, json};

use super::{date, page, permission, query, segment};
use crate::{
    Call, Principal, Refusal, State,
    bedrock::{arn, catalogue, owned::CustomModel, standing::not_found},
};

pub(super) fn list(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:ListCustomModels")?;
    let status = query::one_of(
        call,
        "modelStatus",
        "modelStatus",
        &["Active", "Creating", "Failed"],
    )?;
    let base = call
        .parameter("baseModelArnEquals")
        .or_else(|| call.parameter("foundationModelArnEquals"));
    let summaries = here(state, call, caller.account)
        .filter(|model| query::matches(status, model.status))
        .filter(|model| query::matches(base, &base_arn(model)))
        .filter(|model| query::name_matches(call, &model.name))
        .map(|model| {
            json!({
                "modelArn": model.arn(caller.account),
                "modelName": model.name,
                "creationTime": date(model.created_at),
                "baseModelArn": base_arn(model),
                "baseModelName": base_name(model),
                "customizationType": model.customization,
                "ownerAccountId": caller.account.to_string(),
                "modelStatus": model.status,
            })
        })
        .collect();
    page(call, "modelSummaries", summaries)
}

pub(super) fn get(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    let asked = segment(call);
    let model = here(state, call, caller.account)
        .find(|model| model.name == asked || model.arn(caller.account) == asked);
    let resource = model.map_or_else(|| asked.to_owned(), |model| model.arn(caller.account));
    permission::require_all(call, caller, "bedrock:GetCustomModel", &[resource], None)?;
    let model = model.ok_or_else(|| {
        not_found(
            "The specified custom model was not found. Check the model identifier and try again.",
        )
    })?;
    Ok(json!({
        "modelArn": model.arn(caller.account),
        "modelName": model.name,
        "jobName": format!("{}-job", model.name),
        "baseModelArn": base_arn(model),
        "customizationType": model.customization,
        "creationTime": date(model.created_at),
        "modelStatus": model.status,
    }))
}

fn here<'a>(
    state: &'a State,
    call: &'a Call,
    account: AccountId,
) -> impl Iterator<Item = &'a CustomModel> {
    let held = state.accounts.get(&account).into_iter();
    held.flat_map(|held| &held.bedrock.custom_models)
        .filter(|model| model.region == call.region)
}

fn base_arn(model: &CustomModel) -> String {
    arn::foundation_model(&model.region, &model.region, &model.base)
}

fn base_name(model: &CustomModel) -> &str {
    catalogue::model(&model.base).map_or(model.base.as_str(), |model| model.name)
}
