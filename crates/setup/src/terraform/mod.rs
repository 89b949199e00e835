//! The kit in Terraform's language.

mod block;
mod expression;
mod policy_document;

use self::{
    block::Block,
    expression::Expression,
    policy_document::{json, policy_document},
};
use domain::Method;

use crate::{
    Policy,
    cognito::{self, FLOWS, USERNAME},
    permissions,
    place::{Oidc, Place, Standing, Way},
    trust,
};

/// Resources that make all of it, and outputs that tell what is to be entered.
pub(crate) fn of(place: &Place<'_>) -> String {
    let blocks = match place.standing {
        Standing::New => all(place),
        Standing::Shared { .. } => policies(place),
    };
    let blocks: Vec<String> = [needed()]
        .iter()
        .chain(&blocks)
        .map(Block::to_string)
        .collect();
    format!(
        "# A module of its own, for a provider of the region {}.\n\n{}",
        place.region,
        blocks.join("\n")
    )
}

fn all(place: &Place<'_>) -> Vec<Block> {
    match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => {
            let trust = trust::by_external_id(principal_arn.into(), external_id.into());
            [role(place, &trust), vec![role_arn()]].concat()
        }
        Way::Oidc(oidc) => federated(place, &oidc),
        Way::ApiKey => key(place),
        Way::Cognito { .. } => signed_in(place),
    }
}

/// AWS's provider, from the first version on that knows Bedrock's keys.
fn needed() -> Block {
    let source = ("source", "hashicorp/aws".into());
    let aws =
        Block::of("required_providers").object("aws", [source, ("version", ">= 6.18".into())]);
    Block::of("terraform").with([aws])
}

/// A role that trusts as told.
fn role(place: &Place<'_>, trust: &Policy<Expression>) -> Vec<Block> {
    let role = Block::resource("aws_iam_role")
        .set("name", place.identity())
        .set("assume_role_policy", json("trust"));
    [vec![policy_document("trust", trust), role], policies(place)].concat()
}

fn role_arn() -> Block {
    output("role_arn", told("aws_iam_role", "arn"))
}

/// The policies of the role; or of the user, in whom there is no room for them.
fn policies(place: &Place<'_>) -> Vec<Block> {
    let is_user = place.way.method() == Method::ApiKey;
    let identity = |kind: &str| match place.standing {
        Standing::New => told(kind, "name"),
        Standing::Shared { .. } => place.identity().into(),
    };
    let documents = ["permissions", "inference_profiles"]
        .into_iter()
        .zip(permissions::named(place, place.policy()));
    let blocks = documents.flat_map(|(document, (name, policy))| {
        let named = |kind: &str| Block::of(format!("resource \"{kind}\" \"{document}\""));
        let mut blocks = vec![policy_document(document, &policy)];
        if is_user {
            let arn = Expression::attribute(format!("aws_iam_policy.{document}.arn"));
            let policy = named("aws_iam_policy").set("name", name);
            let attached = named("aws_iam_user_policy_attachment")
                .set("user", identity("aws_iam_user"))
                .set("policy_arn", arn);
            blocks.extend([policy.set("policy", json(document)), attached]);
        } else {
            let inline = named("aws_iam_role_policy")
                .set("name", name)
                .set("role", identity("aws_iam_role"))
                .set("policy", json(document));
            blocks.push(inline);
        }
        blocks
    });
    blocks.collect()
}

