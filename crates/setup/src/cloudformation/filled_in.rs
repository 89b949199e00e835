//! The template of one place, in which nothing is left to be entered.

use super::{
    DESCRIPTION, VERSION,
    resources::{Named, output, policies, pools, pools_outputs, provider, role, user},
};
use crate::{
    cognito,
    json::{Node, pretty},
    permissions,
    place::{Oidc, Place, Way},
    policy::Policy,
    trust,
};

/// The template.
pub(super) fn template(place: &Place<'_>) -> String {
    let (resources, outputs) = match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => {
            let trust = trust::by_external_id(principal_arn.into(), external_id.into());
            (vec![ours(place, trust)], vec![role_arn()])
        }
        Way::Oidc(oidc) => federated(place, &oidc),
        Way::ApiKey => {
            let user = user(name(place), allowed(place));
            (
                vec![("User", user)],
                vec![("UserName", output(Node::reference("User")))],
            )
        }
        Way::Cognito { .. } => {
            let trust = trust::by_identity_pool(
                &cognito::identity(place.region),
                Node::reference("IdentityPool"),
            );
            let resources = pools(&name(place), ROLE)
                .into_iter()
                .chain([ours(place, trust)]);
            (resources.collect(), pools_outputs().to_vec())
        }
    };
    pretty(&Node::Map(vec![
        ("AWSTemplateFormatVersion", VERSION.into()),
        ("Description", DESCRIPTION.into()),
        ("Resources", Node::Map(resources)),
        ("Outputs", Node::Map(outputs)),
    ]))
}

const ROLE: &str = "Role";

fn federated(place: &Place<'_>, oidc: &Oidc<'_>) -> (Vec<Named>, Vec<Named>) {
    let provider = provider(oidc.issuer.into(), oidc.audience.into());
    let trust = trust::by_token(Node::reference("Provider"), oidc);
    (
        vec![("Provider", provider), ours(place, trust)],
        vec![role_arn()],
    )
}

fn ours(place: &Place<'_>, trust: Policy<Node>) -> Named {
    (ROLE, role(name(place), Node::Policy(trust), allowed(place)))
}

fn role_arn() -> Named {
    ("RoleArn", output(Node::attribute(ROLE, "Arn")))
}

fn name(place: &Place<'_>) -> Node {
    place.names.identity.to_string().into()
}

fn allowed(place: &Place<'_>) -> Node {
    policies(permissions::named(place).map(|(name, policy)| (name.into(), policy)))
}
