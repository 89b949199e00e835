//! The one template that a platform publishes for all its customers: what differs between them is a parameter.

use domain::Method;

use super::{
    DESCRIPTION, VERSION,
    resources::{Named, output, policies, pools, pools_outputs, provider, role, user},
};
use crate::{
    Names,
    json::{Node, pretty},
    permissions,
    place::Oidc,
    policy::{Policy, Resources},
    trust,
};

/// The ways, as the parameter `Method` spells them, each with the condition that holds for it.
const METHODS: [(&str, &str); 4] = [
    ("assume_role", "IsAssumeRole"),
    ("oidc", "IsOidc"),
    ("api_key", "IsApiKey"),
    ("cognito", "IsCognito"),
];
const NAME: &str = "[A-Za-z][A-Za-z0-9-]{0,63}";

/// What differs between customers.
struct Parameter {
    name: &'static str,
    kind: &'static str,
    default: String,
    constraint: (&'static str, Node),
    about: &'static str,
}

/// The template; `names` are what things are called unless a customer decides otherwise.
pub fn published_template(names: &Names) -> String {
    let parameters = parameters(names).map(|parameter| {
        let members = vec![
            ("Description", parameter.about.into()),
            ("Type", parameter.kind.into()),
            ("Default", parameter.default.into()),
            parameter.constraint,
        ];
        (parameter.name, Node::Map(members))
    });
    let conditions = METHODS.map(|(method, condition)| {
        let equal = vec![Node::reference("Method"), method.into()];
        (
            condition,
            Node::Map(vec![("Fn::Equals", Node::List(equal))]),
        )
    });
    let (resources, outputs) = resources();
    pretty(&Node::Map(vec![
        ("AWSTemplateFormatVersion", VERSION.into()),
        ("Description", DESCRIPTION.into()),
        ("Parameters", Node::Map(parameters.into())),
        ("Conditions", Node::Map(conditions.into())),
        ("Resources", Node::Map(resources)),
        ("Outputs", Node::Map(outputs)),
    ]))
}

fn parameters(names: &Names) -> [Parameter; 10] {
    let text = |name, default: &str, pattern: &str, about| Parameter {
        name,
        kind: "String",
        default: default.to_owned(),
        constraint: ("AllowedPattern", format!("^{pattern}$").into()),
        about,
    };
    let methods = METHODS.map(|(method, _)| Node::from(method));
    [
        Parameter {
            name: "Method",
            kind: "String",
            default: METHODS[0].0.to_owned(),
            constraint: ("AllowedValues", Node::List(methods.into())),
            about: "The way into this account.",
        },
        text(
            "Name",
            &names.identity.to_string(),
            NAME,
            "What the role, the user or the pools are called.",
        ),
        text(
            "PolicyName",
            &names.policy.to_string(),
            NAME,
            "What the permissions policy is called.",
        ),
        Parameter {
            name: "InvokeResources",
            kind: "CommaDelimitedList",
            default: "*".to_owned(),
            constraint: ("AllowedPattern", r"^(\*|arn:[!-~]+)$".into()),
            about: "The ARNs of what may be invoked.",
        },
        text(
            "PrincipalArn",
            "",
            "(arn:[!-~]+)?",
            "For assume_role: who may take the role on.",
        ),
        text(
            "ExternalId",
            "",
            "[A-Za-z0-9_+=,.@:/-]{0,1224}",
            "For assume_role: what the role demands.",
        ),
        text(
            "OidcProvider",
            "",
            "[A-Za-z0-9._~/-]*",
            "For oidc: the issuer, without https://.",
        ),
        text(
            "OidcAudience",
            "sts.amazonaws.com",
            "[A-Za-z0-9._~:/-]*",
            "For oidc: whom tokens are for.",
        ),
        text(
            "OidcSubject",
            "",
            "[A-Za-z0-9._~:/-]*",
            "For oidc: whom tokens are about.",
        ),
        text(
            "CognitoIdentity",
            "cognito-identity.amazonaws.com",
            "[a-z0-9.-]+",
            "For cognito: what identity pools are called here.",
        ),
    ]
}

fn resources() -> (Vec<Named>, Vec<Named>) {
    let name = || Node::reference("Name");
    let allowed = |method| {
        let models = Resources::One(Node::reference("InvokeResources"));
        let profiles = Node::substituted("${PolicyName}InferenceProfiles".to_owned());
        policies([
            (
                Node::reference("PolicyName"),
                permissions::of(method, Some(models)),
            ),
            (profiles, permissions::inference_profiles()),
        ])
    };
    let assumed = Node::Policy(trust::by_external_id(
        Node::reference("PrincipalArn"),
        Node::reference("ExternalId"),
    ));
    let oidc = Oidc {
        issuer: "${OidcProvider}",
        audience: "${OidcAudience}",
        subject: "${OidcSubject}",
    };
    let federated = in_text(&trust::by_token("${Provider}".to_owned(), &oidc));
    let signed_in = in_text(&trust::by_identity_pool(
        "${CognitoIdentity}",
        "${IdentityPool}".to_owned(),
    ));
    let url = Node::substituted("https://${OidcProvider}".to_owned());
    let role = |trust| role(name(), trust, allowed(Method::IamRole));

    let mut resources = vec![
        only("IsAssumeRole", ("AssumedRole", role(assumed))),
        only(
            "IsOidc",
            ("Provider", provider(url, Node::reference("OidcAudience"))),
        ),
        only("IsOidc", ("FederatedRole", role(federated))),
        only(
            "IsApiKey",
            ("ApiKeyUser", user(name(), allowed(Method::ApiKey))),
        ),
        only("IsCognito", ("SignedInRole", role(signed_in))),
    ];
    resources.extend(pools(&name(), "SignedInRole").map(|pool| only("IsCognito", pool)));
    let mut outputs = vec![
        only(
            "IsAssumeRole",
            (
                "AssumedRoleArn",
                output(Node::attribute("AssumedRole", "Arn")),
            ),
        ),
        only(
            "IsOidc",
            (
                "FederatedRoleArn",
                output(Node::attribute("FederatedRole", "Arn")),
            ),
        ),
        only(
            "IsApiKey",
            ("UserName", output(Node::reference("ApiKeyUser"))),
        ),
    ];
    outputs.extend(pools_outputs().map(|told| only("IsCognito", told)));
    (resources, outputs)
}

/// A trust policy as text: what conditions are about cannot be a parameter, but a part of a text can.
fn in_text(policy: &Policy) -> Node {
    Node::substituted(policy.to_json())
}

/// What is made under a condition.
fn only(condition: &'static str, (name, made): Named) -> Named {
    match made {
        Node::Map(mut members) => {
            members.insert(0, ("Condition", condition.into()));
            (name, Node::Map(members))
        }
        other => (name, other),
    }
}
