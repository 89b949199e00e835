//! The lists that the catalogue is made of, and what is missing of them.

use std::time::Duration;

use credential_provider::Error;
use serde::Serialize;

/// A list that the catalogue is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// AWS's own models.
    FoundationModels,
    /// AWS's inference profiles.
    SystemProfiles,
    /// The account's own inference profiles.
    ApplicationProfiles,
    /// Models that the account made.
    CustomModels,
    /// What makes them available.
    CustomModelDeployments,
    /// Models that the account brought along.
    ImportedModels,
    /// Throughput that the account bought.
    ProvisionedThroughputs,
}

impl List {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::FoundationModels,
        Self::SystemProfiles,
        Self::ApplicationProfiles,
        Self::CustomModels,
        Self::CustomModelDeployments,
        Self::ImportedModels,
        Self::ProvisionedThroughputs,
    ];

    /// The operation that answers it.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::FoundationModels => "ListFoundationModels",
            Self::SystemProfiles | Self::ApplicationProfiles => "ListInferenceProfiles",
            Self::CustomModels => "ListCustomModels",
            Self::CustomModelDeployments => "ListCustomModelDeployments",
            Self::ImportedModels => "ListImportedModels",
            Self::ProvisionedThroughputs => "ListProvisionedModelThroughputs",
        }
    }

    /// The IAM action that it needs.
    pub const fn action(self) -> &'static str {
        match self {
            Self::FoundationModels => "bedrock:ListFoundationModels",
            Self::SystemProfiles | Self::ApplicationProfiles => "bedrock:ListInferenceProfiles",
            Self::CustomModels => "bedrock:ListCustomModels",
            Self::CustomModelDeployments => "bedrock:ListCustomModelDeployments",
            Self::ImportedModels => "bedrock:ListImportedModels",
            Self::ProvisionedThroughputs => "bedrock:ListProvisionedModelThroughputs",
        }
    }
}

/// A list that the catalogue lacks, or has a part of only, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which.
    pub list: List,
    /// Why: a no, or an outage such as throttling.
    pub error: Error,
}

/// What was got of a list.
#[derive(Debug)]
pub(super) struct Listed<T> {
    /// What AWS told before it failed, if it did.
    pub items: Vec<T>,
    /// Why there may be more.
    pub error: Option<Error>,
    /// How long it took.
    pub took: Duration,
}

impl<T> Listed<T> {
    /// Why there may be more, and how long it took.
    pub(super) const fn end(&self) -> (Option<&Error>, Duration) {
        (self.error.as_ref(), self.took)
    }
}
