//! Permissions policies: what the service may do in the account.

use std::collections::BTreeMap;

use domain::Method;

use crate::{
    Model, Place,
    place::Standing,
    policy::{Policy, Resources, Statement},
};

const LISTING: [&str; 2] = ["bedrock:ListFoundationModels", "bedrock:GetFoundationModel"];
const INVOKING: [&str; 2] = [
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
];

/// The longest policy that IAM keeps by itself.
const LONGEST: usize = 6_144;

/// Whether one policy can name all these models.
pub fn fit_one_policy(models: &[Model]) -> bool {
    let arns = models.iter().flat_map(|model| model.arns.clone()).collect();
    // The longest there is.
    let policy: Policy = of(Method::ApiKey, Some(Resources::Each(arns)));
    let written: usize = policy.to_json().split_whitespace().map(str::len).sum();
    written <= LONGEST
}

/// What is to be made, each policy with its name; `name` is that of the first. What is not about a region is there already
/// where another region is.
pub(crate) fn named<T: From<String>>(place: &Place<'_>, name: String) -> Vec<(String, Policy<T>)> {
    let besides = match place.standing {
        Standing::New => Some((besides(&name), inference_profiles())),
        Standing::Shared { .. } => None,
    };
    [(name, asked(place))].into_iter().chain(besides).collect()
}

/// What the policy is called that stands beside the one of that name.
pub(crate) fn besides(name: &str) -> String {
    format!("{name}-InferenceProfiles")
}

/// The permissions that the service asks for; of a user behind a key also the right to use one.
pub(crate) fn asked<T: From<String>>(place: &Place<'_>) -> Policy<T> {
    let arns: Vec<T> = place
        .arns()
        .into_iter()
        .map(|arn| T::from(arn.to_owned()))
        .collect();
    of(
        place.way.method(),
        (!arns.is_empty()).then_some(Resources::Each(arns)),
    )
}

/// The same, with the models to be invoked; all if none are named.
pub(crate) fn of<T: From<String>>(method: Method, models: Option<Resources<T>>) -> Policy<T> {
    let mut statements = match models {
        None => vec![on(
            everything(),
            "BedrockFoundationModelAccess",
            &[LISTING, INVOKING].concat(),
        )],
        // Lists are of no resource.
        Some(models) => vec![
            on(everything(), "BedrockFoundationModelLists", &LISTING),
            on(models, "BedrockFoundationModelAccess", &INVOKING),
        ],
    };
    let others: [(&str, &[&str]); 2] = [
        (
            "BedrockCustomModelAccess",
            &["bedrock:ListCustomModels", "bedrock:GetCustomModel"],
        ),
        ("IdentityVerification", &["sts:GetCallerIdentity"]),
    ];
    statements.extend(others.map(|(sid, actions)| on(everything(), sid, actions)));
    if method == Method::ApiKey {
        statements.push(on(
            everything(),
            "BedrockApiKeyAccess",
            &["bedrock:CallWithBearerToken"],
        ));
    }
    Policy::of(statements)
}

/// What lets the service see inference profiles, through which alone many of today's models answer; notice that access to a
/// model was lost; and count tokens, which AWS does for nothing.
pub(crate) fn inference_profiles<T: From<String>>() -> Policy<T> {
    Policy::of([
        on(
            everything(),
            "BedrockInferenceProfileAccess",
            &[
                "bedrock:ListInferenceProfiles",
                "bedrock:GetInferenceProfile",
            ],
        ),
        on(
            everything(),
            "BedrockModelAvailability",
            &["bedrock:GetFoundationModelAvailability"],
        ),
        on(
            everything(),
            "BedrockTokenCounting",
            &["bedrock:CountTokens"],
        ),
    ])
}

fn everything<T: From<String>>() -> Resources<T> {
    Resources::One(T::from("*".to_owned()))
}

fn on<T>(resources: Resources<T>, sid: &'static str, actions: &[&'static str]) -> Statement<T> {
    Statement {
        sid,
        effect: "Allow",
        principal: None,
        actions: actions.to_vec(),
        resources: Some(resources),
        conditions: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(policy: &Policy) -> Vec<&str> {
        policy
            .statements
            .iter()
            .flat_map(|statement| statement.actions.clone())
            .collect()
    }

    #[test]
    fn the_seven_permissions_are_asked_for_and_a_key_needs_one_more() {
        let role = of(Method::IamRole, None);
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
        let key = of(Method::ApiKey, None);
        assert_eq!(actions(&key)[..7], actions(&role));
        assert_eq!(actions(&key)[7..], ["bedrock:CallWithBearerToken"]);
    }

    #[test]
    fn a_policy_has_room_for_some_dozens_of_models() {
        let model =
            Model::by_arn("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0");
        assert!(fit_one_policy(&vec![model.clone(); 50]));
        assert!(!fit_one_policy(&vec![model; 100]));
    }

    #[test]
    fn chosen_models_are_all_that_can_be_invoked_and_lists_stay_whole() {
        let arn = "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0".to_owned();
        let chosen = of(Method::IamRole, Some(Resources::Each(vec![arn.clone()])));
        assert_eq!(actions(&chosen), actions(&of(Method::IamRole, None)));
        for statement in &chosen.statements {
            let resources = statement.resources.as_ref().unwrap();
            if statement.actions == INVOKING {
                assert_eq!(*resources, Resources::Each(vec![arn.clone()]));
            } else {
                assert_eq!(*resources, everything());
            }
        }
    }
}
