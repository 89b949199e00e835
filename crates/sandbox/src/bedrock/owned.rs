//! What an account owns in Bedrock: application profiles, custom models and their deployments, imported models,
//! provisioned throughput. Each lives in one region and has an id of 12 letters and digits.

use domain::AccountId;
use time::{OffsetDateTime, macros::datetime};

use super::arn;

/// When everything was made that was not told otherwise.
const MADE: OffsetDateTime = datetime!(2026-02-03 09:30 UTC);

/// An inference profile that the account made, to tell its costs apart.
#[derive(Debug, Clone)]
pub struct ApplicationProfile {
    /// Its region.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the foundation model or system profile it was made from.
    pub source: String,
}

/// A foundation model that the account customised.
#[derive(Debug, Clone)]
pub struct CustomModel {
    /// Its region.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the foundation model.
    pub base: String,
    /// How it was customised, such as `FINE_TUNING`.
    pub customization: &'static str,
    /// `Active`, `Creating` or `Failed`.
    pub status: &'static str,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// A custom model that can be invoked on demand.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Its region.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the custom model.
    pub custom_model: String,
    /// `Active`, `Creating` or `Failed`.
    pub status: &'static str,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// A model with the account's own weights.
#[derive(Debug, Clone)]
pub struct ImportedModel {
    /// Its region.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its architecture, such as `llama`; Converse is not for `qwen2_5_vl`.
    pub architecture: String,
    /// Whether it was tuned to follow instructions.
    pub instruct: bool,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// Throughput that the account bought for a model.
#[derive(Debug, Clone)]
pub struct ProvisionedThroughput {
    /// Its region.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the foundation model or custom model.
    pub model: String,
    /// How many units.
    pub units: u32,
    /// `InService`, `Creating`, `Updating` or `Failed`.
    pub status: &'static str,
    /// When it was bought.
    pub created_at: OffsetDateTime,
}

impl ApplicationProfile {
    /// A profile of this id made from `source`.
    pub fn new(region: &str, id: &str, name: &str, source: &str) -> Self {
        Self {
            region: region.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }

    /// Its ARN, which is what it is invoked by.
    pub fn arn(&self, account: AccountId) -> String {
        let resource = format!("application-inference-profile/{}", self.id);
        arn::owned(&self.region, account, &resource)
    }
}

impl CustomModel {
    /// An active fine-tuned model.
    pub fn new(region: &str, id: &str, name: &str, base: &str) -> Self {
        Self {
            region: region.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            base: base.to_owned(),
            customization: "FINE_TUNING",
            status: "Active",
            created_at: MADE,
        }
    }

    /// Its ARN, which it is not invoked by.
    pub fn arn(&self, account: AccountId) -> String {
        let resource = format!("custom-model/{}/{}", self.base, self.id);
        arn::owned(&self.region, account, &resource)
    }
}

impl Deployment {
    /// An active deployment.
    pub fn new(region: &str, id: &str, name: &str, custom_model: &str) -> Self {
        Self {
            region: region.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            custom_model: custom_model.to_owned(),
            status: "Active",
            created_at: MADE,
        }
    }

    /// Its ARN, which is what it is invoked by.
    pub fn arn(&self, account: AccountId) -> String {
        let resource = format!("custom-model-deployment/{}", self.id);
        arn::owned(&self.region, account, &resource)
    }
}

impl ImportedModel {
    /// A model that follows instructions.
    pub fn new(region: &str, id: &str, name: &str, architecture: &str) -> Self {
        Self {
            region: region.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            architecture: architecture.to_owned(),
            instruct: true,
            created_at: MADE,
        }
    }

    /// Its ARN, which is what it is invoked by.
    pub fn arn(&self, account: AccountId) -> String {
        let resource = format!("imported-model/{}", self.id);
        arn::owned(&self.region, account, &resource)
    }
}

impl ProvisionedThroughput {
    /// One unit in service.
    pub fn new(region: &str, id: &str, name: &str, model: &str) -> Self {
        Self {
            region: region.to_owned(),
            id: id.to_owned(),
            name: name.to_owned(),
            model: model.to_owned(),
            units: 1,
            status: "InService",
            created_at: MADE,
        }
    }

    /// Its ARN, which is what it is invoked by.
    pub fn arn(&self, account: AccountId) -> String {
        let resource = format!("provisioned-model/{}", self.id);
        arn::owned(&self.region, account, &resource)
    }
}
