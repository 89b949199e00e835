//! What customers are told to set up in AWS.

use std::str::FromStr;

use domain::Invalid;
use setup::{Names, TemplateUrl};

use super::reader::Reader;

/// What can be configured about setup kits.
#[derive(Debug, Clone, Default)]
pub struct SetupConfig {
    /// What things are to be called.
    pub names: Names,
    /// Where the platform published the template; none: no links.
    pub template_url: Option<TemplateUrl>,
}

impl Reader<'_> {
    pub(super) fn setup(&mut self) -> SetupConfig {
        let default = Names::default();
        SetupConfig {
            names: Names {
                policy: self.optional("BI_POLICY_NAME").unwrap_or(default.policy),
                identity: self.optional("BI_ROLE_NAME").unwrap_or(default.identity),
            },
            template_url: self.optional("BI_TEMPLATE_S3_URL"),
        }
    }

    fn optional<T: FromStr<Err = Invalid>>(&mut self, name: &str) -> Option<T> {
        let read = self.text(name)?.parse();
        read.map_err(|invalid: Invalid| self.fault(name, invalid.0))
            .ok()
    }
}
