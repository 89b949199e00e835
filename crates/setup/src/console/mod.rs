//! What to click in the AWS console, in its order and by the names of its pages.

mod api_key;
mod cognito;
mod iam_role;
mod region;

use crate::{
    Policy, permissions,
    place::{Place, Standing, Way},
};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub title: &'static str,
    /// What to do.
    pub text: String,
    /// What to paste.
    pub blocks: Vec<Block>,
}

/// Something to paste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it belongs.
    pub label: &'static str,
    /// What to paste there.
    pub text: String,
}

/// The steps of a place.
pub(crate) fn steps(place: &Place<'_>) -> Vec<Step> {
    if let Standing::Shared { .. } = place.standing {
        return region::steps(place);
    }
    match place.way {
        Way::AssumeRole { .. } => iam_role::steps(place, None),
        Way::Oidc(oidc) => iam_role::steps(place, Some(&oidc)),
        Way::ApiKey => api_key::steps(place),
        Way::Cognito { .. } => cognito::steps(place),
    }
}

fn step(title: &'static str, text: impl Into<String>, blocks: impl Into<Vec<Block>>) -> Step {
    Step {
        title,
        text: text.into(),
        blocks: blocks.into(),
    }
}

fn block(label: &'static str, text: impl Into<String>) -> Block {
    Block {
        label,
        text: text.into(),
    }
}

/// How policies come into being, whatever they are attached to.
fn create_policies(place: &Place<'_>) -> Step {
    let permissions: Policy = permissions::asked(place);
    let profiles: Policy = permissions::inference_profiles();
    step(
        "Create the policies",
        format!(
            "In the IAM console choose Policies, Create policy, JSON. Paste the permissions policy, choose Next, name it {name} and choose Create policy. Do the same with the policy for inference profiles and name it {besides}: many models, Claude among them, answer through inference profiles only.",
            name = place.managed_policy(),
            besides = besides(place),
        ),
        [
            block("Permissions policy", permissions.to_json()),
            block("Policy for inference profiles", profiles.to_json()),
        ],
    )
}

/// What the policy for inference profiles is called.
fn besides(place: &Place<'_>) -> String {
    permissions::besides(&place.managed_policy())
}
