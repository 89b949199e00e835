//! ListCustomModelDeployments.

use serde_json::{Value, json};

use super::{date, page, permission, query};
use crate::{Call, Principal, Refusal, State};

pub(super) fn list(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:ListCustomModelDeployments")?;
    let status = query::one_of(
        call,
        "statusEquals",
        "statusEquals",
        &["Creating", "Active", "Failed"],
    )?;
    let asked_model = call.parameter("modelArnEquals");
    let held = state
        .accounts
        .get(&caller.account)
        .map(|account| &account.bedrock);
    let summaries = held
        .into_iter()
        .flat_map(|held| held.deployments.iter().map(move |it| (held, it)))
        .filter(|(_, it)| it.region == call.region && query::matches(status, it.status))
        .filter(|(_, it)| query::name_matches(call, &it.name))
        .filter_map(|(held, it)| {
            let mut models = held.custom_models.iter();
            let model = models.find(|model| model.id == it.custom_model)?;
            Some((model.arn(caller.account), it))
        })
        .filter(|(model, _)| query::matches(asked_model, model))
        .map(|(model, it)| {
            json!({
                "customModelDeploymentArn": it.arn(caller.account),
                "customModelDeploymentName": it.name,
                "modelArn": model,
                "createdAt": date(it.created_at),
                "status": it.status,
            })
        })
        .collect();
    page(call, "modelDeploymentSummaries", summaries)
}
