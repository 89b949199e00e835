//! A user of a Cognito user pool, and an identity pool that turns it into a role.

use super::{Step, besides, block, create_policies, step};
use crate::{
    cognito::{FLOWS, USERNAME},
    kit::trust_policy,
    place::Place,
    shell::script,
};

pub(super) fn steps(place: &Place<'_>) -> Vec<Step> {
    let trust = trust_policy(place).map(|trust| block("Trust policy", trust.to_json()));
    let permanent = format!(
        "aws cognito-idp admin-set-user-password --user-pool-id '<the user pool ID>' --username {USERNAME} --password '<the password>' --permanent"
    );
    vec![
        step(
            "Prepare the user pool",
            "In the Amazon Cognito console choose User pools and a pool that people cannot sign up to by themselves, or create one: whoever can sign in to it can use Bedrock.",
            [],
        ),
        step(
            "Prepare the app client",
            "Open the pool, App clients, and a client or Create app client. Choose Edit and tick these authentication flows: sign in with secure remote password (SRP), and refresh tokens.",
            [block("Authentication flows", FLOWS.join("\n"))],
        ),
        step(
            "Create a user for this service",
            "Choose Users, Create user; send no invitation. Multi-factor authentication must not be asked of it: nobody is there to answer. Make its password permanent: the console cannot, CloudShell can.",
            [block("In CloudShell", script(place.region, &[permanent]))],
        ),
        create_policies(place),
        step(
            "Create the identity pool",
            "Choose Identity pools, Create identity pool. Choose Authenticated access and Amazon Cognito user pool; let it create a new IAM role, choose the user pool and the app client, and choose Create identity pool. Leave guest access off.",
            [],
        ),
        step(
            "Let signed-in users use Bedrock",
            format!(
                "Open the identity pool, User access, Authenticated access, and its role. Attach {} and {}, and compare its trust relationships with the trust policy here.",
                place.managed_policy(),
                besides(place),
            ),
            trust.into_iter().collect::<Vec<_>>(),
        ),
        step(
            "Enter the fields",
            "Enter the ids of both pools and of the app client, the client's secret if it has one, and the user's name and password, and test the connection.",
            [],
        ),
    ]
}
