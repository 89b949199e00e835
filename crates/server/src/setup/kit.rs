//! The kit itself.

use domain::{Federation, Method, Region};
use serde_json::Value;

use super::{Step, policies, steps};

/// What stands for an identity pool that is not known yet.
const UNKNOWN_POOL: &str = "<the identity pool's id>";

/// What the kit is made for.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The way into the account.
    pub method: Method,
    /// How the service proves who it is.
    pub federation: Option<Federation>,
    /// Bedrock's region.
    pub region: &'a Region,
    /// The service's own AWS identity, as the operator configured it.
    pub principal_arn: Option<&'a str>,
    /// The access's external ID.
    pub external_id: Option<&'a str>,
    /// The identity pool, once it is known.
    pub identity_pool_id: Option<&'a str>,
}

/// What a customer sets up on the AWS side.
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    /// The external ID that the role must demand.
    pub external_id: Option<String>,
    /// Who may take the role on.
    pub principal_arn: Option<String>,
    /// What to do, in the order of the AWS console.
    pub steps: Vec<Step>,
    /// What to allow.
    pub permissions_policy: Value,
    /// What to allow besides for models that answer through inference profiles only.
    pub inference_profiles_policy: Value,
    /// Whom to trust; none for a key.
    pub trust_policy: Option<Value>,
}

impl Kit {
    /// The kit for a place.
    pub fn of(place: &Place<'_>) -> Self {
        let trust_policy = match place.method {
            Method::IamRole => {
                place
                    .principal_arn
                    .zip(place.external_id)
                    .map(|(principal, external_id)| {
                        policies::trust_by_external_id(principal, external_id)
                    })
            }
            Method::ApiKey => None,
            Method::Cognito => Some(policies::trust_by_identity_pool(
                place.identity_pool_id.unwrap_or(UNKNOWN_POOL),
            )),
        };
        Self {
            external_id: place.external_id.map(str::to_owned),
            principal_arn: (place.method == Method::IamRole)
                .then(|| place.principal_arn.map(str::to_owned))
                .flatten(),
            steps: steps::of(place.method, place.federation, place.region),
            permissions_policy: match place.method {
                Method::ApiKey => policies::permissions_of_a_key(),
                Method::IamRole | Method::Cognito => policies::permissions(),
            },
            inference_profiles_policy: policies::inference_profiles(),
            trust_policy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit(method: Method, identity_pool_id: Option<&str>) -> Kit {
        Kit::of(&Place {
            method,
            federation: (method == Method::IamRole).then_some(Federation::AssumeRole),
            region: &"eu-west-1".parse().unwrap(),
            principal_arn: Some("arn:aws:iam::111122223333:role/service"),
            external_id: (method == Method::IamRole).then_some("bi-1"),
            identity_pool_id,
        })
    }

    fn actions(kit: &Kit) -> Vec<&str> {
        let statements = kit.permissions_policy["Statement"].as_array().unwrap();
        statements
            .iter()
            .flat_map(|statement| statement["Action"].as_array().unwrap())
            .map(|action| action.as_str().unwrap())
            .collect()
    }

    #[test]
    fn a_roles_trust_names_our_principal_and_its_own_external_id() {
        let trust = kit(Method::IamRole, None).trust_policy.unwrap();
        let statement = &trust["Statement"][0];
        assert_eq!(
            statement["Principal"]["AWS"],
            "arn:aws:iam::111122223333:role/service"
        );
        assert_eq!(
            statement["Condition"]["StringEquals"]["sts:ExternalId"],
            "bi-1"
        );
    }

    #[test]
    fn the_seven_permissions_are_asked_for_and_a_key_needs_one_more() {
        let role = kit(Method::IamRole, None);
        assert_eq!(
            actions(&role),
            [
                "bedrock:ListFoundationModels",
                "bedrock:GetFoundationModel",
                "bedrock:InvokeModel",
                "bedrock:InvokeModelWithResponseStream",
                "bedrock:ListCustomModels",
                "bedrock:GetCustomModel",
                "sts:GetCallerIdentity",
            ]
        );
        let key = kit(Method::ApiKey, None);
        assert_eq!(actions(&key)[..7], actions(&role));
        assert_eq!(actions(&key)[7..], ["bedrock:CallWithBearerToken"]);
        assert_eq!((key.trust_policy, key.principal_arn), (None, None));
    }

    #[test]
    fn a_pools_role_trusts_that_pool_alone_once_it_is_known() {
        for (known, named) in [(None, UNKNOWN_POOL), (Some("eu-west-1:1"), "eu-west-1:1")] {
            let trust = kit(Method::Cognito, known).trust_policy.unwrap();
            let condition = &trust["Statement"][0]["Condition"];
            assert_eq!(
                condition["StringEquals"]["cognito-identity.amazonaws.com:aud"],
                named
            );
        }
    }
}
