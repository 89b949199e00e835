//! A connection as callers see it. No secrets.

use std::collections::BTreeMap;

use bedrock::diagnosis::Code;
use serde::Serialize;
use store::{
    accesses::{self, Fields},
    connections::{self, State},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::app::connections::{Expiry, Saved};

/// A connection to an AWS account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Connection {
    #[schema(example = "con_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    /// A name for people; null while it is only reserved.
    #[schema(required, example = "Production")]
    name: Option<String>,
    #[schema(example = "bedrock")]
    integration: &'static str,
    #[schema(example = "iam_role", pattern = "^(iam_role|api_key|cognito)$")]
    method: &'static str,
    #[schema(example = "eu-west-1")]
    region: String,
    /// `pending`: reserved. `unverified`: saved untested. `healthy`, `failing`: as was found last. `expiring`,
    /// `expired`: its secret ends soon, or has ended.
    #[schema(
        example = "healthy",
        pattern = "^(pending|unverified|healthy|expiring|expired|failing)$"
    )]
    state: &'static str,
    /// Why, as a code of test reports, or `ownership_lost`.
    #[schema(required)]
    state_reason: Option<String>,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    state_since: OffsetDateTime,
    /// Whether it is the tenant's default.
    is_default: bool,
    /// Its present version, for `If-Match`.
    #[schema(example = "\"3\"")]
    etag: String,
    access: Access,
    /// Per secret: what kind it is, and its last four characters where they help to tell it from others.
    secret_hints: BTreeMap<String, Hint>,
    /// When its secret ends at the latest; null if unknown or never.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    expires_at: Option<OffsetDateTime>,
    #[schema(required)]
    last_test: Option<LastTest>,
    /// When a reservation lapses.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    reserved_until: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// One way into one AWS account: what several connections may share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Access {
    #[schema(example = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    /// Counts edits of fields and secrets.
    revision: i32,
    /// For roles: how the service proves who it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(assume_role|oidc)$")]
    federation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "arn:aws:iam::123456789012:role/BedrockIntegration")]
    role_arn: Option<String>,
    /// What the role's trust policy demands. Not a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// `generated` by this service, or entered by the `customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(generated|customer)$")]
    external_id_source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_pool_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_pool_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_region: Option<String>,
    /// The AWS account that was reached; null before a test passed.
    #[schema(required, example = "123456789012")]
    account_id: Option<String>,
    /// The AWS identity that was reached.
    #[schema(required)]
    identity_arn: Option<String>,
}

/// What may be shown of a secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hint {
    /// What kind of secret it is.
    #[schema(example = "long_term")]
    kind: String,
    /// Its last four characters; empty where they would help to guess it.
    #[schema(example = "x7Qk")]
    last_four: String,
}

/// The last test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastTest {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Whether it passed.
    ok: bool,
}

/// An etag as headers and bodies spell it.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

impl Connection {
    /// A connection as it is at `now`.
    pub(crate) fn at(saved: Saved, now: OffsetDateTime) -> Self {
        let Saved { connection, access } = saved;
        let Condition {
            state,
            reason,
            since,
        } = condition(&connection, &access, now);
        Self {
            id: connection.id.to_string(),
            name: connection.name,
            integration: "bedrock",
            method: access.fields.method().as_str(),
            region: connection.region.to_string(),
            state,
            state_reason: reason,
            state_since: since,
            is_default: connection.is_default,
            etag: etag(connection.etag),
            secret_hints: access
                .secret_hints
                .iter()
                .map(|(name, hint)| {
                    let hint = Hint {
                        kind: hint.kind.clone(),
                        last_four: hint.last_four.clone(),
                    };
                    (name.clone(), hint)
                })
                .collect(),
            expires_at: access.secret_expires_at,
            last_test: connection.last_test.map(|(at, ok)| LastTest { at, ok }),
            reserved_until: connection.reserved_until,
            created_at: connection.created_at,
            updated_at: connection.updated_at,
            access: access.into(),
        }
    }
}

/// How a connection is.
struct Condition {
    state: &'static str,
    reason: Option<String>,
    since: OffsetDateTime,
}

/// How a connection is at `now`: as it is kept, unless its secret has ended, or will soon and nothing worse is the matter.
fn condition(
    connection: &connections::Connection,
    access: &accesses::Access,
    now: OffsetDateTime,
) -> Condition {
    match (connection.state, Expiry::of(access)) {
        (State::Unverified | State::Healthy | State::Failing, Some(expiry))
            if expiry.end <= now =>
        {
            Condition {
                state: "expired",
                reason: Some(Code::ApiKeyExpired.as_str().to_owned()),
                since: expiry.end,
            }
        }
        (State::Unverified | State::Healthy, Some(expiry)) if expiry.told_from <= now => {
            Condition {
                state: "expiring",
                reason: None,
                since: expiry.told_from,
            }
        }
        (state, _) => Condition {
            state: state.as_str(),
            reason: connection.state_reason.clone(),
            since: connection.state_since,
        },
    }
}

impl From<accesses::Access> for Access {
    fn from(access: accesses::Access) -> Self {
        let empty = Self {
            id: access.id.to_string(),
            revision: access.revision,
            federation: None,
            role_arn: None,
            external_id: None,
            external_id_source: None,
            user_pool_id: None,
            app_client_id: None,
            identity_pool_id: None,
            username: None,
            pool_region: None,
            account_id: access.account.map(|account| account.to_string()),
            identity_arn: access.identity_arn,
        };
        match access.fields {
            Fields::IamRole {
                federation,
                role_arn,
                external_id,
            } => Self {
                federation: Some(federation.as_str()),
                role_arn,
                external_id_source: external_id.as_ref().map(|id| {
                    if id.is_generated {
                        "generated"
                    } else {
                        "customer"
                    }
                }),
                external_id: external_id.map(|id| id.value),
                ..empty
            },
            Fields::ApiKey => empty,
            Fields::Cognito(fields) => Self {
                user_pool_id: fields.user_pool_id,
                app_client_id: fields.app_client_id,
                identity_pool_id: fields.identity_pool_id,
                username: fields.username,
                pool_region: fields.pool_region,
                ..empty
            },
        }
    }
}
