//! Why a model cannot be invoked, or not for sure.

use std::fmt;

use serde::Serialize;

/// Why a model is not simply available. `Display` is a sentence for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It needs an inference profile, and none reaches it from here.
    NoProfileHere,
    /// It needs an inference profile, and those could not be listed.
    ProfilesNotListed,
    /// It needs provisioned throughput, and there is none.
    ProvisionedOnly,
    /// It is to be invoked in ways that this service does not have.
    InterfaceUnsupported,
    /// AWS does not serve it any more.
    EndOfLife,
    /// A custom model without a deployment or provisioned throughput.
    NotDeployed,
    /// A custom model of which it is not known whether it is deployed.
    DeploymentsNotListed,
    /// A custom model whose deployment or throughput is being made.
    DeploymentNotReady,
    /// A custom model whose deployment or throughput failed.
    DeploymentFailed,
    /// A custom model that is still being made.
    CustomizationUnfinished,
    /// A custom model whose making failed.
    CustomizationFailed,
    /// AWS does not have it in this region.
    NotInRegion,
    /// The account is not authorised to use it.
    NotAuthorized,
    /// The account has no entitlement to it.
    NotEntitled,
    /// Its agreement is accepted by the first call.
    AgreementByFirstCall,
    /// Its agreement is being made.
    AgreementPending,
    /// Its agreement failed.
    AgreementFailed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoProfileHere => {
                "AWS offers this model through inference profiles only, and has none for this region."
            }
            Self::ProfilesNotListed => {
                "AWS offers this model through inference profiles only, and they could not be listed. Allow \
                 bedrock:ListInferenceProfiles, or register the profile by its id."
            }
            Self::ProvisionedOnly => "This model needs provisioned throughput, and the account has none for it.",
            Self::InterfaceUnsupported => {
                "This model speaks, or writes videos to a bucket, by APIs that are not supported here."
            }
            Self::EndOfLife => "AWS has ended this model. Choose its successor.",
            Self::NotDeployed => {
                "This custom model has neither an on-demand deployment nor provisioned throughput. Create one in the \
                 Bedrock console."
            }
            Self::DeploymentsNotListed => {
                "Whether this custom model is deployed could not be found out. Allow \
                 bedrock:ListCustomModelDeployments and bedrock:ListProvisionedModelThroughputs."
            }
            Self::DeploymentNotReady => "The deployment of this custom model is still being created.",
            Self::DeploymentFailed => "The deployment of this custom model failed. Look at it in the Bedrock console.",
            Self::CustomizationUnfinished => "This custom model is still being made.",
            Self::CustomizationFailed => "The making of this custom model failed.",
            Self::NotInRegion => "AWS does not offer this model in this region.",
            Self::NotAuthorized => {
                "The account is not authorised to use this model. Grant access to it in the Bedrock console."
            }
            Self::NotEntitled => "The account has no entitlement to this model.",
            Self::AgreementByFirstCall => {
                "The first call to this model accepts its terms for the account, and needs aws-marketplace:Subscribe."
            }
            Self::AgreementPending => "The account's agreement on this model is being made, which can take 15 minutes.",
            Self::AgreementFailed => "The account's agreement on this model failed. Look at it in the Bedrock console.",
        })
    }
}
