//! Inference profiles: what they reach, and where the data may go.

use std::collections::BTreeSet;

use aws_sdk_bedrock::types::InferenceProfileSummary;

use super::super::{Residency, Via, Way, arn::Arn, lists::Lists};

/// AWS's own profiles. Which list they came in does not matter: emulators do not tell the types apart.
pub(super) fn of_system(lists: &Lists) -> impl Iterator<Item = &InferenceProfileSummary> {
    active(lists).filter(|summary| summary.r#type.as_str() == "SYSTEM_DEFINED")
}

/// The account's own profiles.
pub(super) fn of_applications(lists: &Lists) -> impl Iterator<Item = &InferenceProfileSummary> {
    active(lists).filter(|summary| summary.r#type.as_str() == "APPLICATION")
}

/// The base model that a profile reaches: the same one in each of its regions.
pub(super) fn base_model_id(summary: &InferenceProfileSummary) -> Option<&str> {
    models(summary).map(|model| model.id).next()
}

/// The way from `region` to it by the profile, which is called `id`.
pub(super) fn way(summary: &InferenceProfileSummary, id: &str, region: &str) -> Way {
    let regions: BTreeSet<&str> = models(summary).map(|model| model.region).collect();
    // A model of no region stands for all of them.
    let residency = if regions.contains("") || summary.inference_profile_id.starts_with("global.") {
        Residency::Global
    } else if regions.iter().eq([&region]) {
        Residency::Region
    } else {
        Residency::Geography
    };
    let destinations = match residency {
        Residency::Global => Vec::new(),
        Residency::Region | Residency::Geography => {
            regions.into_iter().map(str::to_owned).collect()
        }
    };
    Way {
        id: id.to_owned(),
        via: Via::InferenceProfile,
        name: Some(summary.inference_profile_name.clone()),
        arn: Some(summary.inference_profile_arn.clone()),
        residency,
        destinations,
    }
}

fn active(lists: &Lists) -> impl Iterator<Item = &InferenceProfileSummary> {
    let system = lists.system_profiles.items.iter();
    let summaries = system.chain(&lists.application_profiles.items);
    summaries.filter(|summary| summary.status.as_str() == "ACTIVE")
}

fn models(summary: &InferenceProfileSummary) -> impl Iterator<Item = Arn<'_>> {
    let arns = summary.models.iter().filter_map(|model| model.model_arn());
    arns.filter_map(Arn::parse).filter(Arn::is_foundation_model)
}
