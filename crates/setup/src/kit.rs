//! The kit itself.

use crate::{
    CloudFormation, Policy, Step, aws_cli, cognito, console, permissions,
    place::{Place, Way},
    terraform, trust,
};

/// What stands for an identity pool that is not known yet.
const UNKNOWN_POOL: &str = "<the identity pool's id>";
/// What stands for an account that is not known yet.
const UNKNOWN_ACCOUNT: &str = "<the account's 12 digits>";

/// What a customer sets up on the AWS side, by whichever of its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// The external ID that the role must demand.
    pub external_id: Option<String>,
    /// Who may take the role on.
    pub principal_arn: Option<String>,
    /// What IAM is told of the provider that the role trusts.
    pub oidc: Option<Provider>,
    /// What to do, in the order of the AWS console.
    pub steps: Vec<Step>,
    /// What to allow.
    pub permissions_policy: Policy,
    /// What to allow besides for models that answer through inference profiles only.
    pub inference_profiles_policy: Policy,
    /// Whom to trust; none for a key.
    pub trust_policy: Option<Policy>,
    /// All of it by CloudFormation,
    pub cloudformation: CloudFormation,
    /// … in Terraform's language,
    pub terraform: String,
    /// … or by commands for bash.
    pub aws_cli: String,
}

/// The service as an OpenID Connect provider, and what its tokens say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its URL.
    pub issuer: String,
    /// Whom its tokens are for.
    pub audience: String,
    /// Whom they are about.
    pub subject: String,
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
            oidc: match place.way {
                Way::Oidc(oidc) => Some(Provider {
                    issuer: oidc.issuer.to_owned(),
                    audience: oidc.audience.to_owned(),
                    subject: oidc.subject.to_owned(),
                }),
                Way::AssumeRole { .. } | Way::ApiKey | Way::Cognito { .. } => None,
            },
            steps: console::steps(place),
            permissions_policy: permissions::asked(place),
            inference_profiles_policy: permissions::inference_profiles(),
            trust_policy: trust_policy(place),
            cloudformation: CloudFormation::of(place),
            terraform: terraform::of(place),
            aws_cli: aws_cli::of(place),
        }
    }
}

/// Whom to trust, as far as it is known before anything is made.
pub(crate) fn trust_policy(place: &Place<'_>) -> Option<Policy> {
    match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => Some(trust::by_external_id(
            principal_arn.to_owned(),
            external_id.to_owned(),
        )),
        Way::Oidc(oidc) => {
            let account = place
                .account_id
                .map_or_else(|| UNKNOWN_ACCOUNT.to_owned(), |id| id.to_string());
            Some(trust::by_token(
                oidc.provider_arn(place.region, &account),
                &oidc,
            ))
        }
        Way::ApiKey => None,
        Way::Cognito { identity_pool_id } => {
            let pool = identity_pool_id.unwrap_or(UNKNOWN_POOL).to_owned();
            Some(trust::by_identity_pool(
                &cognito::identity(place.region),
                pool,
            ))
        }
    }
}
