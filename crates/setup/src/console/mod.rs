//! What to click in the AWS console, in its order.

use domain::{Method, Region};

use crate::place::Place;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub title: &'static str,
    /// What to do.
    pub text: String,
}

fn step(title: &'static str, text: impl Into<String>) -> Step {
    Step {
        title,
        text: text.into(),
    }
}

/// The steps of a place.
pub(crate) fn steps(place: &Place<'_>) -> Vec<Step> {
    match place.way.method() {
        Method::IamRole => iam_role(),
        Method::ApiKey => api_key(place.region),
        Method::Cognito => cognito(),
    }
}

fn iam_role() -> Vec<Step> {
    vec![
        step(
            "Create the policy",
            "In the IAM console choose Policies, Create policy, JSON. Paste the permissions policy and name it BedrockAccess. Do the same with the inference profiles' policy: many models, Claude among them, answer through inference profiles only.",
        ),
        step(
            "Create the role",
            "Choose Roles, Create role, Custom trust policy. Paste the trust policy as it is: its external ID is yours alone.",
        ),
        step(
            "Attach the policy",
            "On the next page choose both policies, give the role a name such as BedrockIntegration, and create it.",
        ),
        step(
            "Copy the role's ARN",
            "Open the role, copy its ARN, enter it here and test the connection.",
        ),
    ]
}

fn api_key(region: &Region) -> Vec<Step> {
    vec![
        step(
            "Open API keys",
            format!(
                "In the Amazon Bedrock console switch to the region {region} and choose API keys."
            ),
        ),
        step(
            "Generate a key",
            "A long-term key lasts as long as you choose. A short-term key lasts 12 hours at most and works in this region alone: good for a trial.",
        ),
        step(
            "Allow what is needed",
            "The user behind a long-term key is shown beside it. In the IAM console attach the permissions policy to that user.",
        ),
        step(
            "Copy the key",
            "It is shown once. Enter it here and test the connection.",
        ),
    ]
}

fn cognito() -> Vec<Step> {
    vec![
        step(
            "Prepare the app client",
            "In the Amazon Cognito console open the user pool, then App clients. The client needs the flows ALLOW_USER_SRP_AUTH and ALLOW_REFRESH_TOKEN_AUTH.",
        ),
        step(
            "Create a user for this service",
            "Choose Users, Create user. Give it a permanent password (the AWS CLI's `cognito-idp admin-set-user-password --permanent` does) and no multi-factor authentication: nobody is there to answer a challenge.",
        ),
        step(
            "Link the pools",
            "Open the identity pool, User access, Add identity provider, Amazon Cognito user pool; choose the user pool and the app client.",
        ),
        step(
            "Let signed-in users use Bedrock",
            "In the IAM console open the identity pool's authenticated role, attach the permissions policy, and compare its trust policy with the one here.",
        ),
        step(
            "Enter the fields",
            "Enter the ids of both pools and the app client, and the user's name and password, and test the connection.",
        ),
    ]
}
