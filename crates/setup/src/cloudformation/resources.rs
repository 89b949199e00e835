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
pub(super) fn user(name: Node) -> Node {
    resource("AWS::IAM::User", vec![("UserName", name)])
}

/// Policies beside a user, in whom there is no room for them.
pub(super) fn managed(
    policies: impl IntoIterator<Item = (Node, Policy<Node>)>,
    user: &Node,
) -> Vec<Named> {
    let policies = policies.into_iter().map(|(name, policy)| {
        resource(
            "AWS::IAM::ManagedPolicy",
            vec![
                ("ManagedPolicyName", name),
                ("PolicyDocument", Node::Policy(policy)),
                ("Users", Node::List(vec![user.clone()])),
            ],
        )
    });
    ["Permissions", "InferenceProfiles"]
        .into_iter()
        .zip(policies)
        .collect()
}

/// A policy in a role that is there already.
pub(super) fn inline(name: Node, policy: Policy<Node>, role: Node) -> Node {
    resource(
        "AWS::IAM::Policy",
        vec![
            ("PolicyName", name),
            ("PolicyDocument", Node::Policy(policy)),
            ("Roles", Node::List(vec![role])),
        ],
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

/// This service as an identity provider. Other stacks of the tenant's need it too: it stays when this one goes.
pub(super) fn provider(url: Node, audience: Node) -> Node {
    let provider = resource(
        "AWS::IAM::OIDCProvider",
        vec![("Url", url), ("ClientIdList", Node::List(vec![audience]))],
    );
    let stays = ["DeletionPolicy", "UpdateReplacePolicy"];
    stays
        .into_iter()
        .fold(provider, |it, policy| with(policy, "Retain", it))
}

/// What is made under a condition.
pub(super) fn only(condition: &'static str, (name, made): Named) -> Named {
    (name, with("Condition", condition, made))
}

/// The condition under which a stack makes the provider.
pub(super) const MAKES_PROVIDER: &str = "MakesProvider";

/// The ARN of the provider that the stack makes, or of the one that there is, which is told.
pub(super) fn provider_arn(existing: String) -> Node {
    let whichever = vec![
        MAKES_PROVIDER.into(),
        Node::reference("Provider"),
        Node::substituted(existing),
    ];
    Node::Map(vec![("Fn::If", Node::List(whichever))])
}

/// The resource, with one thing more about it.
fn with(member: &'static str, value: &'static str, resource: Node) -> Node {
    match resource {
        Node::Map(mut members) => {
            members.insert(0, (member, value.into()));
            Node::Map(members)
        }
        other => other,
    }
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
