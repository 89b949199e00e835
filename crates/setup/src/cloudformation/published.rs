//! The one template that a platform publishes for all its customers: what differs between them is a parameter.

use domain::Method;

use super::{
    DESCRIPTION, VERSION,
    parameter::{Parameter, equal, makes_provider},
    resources::{
        MAKES_PROVIDER, Named, managed, only, output, policies, pools, pools_outputs, provider,
        provider_arn, role, user,
    },
};
use crate::{
    Names,
    json::{Node, pretty},
    permissions,
    place::Oidc,
    policy::Resources,
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

/// The template; `names` are what things are called unless a customer decides otherwise.
pub fn published_template(names: &Names) -> String {
    let parameters = parameters(names).map(Parameter::named);
    let mut conditions = METHODS
        .map(|(method, condition)| (condition, equal("Method", method)))
        .to_vec();
    let is_oidc = Node::Map(vec![("Condition", "IsOidc".into())]);
    let both = Node::List(vec![is_oidc, makes_provider()]);
    conditions.push((MAKES_PROVIDER, Node::Map(vec![("Fn::And", both)])));
    let (resources, outputs) = resources();
    pretty(&Node::Map(vec![
        ("AWSTemplateFormatVersion", VERSION.into()),
        ("Description", DESCRIPTION.into()),
        ("Parameters", Node::Map(parameters.into())),
        ("Conditions", Node::Map(conditions)),
        ("Resources", Node::Map(resources)),
        ("Outputs", Node::Map(outputs)),
    ]))
}

/// What differs between customers.
fn parameters(names: &Names) -> [Parameter; 11] {
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
        Parameter::provider_exists(),
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
        let beside = Node::substituted(permissions::besides("${PolicyName}"));
        [
            (
                Node::reference("PolicyName"),
                permissions::of(method, Some(models)),
            ),
            (beside, permissions::inference_profiles()),
        ]
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
    let arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/${OidcProvider}";
    // What conditions are about cannot be a parameter, but a part of a text can.
    let federated = trust::by_token("${ProviderArn}".to_owned(), &oidc).to_json();
    let whichever = Node::Map(vec![("ProviderArn", provider_arn(arn.to_owned()))]);
    let federated = Node::List(vec![federated.into(), whichever]);
    let federated = Node::Map(vec![("Fn::Sub", federated)]);
    let signed_in = trust::by_identity_pool("${CognitoIdentity}", "${IdentityPool}".to_owned());
    let signed_in = Node::substituted(signed_in.to_json());
    let url = Node::substituted("https://${OidcProvider}".to_owned());
    let role = |trust| role(name(), trust, policies(allowed(Method::IamRole)));

    let mut resources = vec![
        only("IsAssumeRole", ("AssumedRole", role(assumed))),
        only(
            MAKES_PROVIDER,
            ("Provider", provider(url, Node::reference("OidcAudience"))),
        ),
        only("IsOidc", ("FederatedRole", role(federated))),
        only("IsApiKey", ("ApiKeyUser", user(name()))),
        only("IsCognito", ("SignedInRole", role(signed_in))),
    ];
    let beside_user = managed(allowed(Method::ApiKey), &Node::reference("ApiKeyUser"));
    resources.extend(beside_user.into_iter().map(|it| only("IsApiKey", it)));
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
