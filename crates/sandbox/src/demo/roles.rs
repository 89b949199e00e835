//! The platform's own identity, and the customer's roles: one as it should be, and the two usual mistakes.

use serde::Serialize;
use serde_json::{Value, json};

use super::{ACCOUNT, allowing, bedrock_access, role_arn};
use crate::{
    World,
    policy::Policy,
    sts::{Role, User},
};

/// The platform's account.
const PLATFORM: &str = "111122223333";
const PRINCIPAL: &str = "arn:aws:iam::111122223333:user/bedrock-integrations";

/// The identity as which the platform's service asks for roles.
#[derive(Clone, Serialize)]
pub struct Platform {
    /// What customers' roles trust.
    pub principal_arn: &'static str,
    /// Its access key: the one of AWS's documentation, which everybody knows to be none.
    pub access_key_id: &'static str,
    /// The access key's secret.
    pub secret_access_key: &'static str,
}

/// The customer's roles.
#[derive(Clone, Serialize)]
pub struct Roles {
    /// What the role demands.
    pub external_id: String,
    /// The role as it should be.
    pub role_arn: String,
    /// A role that forgot to demand an external ID.
    pub unenforced_role_arn: String,
    /// A role that demands it, and is allowed nothing.
    pub powerless_role_arn: String,
}

impl Platform {
    pub(super) fn build(world: &World) -> Self {
        let platform = Self {
            principal_arn: PRINCIPAL,
            access_key_id: "AKIAIOSFODNN7EXAMPLE",
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        };
        let user = User::new("bedrock-integrations")
            .key(platform.access_key_id, platform.secret_access_key)
            .policy(allowing(&["sts:AssumeRole"]));
        world.account(PLATFORM, |account| account.users.push(user));
        platform
    }
}

impl Roles {
    pub(super) fn build(world: &World, external_id: &str) -> Self {
        let demanded = demanding(external_id);
        Self {
            external_id: external_id.to_owned(),
            role_arn: add_role(world, "BedrockAccess", external_id),
            unenforced_role_arn: add(
                world,
                Role::new("BedrockAccessForAnybody", trust(&json!({}))).policy(bedrock_access()),
            ),
            powerless_role_arn: add(world, Role::new("BedrockAccessForgotten", trust(&demanded))),
        }
    }
}

/// Makes a role, as the customer would who was told this external ID. Its ARN.
pub fn add_role(world: &World, name: &str, external_id: &str) -> String {
    let role = Role::new(name, trust(&demanding(external_id))).policy(bedrock_access());
    add(world, role)
}

fn add(world: &World, role: Role) -> String {
    let arn = role_arn(&role.name);
    world.account(ACCOUNT, |account| account.roles.push(role));
    arn
}

fn demanding(external_id: &str) -> Value {
    json!({ "StringEquals": { "sts:ExternalId": external_id } })
}

fn trust(condition: &Value) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "AWS": PRINCIPAL },
            "Action": "sts:AssumeRole",
            "Condition": condition,
        },
    }))
}
