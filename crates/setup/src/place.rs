//! What a kit is made for.

use std::collections::BTreeSet;

use domain::{AccountId, Method, Region};

use crate::{Model, Names, TemplateUrl};

/// What a kit is made for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Bedrock's region; its partition is that of the account.
    pub region: &'a Region,
    /// The way into the account.
    pub way: Way<'a>,
    /// The account, once it is known.
    pub account_id: Option<AccountId>,
    /// The models that may be invoked; all if there is none.
    pub models: &'a [Model],
    /// What things are to be called.
    pub names: &'a Names,
    /// Where the platform published the template.
    pub template_url: Option<&'a TemplateUrl>,
}

impl Place<'_> {
    /// What may be invoked; everything if there is nothing.
    pub(crate) fn arns(&self) -> BTreeSet<&str> {
        self.models
            .iter()
            .flat_map(|model| &model.arns)
            .map(String::as_str)
            .collect()
    }
}

/// A way into an account, with what AWS is to be told about it.
#[derive(Debug, Clone, Copy)]
pub enum Way<'a> {
    /// A role that the service takes on by its own AWS identity.
    AssumeRole {
        /// That identity, as the operator configured it.
        principal_arn: &'a str,
        /// What the role must demand.
        external_id: &'a str,
    },
    /// A role that the service takes on as an OpenID Connect provider.
    Oidc(Oidc<'a>),
    /// A Bedrock API key.
    ApiKey,
    /// A user of a Cognito user pool.
    Cognito {
        /// The identity pool, once it is known.
        identity_pool_id: Option<&'a str>,
    },
}

/// What tokens of the service say.
#[derive(Debug, Clone, Copy)]
pub struct Oidc<'a> {
    /// Who made them: an https URL without port, query or `/` at its end.
    pub issuer: &'a str,
    /// Whom they are for.
    pub audience: &'a str,
    /// Whom they are about: this tenant's access.
    pub subject: &'a str,
}

impl Oidc<'_> {
    /// What IAM calls the provider: the issuer without its scheme.
    pub(crate) fn provider(&self) -> &str {
        self.issuer
            .split_once("://")
            .map_or(self.issuer, |(_, name)| name)
    }

    /// The ARN that IAM gives the provider in an account.
    pub(crate) fn provider_arn(&self, region: &Region, account: &str) -> String {
        let partition = region.partition().as_str();
        format!(
            "arn:{partition}:iam::{account}:oidc-provider/{}",
            self.provider()
        )
    }
}

impl Way<'_> {
    /// The method that it is.
    pub(crate) fn method(&self) -> Method {
        match self {
            Self::AssumeRole { .. } | Self::Oidc(_) => Method::IamRole,
            Self::ApiKey => Method::ApiKey,
            Self::Cognito { .. } => Method::Cognito,
        }
    }
}
