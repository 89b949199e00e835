//! The account's own inference profiles: entries of their own, for that is how costs are told apart. An ARN says nothing
//! about the model behind it, so what it can do is looked up at that model.

use aws_sdk_bedrock::types::InferenceProfileSummary;

use super::{
    super::{
        Model,
        model::{Kind, Traits},
    },
    View, profile,
};

pub(super) fn models(view: &View<'_>) -> Vec<Model> {
    let model = |summary: &InferenceProfileSummary| {
        let (arn, name) = (
            &summary.inference_profile_arn,
            &summary.inference_profile_name,
        );
        let traits = match profile::base_model_id(summary) {
            Some(id) => view.bases.traits(id),
            None => Traits::unknown("Custom"),
        };
        let ways = vec![profile::way(summary, arn, view.region)];
        Model::new(
            Kind::ApplicationProfile,
            arn,
            name,
            traits,
            Ok(ways),
            view.now,
        )
    };
    profile::of_applications(view.lists).map(model).collect()
}
