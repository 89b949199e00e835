//! What an account has in Bedrock. Whatever is not here is as AWS gives it to everybody: the catalogue, all granted.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use time::OffsetDateTime;

use super::{
    api_key::LongTermKey,
    catalogue,
    owned::{ApplicationProfile, CustomModel, Deployment, ImportedModel, ProvisionedThroughput},
    standing::Standing,
};

/// What an account has in Bedrock.
#[derive(Default)]
pub struct Holdings {
    /// How models stand that do not stand granted, by their ids or ARNs.
    pub standings: BTreeMap<String, Standing>,
    /// Its application inference profiles.
    pub profiles: Vec<ApplicationProfile>,
    /// Its custom models.
    pub custom_models: Vec<CustomModel>,
    /// Their deployments.
    pub deployments: Vec<Deployment>,
    /// Its imported models.
    pub imported_models: Vec<ImportedModel>,
    /// Its provisioned throughput.
    pub provisioned: Vec<ProvisionedThroughput>,
    /// Its long-term API keys. Short-term ones are signed by keys of the account and stand nowhere.
    pub api_keys: Vec<LongTermKey>,
    /// How long a stream waits before each event; not at all unless a demo wants to look real.
    pub pace: Duration,
    /// Until when which prompts are cached, by a hash of model and prompt.
    pub(crate) prompt_cache: HashMap<[u8; 32], OffsetDateTime>,
}

impl Holdings {
    /// Lets a model stand so, by its id or ARN.
    pub fn stand(&mut self, model: &str, standing: Standing) -> &mut Self {
        self.standings.insert(model.to_owned(), standing);
        self
    }

    /// How the first of these ids and ARNs stands that stands somehow.
    pub(crate) fn standing(&self, names: &[&str]) -> Standing {
        names
            .iter()
            .find_map(|name| self.standings.get(*name))
            .copied()
            .unwrap_or_default()
    }

    /// Things of every kind in a region, with some models not granted: what the demo and broad tests look at.
    pub fn sample(region: &str) -> Self {
        let mut holdings = Self {
            profiles: vec![
                ApplicationProfile::new(
                    region,
                    "ap1lite00001",
                    "support-desk",
                    &source(region, "amazon.nova-lite-v1:0"),
                ),
                ApplicationProfile::new(
                    region,
                    "ap1sonnet045",
                    "research",
                    &source(region, "anthropic.claude-sonnet-4-5-20250929-v1:0"),
                ),
            ],
            custom_models: vec![
                CustomModel::new(
                    region,
                    "cm1lite00001",
                    "support-tone",
                    "amazon.nova-lite-v1:0",
                ),
                CustomModel {
                    status: "Creating",
                    ..CustomModel::new(
                        region,
                        "cm2micro0001",
                        "support-short",
                        "amazon.nova-micro-v1:0",
                    )
                },
            ],
            deployments: vec![Deployment::new(
                region,
                "dp1lite00001",
                "support-tone-live",
                "cm1lite00001",
            )],
            imported_models: vec![ImportedModel::new(
                region,
                "im1llama0001",
                "house-llama",
                "llama",
            )],
            provisioned: vec![ProvisionedThroughput::new(
                region,
                "pt1lite00001",
                "support-tone-reserved",
                "cm1lite00001",
            )],
            ..Self::default()
        };
        holdings
            .stand(
                "anthropic.claude-opus-4-1-20250805-v1:0",
                Standing::NoAccess,
            )
            .stand("stability.sd3-5-large-v1:0", Standing::MarketplaceDenied)
            .stand(
                "anthropic.claude-3-7-sonnet-20250219-v1:0",
                Standing::LegacyUnused,
            );
        holdings
    }
}

/// What an application profile for a model is made from in a region: the bare id, or the first profile that works there.
fn source(region: &str, id: &str) -> String {
    let Some(model) = catalogue::model(id).filter(|model| !model.is_on_demand(region)) else {
        return id.to_owned();
    };
    let mut profiles = model.profiles.iter();
    match profiles.find(|geography| geography.destinations(region).is_some()) {
        Some(geography) => format!("{}.{id}", geography.prefix()),
        None => id.to_owned(),
    }
}
