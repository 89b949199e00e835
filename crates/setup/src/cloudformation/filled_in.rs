//! The template of one place, in which nothing is left to be entered.

use domain::Method;

use super::{
    DESCRIPTION, VERSION,
    parameter::{Parameter, makes_provider},
    resources::{
        MAKES_PROVIDER, Named, inline, managed, only, output, policies, pools, pools_outputs,
        provider, provider_arn, role, user,
    },
};
use crate::{
    cognito,
    json::{Node, pretty},
    permissions,
    place::{Oidc, Place, Standing, Way},
    policy::Policy,
    trust,
};

/// What differs between templates.
#[derive(Default)]
struct Parts {
    parameters: Vec<Named>,
    conditions: Vec<Named>,
    resources: Vec<Named>,
    outputs: Vec<Named>,
}

/// The template.
pub(super) fn template(place: &Place<'_>) -> String {
    let parts = match place.standing {
        Standing::New => all(place),
        Standing::Shared { .. } => added(place),
    };
    let mut members = vec![
        ("AWSTemplateFormatVersion", VERSION.into()),
        ("Description", DESCRIPTION.into()),
    ];
    let sections = [
        ("Parameters", parts.parameters),
        ("Conditions", parts.conditions),
        ("Resources", parts.resources),
        ("Outputs", parts.outputs),
    ];
    let sections = sections.into_iter().filter(|(_, it)| !it.is_empty());
    members.extend(sections.map(|(name, it)| (name, Node::Map(it))));
    pretty(&Node::Map(members))
}

const ROLE: &str = "Role";

fn all(place: &Place<'_>) -> Parts {
    match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => {
            let trust = trust::by_external_id(principal_arn.into(), external_id.into());
            Parts {
                resources: vec![(ROLE, ours(place, trust))],
                outputs: vec![role_arn()],
                ..Parts::default()
            }
        }
        Way::Oidc(oidc) => federated(place, &oidc),
        Way::ApiKey => {
            let user = ("User", user(place.identity().into()));
            let name = Node::reference("User");
            let beside = managed(allowed(place), &name);
            Parts {
                resources: [user].into_iter().chain(beside).collect(),
                outputs: vec![("UserName", output(name))],
                ..Parts::default()
            }
        }
        Way::Cognito { .. } => {
            let trust = trust::by_identity_pool(
                &cognito::identity(place.region),
                Node::reference("IdentityPool"),
            );
            let pools = pools(&place.identity().into(), ROLE);
            Parts {
                resources: pools
                    .into_iter()
                    .chain([(ROLE, ours(place, trust))])
                    .collect(),
                outputs: pools_outputs().to_vec(),
                ..Parts::default()
            }
        }
    }
}

/// Permissions for a region more.
fn added(place: &Place<'_>) -> Parts {
    let identity = Node::from(place.identity());
    let resources = match place.way.method() {
        Method::ApiKey => managed(allowed(place), &identity),
        Method::IamRole | Method::Cognito => {
            let policy = inline(place.policy().into(), permissions::asked(place), identity);
            vec![("Permissions", policy)]
        }
    };
    Parts {
        resources,
        ..Parts::default()
    }
}

fn federated(place: &Place<'_>, oidc: &Oidc<'_>) -> Parts {
    let provider = provider(oidc.issuer.into(), oidc.audience.into());
    let arn = provider_arn(oidc.provider_arn(place.region, "${AWS::AccountId}"));
    Parts {
        parameters: vec![Parameter::provider_exists().named()],
        conditions: vec![(MAKES_PROVIDER, makes_provider())],
        resources: vec![
            only(MAKES_PROVIDER, ("Provider", provider)),
            (ROLE, ours(place, trust::by_token(arn, oidc))),
        ],
        outputs: vec![role_arn()],
    }
}

fn ours(place: &Place<'_>, trust: Policy<Node>) -> Node {
    role(
        place.identity().into(),
        Node::Policy(trust),
        policies(allowed(place)),
    )
}

fn role_arn() -> Named {
    ("RoleArn", output(Node::attribute(ROLE, "Arn")))
}

fn allowed(place: &Place<'_>) -> impl Iterator<Item = (Node, Policy<Node>)> {
    let named = permissions::named(place, place.policy()).into_iter();
    named.map(|(name, policy)| (name.into(), policy))
}
