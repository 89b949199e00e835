//! ListInferenceProfiles and GetInferenceProfile: the system's, and the account's own.

use domain::AccountId;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

use super::{date, page, permission, query, segment};
use crate::{
    Call, Principal, Refusal, State,
    bedrock::{
        arn, catalogue, geography::Geography, model::Model, owned::ApplicationProfile,
        standing::not_found,
    },
};

/// When the system made its profiles, as far as anybody can see.
const MADE: OffsetDateTime = datetime!(2025-10-01 00:00 UTC);

pub(super) fn list(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:ListInferenceProfiles")?;
    let kind = query::one_of(
        call,
        "type",
        "typeEquals",
        &["SYSTEM_DEFINED", "APPLICATION"],
    )?;
    let summaries = all(state, call, caller.account)
        .into_iter()
        .filter(|profile| kind.is_none_or(|kind| profile["type"] == kind))
        .collect();
    page(call, "inferenceProfileSummaries", summaries)
}

pub(super) fn get(state: &State, call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    let asked = segment(call);
    let profile = all(state, call, caller.account)
        .into_iter()
        .find(|profile| {
            profile["inferenceProfileId"] == asked || profile["inferenceProfileArn"] == asked
        });
    let resource = match &profile {
        Some(profile) => profile["inferenceProfileArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        None if asked.starts_with("arn:") => asked.to_owned(),
        None => arn::owned(
            &call.region,
            caller.account,
            &format!("inference-profile/{asked}"),
        ),
    };
    permission::require_all(
        call,
        caller,
        "bedrock:GetInferenceProfile",
        &[resource],
        None,
    )?;
    profile.ok_or_else(|| {
        not_found("The provided inference profile identifier was not found. Check the identifier and try again.")
    })
}

/// Every profile that can be called from the region, the system's first.
fn all(state: &State, call: &Call, account: AccountId) -> Vec<Value> {
    let system = catalogue::models_in(&call.region, call.now).flat_map(|model| {
        let profiles = model.profiles.iter();
        profiles.filter_map(|geography| system_defined(call, account, model, *geography))
    });
    let own = state.accounts.get(&account).into_iter().flat_map(|held| {
        let profiles = held.bedrock.profiles.iter();
        profiles
            .filter(|profile| profile.region == call.region)
            .filter_map(|profile| application(account, profile))
    });
    system.chain(own).collect()
}

fn system_defined(
    call: &Call,
    account: AccountId,
    model: &Model,
    geography: Geography,
) -> Option<Value> {
    let models = geography.model_arns(&call.region, model.id)?;
    let id = format!("{}.{}", geography.prefix(), model.id);
    let resource = format!("inference-profile/{id}");
    Some(json!({
        "inferenceProfileName": format!("{} {} {}", geography.label(), model.provider, model.name),
        "description": format!("Routes requests to {} {}.", model.provider, model.name),
        "createdAt": date(MADE),
        "updatedAt": date(MADE),
        "inferenceProfileArn": arn::owned(&call.region, account, &resource),
        "models": listed(&models),
        "inferenceProfileId": id,
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }))
}

fn application(account: AccountId, profile: &ApplicationProfile) -> Option<Value> {
    let models = match catalogue::system_profile(&profile.source) {
        Some((model, geography)) => geography.model_arns(&profile.region, model.id)?,
        None => vec![arn::foundation_model(
            &profile.region,
            &profile.region,
            &profile.source,
        )],
    };
    Some(json!({
        "inferenceProfileName": profile.name,
        "createdAt": date(MADE),
        "updatedAt": date(MADE),
        "inferenceProfileArn": profile.arn(account),
        "models": listed(&models),
        "inferenceProfileId": profile.id,
        "status": "ACTIVE",
        "type": "APPLICATION",
    }))
}

fn listed(arns: &[String]) -> Vec<Value> {
    arns.iter().map(|arn| json!({ "modelArn": arn })).collect()
}
