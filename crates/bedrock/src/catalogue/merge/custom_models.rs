//! Models that the account made. None is invoked by its own ARN: it takes an on-demand deployment or bought throughput,
//! and either may be known although the model itself could not be listed.

use std::collections::BTreeMap;

use aws_sdk_bedrock::types::{
    CustomModelDeploymentSummary, CustomModelSummary, ProvisionedModelSummary,
};

use super::{
    super::{
        Model, Reason, Via, Way,
        arn::Arn,
        model::{Kind, Traits},
    },
    View,
    bases::is_in_service,
};

/// What is known of one model, found by its ARN.
#[derive(Default)]
struct Custom<'a> {
    listed: Option<&'a CustomModelSummary>,
    deployments: Vec<&'a CustomModelDeploymentSummary>,
    throughputs: Vec<&'a ProvisionedModelSummary>,
}

pub(super) fn models(view: &View<'_>) -> Vec<Model> {
    let mut customs: BTreeMap<&str, Custom<'_>> = BTreeMap::new();
    for summary in &view.lists.custom_models.items {
        customs.entry(&summary.model_arn).or_default().listed = Some(summary);
    }
    for summary in &view.lists.deployments.items {
        let custom = customs.entry(&summary.model_arn).or_default();
        custom.deployments.push(summary);
    }
    for summary in &view.lists.throughputs.items {
        if !Arn::parse(&summary.model_arn).is_some_and(|arn| arn.is_foundation_model()) {
            let custom = customs.entry(&summary.model_arn).or_default();
            custom.throughputs.push(summary);
        }
    }
    let model = |(arn, custom): (&str, Custom<'_>)| custom.model(arn, view);
    customs.into_iter().map(model).collect()
}

impl Custom<'_> {
    fn model(&self, arn: &str, view: &View<'_>) -> Model {
        let traits = match self.base_model_id() {
            Some(id) => view.bases.traits(id),
            None => Traits::unknown("Custom"),
        };
        let ways = self.ways(view.region).ok_or_else(|| self.unreached(view));
        Model::new(Kind::Custom, arn, self.name(arn), traits, ways, view.now)
    }

    /// The model's own name, or else that of what makes it available.
    fn name<'a>(&'a self, arn: &'a str) -> &'a str {
        let deployments = self.deployments.iter();
        let throughputs = self.throughputs.iter();
        self.listed
            .map(|summary| &summary.model_name)
            .into_iter()
            .chain(deployments.map(|summary| &summary.custom_model_deployment_name))
            .chain(throughputs.map(|summary| &summary.provisioned_model_name))
            .next()
            .map_or(arn, String::as_str)
    }

    fn base_model_id(&self) -> Option<&str> {
        let listed = self.listed.map(|summary| &summary.base_model_arn);
        let throughputs = self.throughputs.iter();
        listed
            .into_iter()
            .chain(throughputs.map(|summary| &summary.foundation_model_arn))
            .filter_map(|arn| Arn::parse(arn))
            .find(Arn::is_foundation_model)
            .map(|arn| arn.id)
    }

    fn ways(&self, region: &str) -> Option<Vec<Way>> {
        let deployed = self
            .deployments
            .iter()
            .filter(|summary| summary.status.as_str() == "Active");
        let deployed = deployed.map(|summary| {
            let arn = &summary.custom_model_deployment_arn;
            Way::within(region, Via::Deployment, arn, arn)
                .named(&summary.custom_model_deployment_name)
        });
        let bought = self
            .throughputs
            .iter()
            .filter(|summary| is_in_service(summary));
        let bought = bought.map(|summary| {
            let arn = &summary.provisioned_model_arn;
            Way::within(region, Via::ProvisionedThroughput, arn, arn)
                .named(&summary.provisioned_model_name)
        });
        let ways: Vec<Way> = deployed.chain(bought).collect();
        (!ways.is_empty()).then_some(ways)
    }

    fn unreached(&self, view: &View<'_>) -> Reason {
        let made = self
            .listed
            .and_then(|summary| summary.model_status.as_ref());
        match made.map(aws_sdk_bedrock::types::ModelStatus::as_str) {
            Some("Creating") => return Reason::CustomizationUnfinished,
            Some("Failed") => return Reason::CustomizationFailed,
            _ => {}
        }
        let is_any = |status| {
            let mut deployments = self.deployments.iter();
            let mut throughputs = self.throughputs.iter();
            deployments.any(|summary| summary.status.as_str() == status)
                || throughputs.any(|summary| summary.status.as_str() == status)
        };
        let lists = view.lists;
        if is_any("Creating") {
            Reason::DeploymentNotReady
        } else if is_any("Failed") {
            Reason::DeploymentFailed
        } else if lists.deployments.error.is_some() || lists.throughputs.error.is_some() {
            Reason::DeploymentsNotListed
        } else {
            Reason::NotDeployed
        }
    }
}
