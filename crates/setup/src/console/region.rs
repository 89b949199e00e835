//! A region more of an access that is there: what connects the first one is used for this one too.

use domain::Method;

use super::{Step, block, step};
use crate::{Policy, permissions, place::Place};

pub(super) fn steps(place: &Place<'_>) -> Vec<Step> {
    let (region, identity, policy) = (place.region, place.identity(), place.policy());
    let pasted: Policy = permissions::asked(place);
    let (keep, allow) = match place.way.method() {
        Method::IamRole => (
            "The role that connects your other region is used for this one as well. Make no other, and leave its trust policy as it is.",
            inline(&identity, &policy),
        ),
        Method::ApiKey => (
            "The key that connects your other region is used for this one as well: a long-term key works in every region. Make no other.",
            format!(
                "in the IAM console choose Policies, Create policy, JSON. Paste the permissions policy, choose Next, name it {policy} and choose Create policy. Then choose Users, the user of the key, Add permissions, Attach policies directly, and tick {policy}."
            ),
        ),
        Method::Cognito => (
            "The pools and the user that connect your other region are used for this one as well. Make no others.",
            inline("the role of the identity pool's signed-in users", &policy),
        ),
    };
    vec![
        step("Leave what is there", keep, []),
        step(
            "Allow what is needed here",
            format!(
                "If what it may invoke is not limited, it works in {region} already. Otherwise: {allow}"
            ),
            [block("Permissions policy", pasted.to_json())],
        ),
        step(
            "Test the connection",
            "There is nothing to enter but the region.",
            [],
        ),
    ]
}

fn inline(role: &str, policy: &str) -> String {
    format!(
        "in the IAM console choose Roles, {role}, Add permissions, Create inline policy, JSON. Paste the permissions policy, choose Next, name it {policy} and choose Create policy."
    )
}
