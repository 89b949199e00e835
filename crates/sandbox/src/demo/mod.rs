//! A world to try things in: the platform's account, a customer's account, and in it every way in, right and wrong.
//!
//! What can be set up against it is the same at every start; only short-term keys are new, since they end.

mod api_keys;
mod directory;
mod roles;

pub use api_keys::ApiKeys;
pub use directory::Directory;
pub use roles::{Platform, Roles, add_role};

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use crate::{World, bedrock::Holdings, policy::Policy};

/// The region everything is in: the one that is meant by who comes to the sandbox's address with an API key.
pub const REGION: &str = "us-east-1";

/// The external ID of the demo's role, if nobody wants another one.
pub const EXTERNAL_ID: &str = "demo-external-id";

/// The customer's account.
pub const ACCOUNT: &str = "123456789012";

/// A model that answers at once and on demand.
const MODEL: &str = "amazon.nova-lite-v1:0";

/// Between two events of a stream, so that it looks like one.
const PACE: Duration = Duration::from_millis(20);

/// What there is to try in a demo world. Its secrets open nothing but sandboxes.
#[derive(Clone, Serialize)]
pub struct Demo {
    /// Where everything is.
    pub region: &'static str,
    /// The customer's account.
    pub account_id: &'static str,
    /// A model to talk to.
    pub model_id: &'static str,
    /// As whom the platform's service runs.
    pub platform: Platform,
    /// Ways in by role.
    pub roles: Roles,
    /// Ways in by Cognito.
    pub cognito: Directory,
    /// Ways in by API key.
    pub api_keys: ApiKeys,
}

impl Demo {
    /// A demo world whose role demands this external ID, and what is in it.
    pub fn new(external_id: &str, now: OffsetDateTime) -> (World, Self) {
        let world = World::new();
        world.account(ACCOUNT, |account| {
            account.bedrock = Holdings {
                pace: PACE,
                ..Holdings::sample(REGION)
            };
        });
        let demo = Self {
            region: REGION,
            account_id: ACCOUNT,
            model_id: MODEL,
            platform: Platform::build(&world),
            roles: Roles::build(&world, external_id),
            cognito: Directory::build(&world),
            api_keys: ApiKeys::build(&world, now),
        };
        (world, demo)
    }
}

/// A policy that allows these actions everywhere.
fn allowing(actions: &[&str]) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" },
    }))
}

/// What customers who follow the instructions allow, and the lists that make it comfortable.
fn bedrock_access() -> Policy {
    allowing(&[
        "bedrock:Get*",
        "bedrock:List*",
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
        "bedrock:CountTokens",
    ])
}

/// The ARN of a role of the customer's.
fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}
