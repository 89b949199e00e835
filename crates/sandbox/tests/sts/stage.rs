//! A sandbox with the platform's user in one account and whatever a test puts into the customer's.

use std::sync::Arc;

use aws_sdk_sts::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
};
use aws_smithy_async::time::StaticTimeSource;
use domain::{Clock, ManualClock};
use sandbox::{
    Account, Sandbox, Settings, World,
    policy::Policy,
    sts::{Role, User},
};
use serde_json::{Value, json};
use time::macros::datetime;

pub(crate) const PLATFORM: &str = "111122223333";
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const PRINCIPAL: &str = "arn:aws:iam::111122223333:user/platform";
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
}

/// AWS's code and message, or what it gave.
pub(crate) type Answer<T> = Result<T, (String, String)>;

impl Stage {
    pub(crate) async fn new() -> Self {
        let user = User::new("platform")
            .key(ACCESS_KEY, SECRET)
            .policy(allowing("sts:*"));
        let world = World::new();
        world.account(PLATFORM, |account| account.users.push(user));
        world.account(ACCOUNT, |_| {});
        let clock = Arc::new(ManualClock::at(datetime!(2026-11-25 09:00 UTC)));
        let settings = Settings::local(world, clock.clone());
        let sandbox = Sandbox::start(settings).await.unwrap();
        Self { sandbox, clock }
    }

    pub(crate) async fn with(role: Role) -> Self {
        let stage = Self::new().await;
        stage.change(|account| account.roles.push(role));
        stage
    }

    /// Changes the customer's account.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Account)) {
        self.sandbox.world().account(ACCOUNT, change);
    }

    /// STS for the platform's user, at this time.
    pub(crate) fn sts(&self) -> Client {
        self.sts_as(Credentials::new(ACCESS_KEY, SECRET, None, None, "test"))
    }

    pub(crate) fn sts_as(&self, credentials: Credentials) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .endpoint_url(self.sandbox.url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .time_source(StaticTimeSource::new(self.clock.now().into()))
            .credentials_provider(credentials);
        Client::from_conf(config.build())
    }

    /// Who it is whose credentials these are.
    pub(crate) async fn caller(&self, credentials: Credentials) -> Answer<String> {
        let answer = self.sts_as(credentials).get_caller_identity().send().await;
        told(answer.map(|answer| answer.arn.unwrap()))
    }
}

/// What the SDK got, or AWS's code and message.
pub(crate) fn told<T, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> Answer<T> {
    result.map_err(|error| {
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        (text(error.code()), text(error.message()))
    })
}

/// AWS's no.
pub(crate) fn no<T>(code: &str, message: &str) -> Answer<T> {
    Err((code.to_owned(), message.to_owned()))
}

/// The credentials of a session.
pub(crate) fn credentials(session: &aws_sdk_sts::types::Credentials) -> Credentials {
    let token = session.session_token().to_owned();
    Credentials::new(
        session.access_key_id(),
        session.secret_access_key(),
        Some(token),
        None,
        "test",
    )
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// Lets `principal` do `action`, if `condition` holds.
pub(crate) fn trust(principal: &Value, action: &str, condition: &Value) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition },
    }))
}

pub(crate) fn allowing(action: &str) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" },
    }))
}
