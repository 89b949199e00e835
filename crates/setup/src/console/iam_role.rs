//! A role that the service takes on.

use super::{Step, besides, block, create_policies, step};
use crate::{
    kit::trust_policy,
    place::{Oidc, Place},
};

/// With `oidc` the account gets to know the service as an identity provider first.
pub(super) fn steps(place: &Place<'_>, oidc: Option<&Oidc<'_>>) -> Vec<Step> {
    let name = place.identity();
    let trust = trust_policy(place).map(|trust| block("Trust policy", trust.to_json()));
    let trusted = match oidc {
        None => "Paste the trust policy as it is: its external ID is yours alone.",
        Some(_) => {
            "Paste the trust policy. Where it says so, put in your account's 12 digits; the rest is yours alone."
        }
    };
    let rest = [
        create_policies(place),
        step(
            "Create the role",
            format!(
                "Choose Roles, Create role. On the page Select trusted entity choose Custom trust policy. {trusted} Choose Next."
            ),
            trust.into_iter().collect::<Vec<_>>(),
        ),
        step(
            "Add permissions",
            format!(
                "On the page Add permissions tick {} and {}, and choose Next.",
                place.managed_policy(),
                besides(place)
            ),
            [],
        ),
        step(
            "Name, review, and create",
            format!("Name the role {name}, or as you like, and choose Create role."),
            [],
        ),
        step(
            "Copy the role's ARN",
            "Open the role, copy its ARN, enter it here and test the connection.",
            [],
        ),
    ];
    oidc.map(add_provider).into_iter().chain(rest).collect()
}

fn add_provider(oidc: &Oidc<'_>) -> Step {
    step(
        "Add the identity provider",
        "In the IAM console choose Identity providers, Add provider, OpenID Connect. Paste the provider URL and the audience, and choose Add provider. If your account has the provider already, leave it.",
        [
            block("Provider URL", oidc.issuer),
            block("Audience", oidc.audience),
        ],
    )
}
