//! Models that the account brought along, invoked by their ARNs. Whether Converse takes one, AWS's own pages disagree
//! on: only a call tells.

use aws_sdk_bedrock::types::ImportedModelSummary;

use super::{
    super::{
        Model, Via, Way,
        model::{Kind, Traits},
    },
    View,
};

pub(super) fn models(view: &View<'_>) -> Vec<Model> {
    let summaries = view.lists.imported_models.items.iter();
    let model = |summary: &ImportedModelSummary| {
        let (arn, name) = (&summary.model_arn, &summary.model_name);
        let traits = Traits::unknown("Imported");
        let ways = vec![Way::within(view.region, Via::Import, arn, arn)];
        Model::new(Kind::Imported, arn, name, traits, Ok(ways), view.now)
    };
    summaries.map(model).collect()
}
