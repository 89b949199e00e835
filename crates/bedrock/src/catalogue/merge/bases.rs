//! AWS's own models: one entry each, with all ways to it.

use std::collections::BTreeMap;

use aws_sdk_bedrock::types::{
    FoundationModelSummary, InferenceProfileSummary, ModelModality, ProvisionedModelSummary,
};
use time::OffsetDateTime;

use super::super::{
    Lifecycle, Modalities, Model, Reason, Via, Way,
    arn::Arn,
    capability::capabilities,
    lists::Lists,
    model::{Kind, Traits},
};
use super::profile;

/// The base models that any list names, by id.
pub(super) struct Bases<'a>(BTreeMap<&'a str, Base<'a>>);

#[derive(Default)]
struct Base<'a> {
    /// None for a model that only a profile or a throughput names: it is not offered here, or could not be listed.
    listed: Option<&'a FoundationModelSummary>,
    ways: Vec<Way>,
}

impl<'a> Bases<'a> {
    pub(super) fn of(lists: &'a Lists, region: &str) -> Self {
        let mut bases = Self(BTreeMap::new());
        for summary in &lists.foundation_models.items {
            bases.list(summary, region);
        }
        for summary in profile::of_system(lists) {
            bases.reach_by_profile(summary, region);
        }
        for summary in &lists.throughputs.items {
            bases.reach_by_throughput(summary, region);
        }
        bases
    }

    /// What all entries of the model `id` have in common.
    pub(super) fn traits(&self, id: &str) -> Traits {
        traits(id, self.0.get(id).and_then(|base| base.listed))
    }

    /// The entries.
    pub(super) fn models(&self, lists: &Lists, now: OffsetDateTime) -> Vec<Model> {
        let model = |(&id, base): (&&str, &Base<'_>)| {
            let name = base.listed.and_then(|listed| listed.model_name.as_deref());
            Model::new(
                Kind::Base,
                id,
                name.unwrap_or(id),
                traits(id, base.listed),
                base.reached(lists),
                now,
            )
        };
        self.0.iter().map(model).collect()
    }

    fn list(&mut self, summary: &'a FoundationModelSummary, region: &str) {
        let base = self.0.entry(&summary.model_id).or_default();
        base.listed = Some(summary);
        if is_on_demand(summary) {
            let (id, arn) = (&summary.model_id, &summary.model_arn);
            base.ways.push(Way::within(region, Via::OnDemand, id, arn));
        }
    }

    fn reach_by_profile(&mut self, summary: &'a InferenceProfileSummary, region: &str) {
        if let Some(id) = profile::base_model_id(summary) {
            let way = profile::way(summary, &summary.inference_profile_id, region);
            self.0.entry(id).or_default().ways.push(way);
        }
    }

    fn reach_by_throughput(&mut self, summary: &'a ProvisionedModelSummary, region: &str) {
        let model = Arn::parse(&summary.model_arn).filter(Arn::is_foundation_model);
        if let Some(model) = model.filter(|_| is_in_service(summary)) {
            let arn = &summary.provisioned_model_arn;
            let way = Way::within(region, Via::ProvisionedThroughput, arn, arn)
                .named(&summary.provisioned_model_name);
            self.0.entry(model.id).or_default().ways.push(way);
        }
    }
}

impl Base<'_> {
    fn reached(&self, lists: &Lists) -> Result<Vec<Way>, Reason> {
        if self.ways.is_empty() {
            return Err(unreached(self.listed, lists));
        }
        Ok(self.ways.clone())
    }
}

/// Whether bought throughput answers; it does while it is being changed.
pub(super) fn is_in_service(summary: &ProvisionedModelSummary) -> bool {
    matches!(summary.status.as_str(), "InService" | "Updating")
}

/// Whether the bare id can be invoked. AWS always tells; where nothing is told, it is tried.
fn is_on_demand(summary: &FoundationModelSummary) -> bool {
    match summary.inference_types_supported() {
        [] => true,
        types => types.iter().any(|kind| kind.as_str() == "ON_DEMAND"),
    }
}

/// Why there is no way to a model.
fn unreached(listed: Option<&FoundationModelSummary>, lists: &Lists) -> Reason {
    let by_profile = listed.is_some_and(|summary| {
        // The SDK does not know this value.
        let types = summary.inference_types_supported();
        types
            .iter()
            .any(|kind| kind.as_str() == "INFERENCE_PROFILE")
    });
    match (by_profile, &lists.system_profiles.error) {
        (true, Some(_)) => Reason::ProfilesNotListed,
        (true, None) => Reason::NoProfileHere,
        (false, _) => Reason::ProvisionedOnly,
    }
}

fn traits(id: &str, listed: Option<&FoundationModelSummary>) -> Traits {
    let modalities = Modalities {
        input: names(listed.map(FoundationModelSummary::input_modalities)),
        output: names(listed.map(FoundationModelSummary::output_modalities)),
    };
    let streams = listed.and_then(|summary| summary.response_streaming_supported);
    let provider = listed.and_then(|summary| summary.provider_name.clone());
    Traits {
        provider: provider.unwrap_or_else(|| provider_of(id).to_owned()),
        base_model_id: Some(id.to_owned()),
        capabilities: capabilities(
            id,
            &modalities.input,
            &modalities.output,
            streams.unwrap_or(false),
        ),
        lifecycle: listed
            .and_then(|summary| summary.model_lifecycle.as_ref())
            .map(Lifecycle::of),
        modalities,
    }
}

/// As AWS spells them: the SDK does not know all of them.
fn names(modalities: Option<&[ModelModality]>) -> Vec<String> {
    let modalities = modalities.unwrap_or_default();
    modalities.iter().map(|is| is.as_str().to_owned()).collect()
}

/// What an id says of its provider, where no list does.
fn provider_of(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}