/// A provider, unless there is one for another access of the tenant, and a role that trusts it.
fn federated(place: &Place<'_>, oidc: &Oidc<'_>) -> Vec<Block> {
    const PROVIDER: &str = "aws_iam_openid_connect_provider";
    const EXISTS: &str = "var.oidc_provider_exists";
    let exists = Block::of("variable \"oidc_provider_exists\"")
        .set(
            "description",
            "Whether the account has the identity provider already",
        )
        .set("type", Expression::attribute("bool"))
        .set("default", Expression::attribute("false"));
    let count =
        |there: u8, missing: u8| Expression::attribute(format!("{EXISTS} ? {there} : {missing}"));
    let found = Block::of(format!("data \"{PROVIDER}\" \"bedrock\""))
        .set("count", count(1, 0))
        .set("url", oidc.issuer);
    let provider = Block::resource(PROVIDER)
        .set("count", count(0, 1))
        .set("url", oidc.issuer)
        .list("client_id_list", [oidc.audience.into()]);
    let arn = Expression::attribute(format!(
        "one(concat(data.{PROVIDER}.bedrock[*].arn, {PROVIDER}.bedrock[*].arn))"
    ));
    let trust = trust::by_token(arn, oidc);
    [
        vec![exists, found, provider],
        role(place, &trust),
        vec![role_arn()],
    ]
    .concat()
}

/// A user with a key.
fn key(place: &Place<'_>) -> Vec<Block> {
    const KEY: &str = "aws_iam_service_specific_credential";
    let user = Block::resource("aws_iam_user").set("name", place.identity());
    let key = Block::resource(KEY)
        .set("user_name", told("aws_iam_user", "name"))
        .set("service_name", "bedrock.amazonaws.com")
        .set("credential_age_days", Expression::attribute("90"));
    let output = secret(output("api_key", told(KEY, "service_credential_secret")));
    [vec![user], policies(place), vec![key, output]].concat()
}

/// A user pool with one user, and an identity pool whose signed-in users take the role on.
fn signed_in(place: &Place<'_>) -> Vec<Block> {
    const USERS: &str = "aws_cognito_user_pool";
    const CLIENT: &str = "aws_cognito_user_pool_client";
    const IDENTITIES: &str = "aws_cognito_identity_pool";
    let name = || place.identity();
    let no = || Expression::attribute("false");
    let password = Block::of("variable \"password\"").set("type", Expression::attribute("string"));
    let pools = [
        secret(password),
        Block::resource(USERS)
            .set("name", name())
            .with([Block::of("admin_create_user_config").set(
                "allow_admin_create_user_only",
                Expression::attribute("true"),
            )]),
        Block::resource("aws_cognito_user")
            .set("user_pool_id", told(USERS, "id"))
            .set("username", USERNAME)
            .set("password", Expression::attribute("var.password")),
        Block::resource(CLIENT)
            .set("name", name())
            .set("user_pool_id", told(USERS, "id"))
            .list("explicit_auth_flows", FLOWS.map(Expression::from)),
        Block::resource(IDENTITIES)
            .set("identity_pool_name", name())
            .set("allow_unauthenticated_identities", no())
            .with([Block::of("cognito_identity_providers")
                .set("client_id", told(CLIENT, "id"))
                .set("provider_name", told(USERS, "endpoint"))
                .set("server_side_token_check", no())]),
    ];
    let trust = trust::by_identity_pool(&cognito::identity(place.region), told(IDENTITIES, "id"));
    let linked = Block::resource("aws_cognito_identity_pool_roles_attachment")
        .set("identity_pool_id", told(IDENTITIES, "id"))
        .object("roles", [("authenticated", told("aws_iam_role", "arn"))]);
    let outputs = [
        output("user_pool_id", told(USERS, "id")),
        output("app_client_id", told(CLIENT, "id")),
        output("identity_pool_id", told(IDENTITIES, "id")),
        output("username", told("aws_cognito_user", "username")),
    ];
    [
        pools.to_vec(),
        role(place, &trust),
        vec![linked],
        outputs.to_vec(),
    ]
    .concat()
}

/// What our resource of a type says about itself.
fn told(kind: &str, attribute: &str) -> Expression {
    Expression::attribute(format!("{kind}.bedrock.{attribute}"))
}

fn output(name: &str, value: Expression) -> Block {
    Block::of(format!("output \"{name}\"")).set("value", value)
}

fn secret(block: Block) -> Block {
    block.set("sensitive", Expression::attribute("true"))
}
