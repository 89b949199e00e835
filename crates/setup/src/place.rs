//! What a kit is made for.

use std::collections::BTreeSet;

use domain::{AccessId, AccountId, Method, Region};

use crate::{Model, Names, TemplateUrl, names::Name};

/// What a kit is made for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Bedrock's region; its partition is that of the account.
    pub region: &'a Region,
    /// The way into the account.
    pub way: Way<'a>,
    /// Whose way it is.
    pub access: AccessId,
    /// What of it is there already.
    pub standing: Standing<'a>,
    /// The account, once it is known.
    pub account_id: Option<AccountId>,
    /// The models that may be invoked; all if there is none.
    pub models: &'a [Model],
    /// What the names of things begin with.
    pub names: &'a Names,
    /// Where the platform published the template.
    pub template_url: Option<&'a TemplateUrl>,
}

impl Place<'_> {
    /// What the role, the user or the pools are called.
    pub(crate) fn identity(&self) -> String {
        match self.standing {
            Standing::Shared {
                role_name: Some(name),
            } => name.to_owned(),
            Standing::Shared { role_name: None } | Standing::New => {
                let longest = match (self.way, self.region.as_str()) {
                    // https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html
                    (Way::Cognito { .. }, "us-gov-east-1") => 20,
                    _ => Name::LONGEST,
                };
                self.names.identity.of_access(self.access, longest)
            }
        }
    }

    /// What the stack is called. Another region's is never the first one's, which would take away what that made.
    pub(crate) fn stack(&self) -> String {
        let name = self.names.identity.of_access(self.access, Name::LONGEST);
        self.of_region(name)
    }

    /// What the permissions policy is called where it is made: in a role, or beside a user.
    pub(crate) fn policy(&self) -> String {
        match self.way.method() {
            Method::ApiKey => self.managed_policy(),
            Method::IamRole | Method::Cognito => self.of_region(self.names.policy.to_string()),
        }
    }

    /// What the permissions policy is called if it is by itself: the account has others.
    pub(crate) fn managed_policy(&self) -> String {
        self.of_region(self.names.policy.of_access(self.access, Name::LONGEST))
    }

    /// Another region takes nothing from the first, and leaves that as it is.
    fn of_region(&self, name: String) -> String {
        match self.standing {
            Standing::New => name,
            Standing::Shared { .. } => format!("{name}-{}", self.region),
        }
    }

    /// What may be invoked; everything if there is nothing.
    pub(crate) fn arns(&self) -> BTreeSet<&str> {
        self.models
            .iter()
            .flat_map(|model| &model.arns)
            .map(String::as_str)
            .collect()
    }
}

/// What of an access is in the account already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Nothing: all of it is to be made.
    New,
    /// All that another region uses; what is to be added is permissions alone.
    Shared {
        /// The role, if it is known. Else it is called as kits call it.
        role_name: Option<&'a str>,
    },
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
