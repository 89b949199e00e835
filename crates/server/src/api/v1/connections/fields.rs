//! The fields of a method as they come in.

use std::str::FromStr;

use domain::{Federation, Invalid, Method};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::{
    api::input::Fields,
    app::{Change, Entered, EnteredRole, EnteredUser},
};

/// The fields of the method; those of other methods are refused. With a connection, what is absent is kept, and an
/// optional field is emptied by null or an empty text.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = Fields)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FieldsInput {
    /// iam_role: the role.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "arn:aws:iam::123456789012:role/BedrockIntegration")]
    role_arn: Given,
    /// iam_role: what the role's trust policy demands already; left out, it is the one that this service made.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    external_id: Given,
    /// iam_role: `assume_role` or `oidc`.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    federation: Given,
    /// api_key: the key. Write-only.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, write_only)]
    api_key: Given,
    /// cognito: the user pool.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "eu-west-1_AbCdEf123")]
    user_pool_id: Given,
    /// cognito: the app client.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    app_client_id: Given,
    /// cognito: the app client's secret, if it has one. Write-only.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, write_only)]
    app_client_secret: Given,
    /// cognito: the identity pool.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "eu-west-1:7f3c6a0e-1b2c-4d5e-8f90-123456789abc")]
    identity_pool_id: Given,
    /// cognito: the user.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    username: Given,
    /// cognito: the user's password. Write-only.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, write_only)]
    password: Given,
    /// cognito: the pools' region, if it is not Bedrock's.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pool_region: Given,
}

/// Absent, empty or a text.
type Given = Option<Option<String>>;

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Given, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(Some(text.filter(|text| !text.trim().is_empty())))
}

impl FieldsInput {
    /// The fields of `method`. What is wrong is noted in `noted`, and then what is returned is not to be used.
    pub(super) fn read(self, method: Method, noted: &mut Fields) -> Entered {
        self.refuse_others(method, noted);
        match method {
            Method::IamRole => Entered::Role(EnteredRole {
                role_arn: needed(noted, "/fields/role_arn", self.role_arn.as_ref()),
                external_id: needed(noted, "/fields/external_id", self.external_id.as_ref()),
                federation: needed::<Federation>(
                    noted,
                    "/fields/federation",
                    self.federation.as_ref(),
                ),
            }),
            Method::ApiKey => Entered::Key(needed(noted, "/fields/api_key", self.api_key.as_ref())),
            Method::Cognito => Entered::User(Box::new(EnteredUser {
                user_pool: needed(noted, "/fields/user_pool_id", self.user_pool_id.as_ref()),
                client: needed(noted, "/fields/app_client_id", self.app_client_id.as_ref()),
                client_secret: optional(
                    noted,
                    "/fields/app_client_secret",
                    self.app_client_secret.as_ref(),
                ),
                identity_pool: needed(
                    noted,
                    "/fields/identity_pool_id",
                    self.identity_pool_id.as_ref(),
                ),
                username: needed(noted, "/fields/username", self.username.as_ref()),
                password: needed(noted, "/fields/password", self.password.as_ref()),
                region: optional(noted, "/fields/pool_region", self.pool_region.as_ref()),
            })),
        }
    }

    fn refuse_others(&self, method: Method, noted: &mut Fields) {
        let fields = [
            (Method::IamRole, "/fields/role_arn", &self.role_arn),
            (Method::IamRole, "/fields/external_id", &self.external_id),
            (Method::IamRole, "/fields/federation", &self.federation),
            (Method::ApiKey, "/fields/api_key", &self.api_key),
            (Method::Cognito, "/fields/user_pool_id", &self.user_pool_id),
            (
                Method::Cognito,
                "/fields/app_client_id",
                &self.app_client_id,
            ),
            (
                Method::Cognito,
                "/fields/app_client_secret",
                &self.app_client_secret,
            ),
            (
                Method::Cognito,
                "/fields/identity_pool_id",
                &self.identity_pool_id,
            ),
            (Method::Cognito, "/fields/username", &self.username),
            (Method::Cognito, "/fields/password", &self.password),
            (Method::Cognito, "/fields/pool_region", &self.pool_region),
        ];
        for (of, pointer, given) in fields {
            if of != method && matches!(given, Some(Some(_))) {
                noted.note(pointer, "is no field of this method");
            }
        }
    }
}

/// A field that may be kept but not emptied: empty means absent.
fn needed<T: FromStr<Err = Invalid>>(
    noted: &mut Fields,
    pointer: &str,
    given: Option<&Option<String>>,
) -> Option<T> {
    let text = given.and_then(Option::as_deref)?;
    noted.parse(pointer, text.trim())
}

/// A field that may be kept, emptied or set.
fn optional<T: FromStr<Err = Invalid>>(
    noted: &mut Fields,
    pointer: &str,
    given: Option<&Option<String>>,
) -> Change<T> {
    match given {
        None => Change::Keep,
        Some(None) => Change::Clear,
        Some(Some(text)) => noted
            .parse(pointer, text.trim())
            .map_or(Change::Keep, Change::Set),
    }
}
