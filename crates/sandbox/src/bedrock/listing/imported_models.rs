//! ListImportedModels.

use serde_json::{Value, json};

use super::{date, page, permission, query};
use crate::{Call, Principal, Refusal, State};

pub(super) fn list(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:ListImportedModels")?;
    let held = state.accounts.get(&caller.account).into_iter();
    let summaries = held
        .flat_map(|held| &held.bedrock.imported_models)
        .filter(|model| model.region == call.region && query::name_matches(call, &model.name))
        .map(|model| {
            json!({
                "modelArn": model.arn(caller.account),
                "modelName": model.name,
                "creationTime": date(model.created_at),
                "instructSupported": model.instruct,
                "modelArchitecture": model.architecture,
            })
        })
        .collect();
    page(call, "modelSummaries", summaries)
}
