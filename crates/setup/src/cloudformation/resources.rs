//! The resources of a stack.

use crate::{
    cognito::{FLOWS, USERNAME},
    json::Node,
    policy::Policy,
};

/// A resource or an output with its name in the template.
pub(super) type Named = (&'static str, Node);

/// A role; its longest session is as long as ours.
pub(super) fn role(name: Node, trust: Node, policies: Node) -> Node {
    resource(
        "AWS::IAM::Role",
        vec![
            ("RoleName", name),
            ("MaxSessionDuration", Node::Number(3_600)),
            ("AssumeRolePolicyDocument", trust),
            ("Policies", policies),
        ],
    )
}

/// The user behind a key. The key itself is made by hand: what a stack says is no place for secrets.
pub(super) fn user(name: Node, policies: Node) -> Node {
    resource(
        "AWS::IAM::User",
        vec![("UserName", name), ("Policies", policies)],
    )
}

/// Policies in what they are for.
pub(super) fn policies(policies: impl IntoIterator<Item = (Node, Policy<Node>)>) -> Node {
    let policies = policies.into_iter().map(|(name, policy)| {
        Node::Map(vec![
            ("PolicyName", name),
            ("PolicyDocument", Node::Policy(policy)),
        ])
    });
    Node::List(policies.collect())
}

/// This service as an identity provider.
pub(super) fn provider(url: Node, audience: Node) -> Node {
    resource(
        "AWS::IAM::OIDCProvider",
        vec![("Url", url), ("ClientIdList", Node::List(vec![audience]))],
    )
}

/// A user pool with one user, and an identity pool, whose signed-in users take `role` on.
pub(super) fn pools(name: &Node, role: &str) -> [Named; 5] {
    let of_pool = |attribute| Node::attribute("UserPool", attribute);
    let linked = Node::Map(vec![
        ("ClientId", Node::reference("AppClient")),
        ("ProviderName", of_pool("ProviderName")),
    ]);
    let roles = Node::Map(vec![("authenticated", Node::attribute(role, "Arn"))]);
    let closed = Node::Map(vec![("AllowAdminCreateUserOnly", Node::Flag(true))]);
    [
        (
            "UserPool",
            resource(
                "AWS::Cognito::UserPool",
                vec![
                    ("UserPoolName", name.clone()),
                    ("AdminCreateUserConfig", closed),
                ],
            ),
        ),
        (
            "AppClient",
            resource(
                "AWS::Cognito::UserPoolClient",
                vec![
                    ("ClientName", name.clone()),
                    ("UserPoolId", Node::reference("UserPool")),
                    (
                        "ExplicitAuthFlows",
                        Node::List(FLOWS.map(Node::from).to_vec()),
                    ),
                ],
            ),
        ),
        (
            "User",
            resource(
                "AWS::Cognito::UserPoolUser",
                vec![
                    ("UserPoolId", Node::reference("UserPool")),
                    ("Username", USERNAME.into()),
                    ("MessageAction", "SUPPRESS".into()),
                ],
            ),
        ),
        (
            "IdentityPool",
            resource(
                "AWS::Cognito::IdentityPool",
                vec![
                    ("IdentityPoolName", name.clone()),
                    ("AllowUnauthenticatedIdentities", Node::Flag(false)),
                    ("CognitoIdentityProviders", Node::List(vec![linked])),
                ],
            ),
        ),
        (
            "IdentityPoolRoles",
            resource(
                "AWS::Cognito::IdentityPoolRoleAttachment",
                vec![
                    ("IdentityPoolId", Node::reference("IdentityPool")),
                    ("Roles", roles),
                ],
            ),
        ),
    ]
}

/// What is to be entered after a stack with pools is made.
pub(super) fn pools_outputs() -> [Named; 4] {
    [
        ("UserPoolId", output(Node::reference("UserPool"))),
        ("AppClientId", output(Node::reference("AppClient"))),
        ("IdentityPoolId", output(Node::reference("IdentityPool"))),
        ("Username", output(USERNAME.into())),
    ]
}

pub(super) fn output(value: Node) -> Node {
    Node::Map(vec![("Value", value)])
}

fn resource(kind: &'static str, properties: Vec<Named>) -> Node {
    Node::Map(vec![
        ("Type", kind.into()),
        ("Properties", Node::Map(properties)),
    ])
}
