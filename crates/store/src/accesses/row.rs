//! What an access is, and its row.

use std::collections::BTreeMap;

use domain::{AccessId, AccountId, Federation, Method};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Result};

/// One way into one AWS account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Its id.
    pub id: AccessId,
    /// The method and its fields.
    pub fields: Fields,
    /// The account really reached.
    pub account: Option<AccountId>,
    /// The identity really reached.
    pub identity_arn: Option<String>,
    /// Per secret, what may be shown of it.
    pub secret_hints: Hints,
    /// When its secret ends at the latest, where it says so.
    pub secret_expires_at: Option<OffsetDateTime>,
    /// Counts edits of fields and secrets.
    pub revision: i32,
    /// The revision for which both probes of trust passed.
    pub proven_revision: Option<i32>,
    /// When it was reserved or saved.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// A method and its fields. What is missing is not entered yet: the access is only reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    /// An IAM role.
    IamRole {
        /// How the service proves who it is.
        federation: Federation,
        /// The role.
        role_arn: Option<String>,
        /// What its trust policy demands; none by OIDC.
        external_id: Option<ExternalId>,
    },
    /// A Bedrock API key, which is a secret.
    ApiKey,
    /// A user of a Cognito user pool.
    Cognito(CognitoFields),
}

/// Where a Cognito user is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CognitoFields {
    /// The user pool.
    pub user_pool_id: Option<String>,
    /// The app client.
    pub app_client_id: Option<String>,
    /// The identity pool.
    pub identity_pool_id: Option<String>,
    /// The user name.
    pub username: Option<String>,
    /// The pools' region, where it is not the connection's.
    pub pool_region: Option<String>,
}

/// What a role's trust policy demands. Not secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId {
    /// The value.
    pub value: String,
    /// Whether we made it. One that the customer entered proves nothing about whose role it is.
    pub is_generated: bool,
}

/// Per secret's name, what may be shown of it.
pub type Hints = BTreeMap<String, Hint>;

/// What may be shown of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// What kind of secret it is.
    pub kind: String,
    /// Its last four characters.
    pub last_four: String,
}

/// What is found out or entered about an access, and makes its leases void.
#[derive(Debug, Clone)]
pub struct Edit<'a> {
    /// Its fields; the method and federation are fixed.
    pub fields: &'a Fields,
    /// What may be shown of its secrets.
    pub secret_hints: &'a Hints,
    /// When its secret ends.
    pub secret_expires_at: Option<OffsetDateTime>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    method: String,
    federation: Option<String>,
    role_arn: Option<String>,
    external_id: Option<String>,
    external_id_source: Option<String>,
    user_pool_id: Option<String>,
    app_client_id: Option<String>,
    identity_pool_id: Option<String>,
    username: Option<String>,
    pool_region: Option<String>,
    account_id: Option<String>,
    identity_arn: Option<String>,
    secret_hints: Json<Hints>,
    secret_expires_at: Option<OffsetDateTime>,
    revision: i32,
    proven_revision: Option<i32>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl Fields {
    /// Which method.
    pub const fn method(&self) -> Method {
        match self {
            Self::IamRole { .. } => Method::IamRole,
            Self::ApiKey => Method::ApiKey,
            Self::Cognito(_) => Method::Cognito,
        }
    }

    /// How the service proves who it is, for a role.
    pub const fn federation(&self) -> Option<Federation> {
        match self {
            Self::IamRole { federation, .. } => Some(*federation),
            Self::ApiKey | Self::Cognito(_) => None,
        }
    }

    pub(super) fn columns(&self) -> Columns<'_> {
        let mut columns = Columns::default();
        match self {
            Self::IamRole {
                federation,
                role_arn,
                external_id,
            } => {
                columns.federation = Some(federation.as_str());
                columns.role_arn = role_arn.as_deref();
                if let Some(id) = external_id {
                    columns.external_id = Some(&id.value);
                    columns.external_id_source = Some(source(id.is_generated));
                }
            }
            Self::ApiKey => {}
            Self::Cognito(fields) => columns.cognito = Some(fields),
        }
        columns
    }
}

#[derive(Default)]
pub(super) struct Columns<'a> {
    pub(super) federation: Option<&'static str>,
    pub(super) role_arn: Option<&'a str>,
    pub(super) external_id: Option<&'a str>,
    pub(super) external_id_source: Option<&'static str>,
    cognito: Option<&'a CognitoFields>,
}

impl<'a> Columns<'a> {
    pub(super) fn cognito(
        &self,
        field: impl FnOnce(&'a CognitoFields) -> &'a Option<String>,
    ) -> Option<&'a str> {
        self.cognito.and_then(|fields| field(fields).as_deref())
    }
}

impl TryFrom<Row> for Access {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let method = row
            .method
            .parse()
            .map_err(|_| Error::Unreadable("accesses.method"))?;
        let fields = match method {
            Method::IamRole => Fields::IamRole {
                federation: row
                    .federation
                    .as_deref()
                    .and_then(|text| text.parse().ok())
                    .ok_or(Error::Unreadable("accesses.federation"))?,
                role_arn: row.role_arn,
                external_id: row.external_id.map(|value| ExternalId {
                    value,
                    is_generated: row.external_id_source.as_deref() == Some(source(true)),
                }),
            },
            Method::ApiKey => Fields::ApiKey,
            Method::Cognito => Fields::Cognito(CognitoFields {
                user_pool_id: row.user_pool_id,
                app_client_id: row.app_client_id,
                identity_pool_id: row.identity_pool_id,
                username: row.username,
                pool_region: row.pool_region,
            }),
        };
        let account = row
            .account_id
            .map(|account| account.parse())
            .transpose()
            .map_err(|_| Error::Unreadable("accesses.account_id"))?;
        Ok(Self {
            id: row.id.into(),
            fields,
            account,
            identity_arn: row.identity_arn,
            secret_hints: row.secret_hints.0,
            secret_expires_at: row.secret_expires_at,
            revision: row.revision,
            proven_revision: row.proven_revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const fn source(is_generated: bool) -> &'static str {
    if is_generated {
        "generated"
    } else {
        "customer"
    }
}
