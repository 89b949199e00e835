//! The kit itself.

use crate::{
    console::{self, Step},
    permissions,
    place::{Oidc, Place, Way},
    policy::Policy,
    trust,
};

/// What stands for an identity pool that is not known yet.
const UNKNOWN_POOL: &str = "<the identity pool's id>";
/// What stands for an account that is not known yet.
const UNKNOWN_ACCOUNT: &str = "<the account's 12 digits>";

/// What a customer sets up on the AWS side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// The external ID that the role must demand.
    pub external_id: Option<String>,
    /// Who may take the role on.
    pub principal_arn: Option<String>,
    /// What to do, in the order of the AWS console.
    pub steps: Vec<Step>,
    /// What to allow.
    pub permissions_policy: Policy,
    /// What to allow besides for models that answer through inference profiles only.
    pub inference_profiles_policy: Policy,
    /// Whom to trust; none for a key.
    pub trust_policy: Option<Policy>,
}

impl Kit {
    /// The kit for a place.
    pub fn of(place: &Place<'_>) -> Self {
        let (principal_arn, external_id) = match place.way {
            Way::AssumeRole {
                principal_arn,
                external_id,
            } => (Some(principal_arn), Some(external_id)),
            Way::Oidc(_) | Way::ApiKey | Way::Cognito { .. } => (None, None),
        };
        Self {
            external_id: external_id.map(str::to_owned),
            principal_arn: principal_arn.map(str::to_owned),
            steps: console::steps(place),
            permissions_policy: match place.way {
                Way::ApiKey => permissions::of_a_key(),
                Way::AssumeRole { .. } | Way::Oidc(_) | Way::Cognito { .. } => {
                    permissions::of_a_role()
                }
            },
            inference_profiles_policy: permissions::inference_profiles(),
            trust_policy: trust_policy(place),
        }
    }
}

fn trust_policy(place: &Place<'_>) -> Option<Policy> {
    match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => Some(trust::by_external_id(
            principal_arn.to_owned(),
            external_id.to_owned(),
        )),
        Way::Oidc(oidc) => Some(trust::by_token(provider_arn(place, &oidc), &oidc)),
        Way::ApiKey => None,
        Way::Cognito { identity_pool_id } => {
            let pool = identity_pool_id.unwrap_or(UNKNOWN_POOL).to_owned();
            Some(trust::by_identity_pool(place.region, pool))
        }
    }
}

/// The ARN that IAM gives the provider in the customer's account.
fn provider_arn(place: &Place<'_>, oidc: &Oidc<'_>) -> String {
    let partition = place.region.partition().as_str();
    let account = place
        .account_id
        .map_or_else(|| UNKNOWN_ACCOUNT.to_owned(), |id| id.to_string());
    format!(
        "arn:{partition}:iam::{account}:oidc-provider/{}",
        oidc.provider()
    )
}
