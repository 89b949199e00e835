//! A way into an account with all that it needs: what a test tries, a save keeps and a lease is made from.

use std::sync::Arc;

use credential_provider::{
    Strategy,
    api_key::ApiKey,
    cognito::{AppClient, Cognito, Password, Pools, TokenStore, Username},
    iam_role::{AssumeRole, ExternalId, RoleArn, SessionName, Subject, TokenSigner, WebIdentity},
};
use domain::{AccessId, AccountId, Federation, Method, Region, TenantId};
use store::accesses::{self, CognitoFields, Hint, Hints};
use time::OffsetDateTime;

use crate::{Context, issuer::Issuer};

/// A way into an account, complete. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    Role(Role),
    Key(ApiKey),
    User(Box<User>),
}

/// A role that trusts us, if we come with what it demands.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) role_arn: RoleArn,
    pub(crate) demand: Demand,
}

/// What a role's trust policy demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Our AWS identity, with this external ID.
    ExternalId {
        value: ExternalId,
        /// Whether we made it for this tenant.
        is_generated: bool,
    },
    /// A token of the tenant's issuer that speaks for the access.
    Token,
}

/// A user of a Cognito user pool.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) pools: Pools,
    pub(crate) client: AppClient,
    pub(crate) username: Username,
    pub(crate) password: Password,
}

/// Whose access it is made for, who signs for it, and what the operator adds to its session policy.
pub(crate) struct Bearings<'a> {
    pub(super) tenant: TenantId,
    pub(super) access: AccessId,
    issuer: &'a Arc<Issuer>,
    session_actions: &'a [String],
}

impl<'a> Bearings<'a> {
    pub(crate) fn of(context: &'a Context, tenant: TenantId, access: AccessId) -> Self {
        Self {
            tenant,
            access,
            issuer: &context.issuer,
            session_actions: &context.settings.aws.session_actions,
        }
    }
}

impl Way {
    pub(crate) const fn method(&self) -> Method {
        match self {
            Self::Role(_) => Method::IamRole,
            Self::Key(_) => Method::ApiKey,
            Self::User(_) => Method::Cognito,
        }
    }

    /// What AWS is called with. `tokens` is where a user's tokens are kept between two sign-ins.
    pub(crate) fn strategy(
        &self,
        bearings: &Bearings<'_>,
        tokens: impl FnOnce() -> Arc<dyn TokenStore>,
    ) -> Arc<dyn Strategy> {
        match self {
            Self::Role(role) => role.strategy(bearings),
            Self::Key(key) => Arc::new(key.clone()),
            Self::User(user) => Arc::new(Cognito {
                pools: user.pools.clone(),
                client: user.client.clone(),
                username: user.username.clone(),
                password: user.password.clone(),
                tokens: tokens(),
            }),
        }
    }

    /// The account that the fields alone name.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Role(role) => Some(role.role_arn.account()),
            Self::Key(key) => key.facts().account,
            Self::User(_) => None,
        }
    }

    /// The fields as they are kept; secrets are not among them.
    pub(crate) fn fields(&self) -> accesses::Fields {
        match self {
            Self::Role(role) => role.fields(),
            Self::Key(_) => accesses::Fields::ApiKey,
            Self::User(user) => accesses::Fields::Cognito(CognitoFields {
                user_pool_id: Some(user.pools.user_pool.to_string()),
                app_client_id: Some(user.client.id.to_string()),
                identity_pool_id: Some(user.pools.identity_pool.to_string()),
                username: Some(user.username.to_string()),
                pool_region: user.pools.region.as_ref().map(Region::to_string),
            }),
        }
    }

    /// What may be shown of its secrets. Of a password nothing but that there is one: its end would help to guess it.
    pub(crate) fn hints(&self) -> Hints {
        let hint = |name: &str, kind: &str, last_four: &str| {
            let (kind, last_four) = (kind.to_owned(), last_four.to_owned());
            (name.to_owned(), Hint { kind, last_four })
        };
        match self {
            Self::Role(_) => Hints::new(),
            Self::Key(key) => {
                Hints::from([hint("api_key", key.facts().kind.as_str(), key.last_four())])
            }
            Self::User(user) => {
                let secret = user.client.secret.as_ref().map(|secret| {
                    let text = secret.expose();
                    let last_four = &text[text.len().saturating_sub(4)..];
                    hint("app_client_secret", "app_client_secret", last_four)
                });
                [hint("password", "password", "")]
                    .into_iter()
                    .chain(secret)
                    .collect()
            }
        }
    }

    /// When its secret ends, where it says so.
    pub(crate) fn expires_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Key(key) => key.facts().expires_at,
            Self::Role(_) | Self::User(_) => None,
        }
    }
}

impl Role {
    /// Whether what it demands was made here for this tenant: then a role that demands it is this tenant's.
    pub(crate) const fn demands_ours(&self) -> bool {
        match self.demand {
            Demand::ExternalId { is_generated, .. } => is_generated,
            Demand::Token => true,
        }
    }

    fn strategy(&self, bearings: &Bearings<'_>) -> Arc<dyn Strategy> {
        match &self.demand {
            Demand::ExternalId { value, .. } => {
                Arc::new(assume_role(&self.role_arn, value, bearings))
            }
            Demand::Token => Arc::new(WebIdentity {
                role_arn: self.role_arn.clone(),
                subject: Subject {
                    tenant: bearings.tenant,
                    access: bearings.access,
                },
                tokens: Arc::clone(bearings.issuer) as Arc<dyn TokenSigner>,
                session_name: SessionName::of(bearings.tenant, bearings.access),
                more_actions: bearings.session_actions.to_vec(),
            }),
        }
    }

    fn fields(&self) -> accesses::Fields {
        let (federation, external_id) = match &self.demand {
            Demand::ExternalId {
                value,
                is_generated,
            } => {
                let external_id = accesses::ExternalId {
                    value: value.to_string(),
                    is_generated: *is_generated,
                };
                (Federation::AssumeRole, Some(external_id))
            }
            Demand::Token => (Federation::Oidc, None),
        };
        accesses::Fields::IamRole {
            federation,
            role_arn: Some(self.role_arn.to_string()),
            external_id,
        }
    }
}

/// A role that our AWS identity takes on.
pub(crate) fn assume_role(
    role_arn: &RoleArn,
    external_id: &ExternalId,
    bearings: &Bearings<'_>,
) -> AssumeRole {
    AssumeRole {
        role_arn: role_arn.clone(),
        external_id: external_id.clone(),
        session_name: SessionName::of(bearings.tenant, bearings.access),
        more_actions: bearings.session_actions.to_vec(),
    }
}
