//! ListFoundationModels, which knows no pages, and GetFoundationModel.

use serde_json::{Value, json};

use super::{date, permission, query, segment};
use crate::{
    Call, Principal, Refusal,
    bedrock::{
        arn, catalogue,
        model::Model,
        standing::{invalid_identifier, not_found},
    },
};

pub(super) fn list(call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    permission::require(call, caller, "bedrock:ListFoundationModels")?;
    let provider = provider(call)?;
    let output = query::one_of(
        call,
        "byOutputModality",
        "byOutputModality",
        &["TEXT", "IMAGE", "EMBEDDING"],
    )?;
    let inference = query::one_of(
        call,
        "byInferenceType",
        "byInferenceType",
        &["ON_DEMAND", "PROVISIONED"],
    )?;
    let customization = query::one_of(
        call,
        "byCustomizationType",
        "byCustomizationType",
        &["FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"],
    )?;
    let summaries: Vec<Value> = catalogue::models_in(&call.region, call.now)
        .filter(|model| provider.is_none_or(|asked| asked.eq_ignore_ascii_case(model.provider)))
        .filter(|model| output.is_none_or(|asked| model.output.contains(&asked)))
        .filter(|model| {
            inference.is_none_or(|asked| model.inference_types(&call.region).contains(&asked))
        })
        .filter(|model| customization.is_none_or(|asked| model.customizations.contains(&asked)))
        .map(|model| summary(&call.region, model))
        .collect();
    Ok(json!({ "modelSummaries": summaries }))
}

pub(super) fn get(call: &Call, caller: &Principal) -> Result<Value, Refusal> {
    let asked = segment(call);
    let prefix = arn::foundation_model(&call.region, &call.region, "");
    let id = asked.strip_prefix(&prefix).unwrap_or(asked);
    let resource = arn::foundation_model(&call.region, &call.region, id);
    permission::require_all(
        call,
        caller,
        "bedrock:GetFoundationModel",
        &[resource],
        None,
    )?;
    if id.starts_with("arn:") || !id.contains('.') {
        return Err(invalid_identifier());
    }
    let model = catalogue::models_in(&call.region, call.now).find(|model| model.id == id);
    let model = model.ok_or_else(|| {
        not_found("Could not resolve the foundation model from the model identifier.")
    })?;
    Ok(json!({ "modelDetails": summary(&call.region, model) }))
}

fn provider(call: &Call) -> Result<Option<&str>, Refusal> {
    let is_one = |value: &str| {
        (1..=63).contains(&value.len())
            && value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"- ".contains(&byte))
    };
    match call.parameter("byProvider") {
        Some(value) if !is_one(value) => Err(query::violation(
            value,
            "byProvider",
            "Member must satisfy regular expression pattern: [A-Za-z0-9- ]{1,63}",
        )),
        value => Ok(value),
    }
}

fn summary(region: &str, model: &Model) -> Value {
    let mut lifecycle = json!({ "status": "ACTIVE" });
    if let Some(legacy) = model.legacy {
        lifecycle = json!({
            "status": "LEGACY",
            "legacyTime": date(legacy.since),
            "endOfLifeTime": date(legacy.ends),
        });
    }
    json!({
        "modelArn": arn::foundation_model(region, region, model.id),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": model.input,
        "outputModalities": model.output,
        "responseStreamingSupported": model.streams,
        "customizationsSupported": model.customizations,
        "inferenceTypesSupported": model.inference_types(region),
        "modelLifecycle": lifecycle,
    })
}
