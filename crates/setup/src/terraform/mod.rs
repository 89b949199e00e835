//! The kit in Terraform's language.

mod block;
mod expression;
mod policy_document;

use self::{
    block::Block,
    expression::Expression,
    policy_document::{json, policy_document},
};
use crate::{
    Policy,
    cognito::{self, FLOWS, USERNAME},
    permissions,
    place::{Oidc, Place, Way},
    trust,
};

/// Resources that make all of it, and outputs that tell what is to be entered.
pub(crate) fn of(place: &Place<'_>) -> String {
    let blocks = match place.way {
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
    };
    let blocks: Vec<String> = blocks.iter().map(Block::to_string).collect();
    format!(
        "# For a provider of the region {}.\n\n{}",
        place.region,
        blocks.join("\n")
    )
}

/// A role that trusts as told.
fn role(place: &Place<'_>, trust: &Policy<Expression>) -> Vec<Block> {
    let role = Block::resource("aws_iam_role")
        .set("name", place.names.identity.to_string())
        .set("assume_role_policy", json("trust"));
    [
        vec![policy_document("trust", trust), role],
        policies(place, "role"),
    ]
    .concat()
}

fn role_arn() -> Block {
    output("role_arn", told("aws_iam_role", "arn"))
}

/// The policies of a `role` or a `user`.
fn policies(place: &Place<'_>, whose: &'static str) -> Vec<Block> {
    let documents = ["permissions", "inference_profiles"]
        .into_iter()
        .zip(permissions::named(place));
    let blocks = documents.flat_map(|(document, (name, policy))| {
        let attached = Block::of(format!(
            "resource \"aws_iam_{whose}_policy\" \"{document}\""
        ))
        .set("name", name)
        .set(whose, told(&format!("aws_iam_{whose}"), "name"))
        .set("policy", json(document));
        [policy_document(document, &policy), attached]
    });
    blocks.collect()
}

/// A provider, and a role that trusts it.
fn federated(place: &Place<'_>, oidc: &Oidc<'_>) -> Vec<Block> {
    const PROVIDER: &str = "aws_iam_openid_connect_provider";
    let provider = Block::resource(PROVIDER)
        .set("url", oidc.issuer)
        .list("client_id_list", [oidc.audience.into()]);
    let trust = trust::by_token(told(PROVIDER, "arn"), oidc);
    [vec![provider], role(place, &trust), vec![role_arn()]].concat()
}

/// A user with a key.
fn key(place: &Place<'_>) -> Vec<Block> {
    const KEY: &str = "aws_iam_service_specific_credential";
    let user = Block::resource("aws_iam_user").set("name", place.names.identity.to_string());
    let key = Block::resource(KEY)
        .set("user_name", told("aws_iam_user", "name"))
        .set("service_name", "bedrock.amazonaws.com")
        .set("credential_age_days", Expression::attribute("90"));
    let output = secret(output("api_key", told(KEY, "service_credential_secret")));
    [vec![user], policies(place, "user"), vec![key, output]].concat()
}

/// A user pool with one user, and an identity pool whose signed-in users take the role on.
fn signed_in(place: &Place<'_>) -> Vec<Block> {
    const USERS: &str = "aws_cognito_user_pool";
    const CLIENT: &str = "aws_cognito_user_pool_client";
    const IDENTITIES: &str = "aws_cognito_identity_pool";
    let name = || place.names.identity.to_string();
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
        .object("roles", "authenticated", told("aws_iam_role", "arn"));
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
