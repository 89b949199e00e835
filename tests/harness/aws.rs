//! An AWS beside the service: the sandbox with its demo world, and the bodies that connect to what is in it.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use credential_provider::{Endpoint, Endpoints};
use domain::Clock;
use sandbox::{
    Sandbox, World,
    demo::{Demo, EXTERNAL_ID, Platform, add_role},
    policy::Policy,
};
use serde_json::{Value, json};
use server::config::AwsConfig;

use crate::{Client, Options};

/// Everything of the connections' API begins with this.
pub const BEDROCK: &str = "/v1/integrations/bedrock";

/// A sandbox. It ends when it is dropped.
pub struct Aws {
    /// What there is to try in it.
    pub demo: Demo,
    /// What exists in it, what happened, and what is to go wrong.
    pub world: World,
    /// Where it is.
    pub url: String,
    _sandbox: Sandbox,
}

impl Aws {
    /// A sandbox that goes by that clock.
    #[expect(clippy::unwrap_used, reason = "a test cannot go on without its AWS")]
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let (world, demo) = Demo::new(EXTERNAL_ID, clock.now());
        let settings = sandbox::Settings::local(world.clone(), clock);
        let sandbox = Sandbox::start(settings).await.unwrap();
        Self {
            demo,
            world,
            url: sandbox.url(),
            _sandbox: sandbox,
        }
    }

    /// A service that takes this for AWS.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "the sandbox's own URL")]
    pub fn serve(&self, options: Options) -> Options {
        let endpoints = Endpoints::every(Endpoint::parse(&self.url).unwrap());
        reaching(endpoints, &self.demo.platform, options)
    }

    /// Lets some work go on until that is asked here, and stand still then.
    pub async fn until_asked<F: Future>(&self, operation: &str, mut work: Pin<&mut F>) {
        let before = self.world.count(operation);
        while self.world.count(operation) == before {
            let polled = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
            assert!(
                polled.is_pending(),
                "it ended, and {operation} was not asked"
            );
            tokio::task::yield_now().await;
        }
    }

    /// What connects by the demo's API key.
    pub fn by_key(&self) -> Value {
        let key = &self.demo.api_keys.long_term;
        json!({ "method": "api_key", "region": self.demo.region, "fields": { "api_key": key } })
    }

    /// What connects as the demo's Cognito user.
    pub fn by_user(&self) -> Value {
        let cognito = &self.demo.cognito;
        json!({
            "method": "cognito",
            "region": self.demo.region,
            "fields": {
                "user_pool_id": cognito.user_pool_id,
                "app_client_id": cognito.app_client_id,
                "identity_pool_id": cognito.identity_pool_id,
                "username": cognito.username,
                "password": cognito.password,
            },
        })
    }

    /// What connects by a role whose external ID was agreed on before.
    pub fn by_entered_role(&self) -> Value {
        let roles = &self.demo.roles;
        json!({
            "method": "iam_role",
            "region": self.demo.region,
            "fields": { "role_arn": roles.role_arn, "external_id": roles.external_id },
        })
    }

    /// What connects by a role that the customer has just made for a reservation, as the setup kit says.
    pub async fn by_reserved_role(&self, admin: &Client, name: &str) -> Value {
        let wanted = json!({ "method": "iam_role", "region": self.demo.region });
        self.by_kit(admin, name, wanted).await
    }

    /// The same for what is asked for: the role may do what the kit allows, and nothing else.
    pub async fn by_kit(&self, admin: &Client, name: &str, wanted: Value) -> Value {
        let reserved = admin
            .post(&format!("{BEDROCK}/connect"), wanted.clone())
            .await;
        assert_eq!(reserved.status, 201, "{reserved:?}");
        let setup = &reserved.body["setup"];
        let external_id = setup["external_id"].as_str().unwrap_or_default();
        let role_arn = add_role(&self.world, name, external_id);
        let kit = [
            &setup["permissions_policy"],
            &setup["inference_profiles_policy"],
        ];
        self.world.account(self.demo.account_id, |account| {
            let mut roles = account.roles.iter_mut();
            if let Some(role) = roles.find(|role| role.name == name) {
                role.policies = kit.map(Policy::of).into();
            }
        });
        json!({
            "connection_id": reserved.body["connection"]["id"],
            "method": "iam_role",
            "region": wanted["region"],
            "fields": { "role_arn": role_arn },
        })
    }
}

/// A service that finds AWS there, and is known to it as that platform.
#[must_use]
pub fn reaching(endpoints: Endpoints, platform: &Platform, options: Options) -> Options {
    let (id, secret) = (platform.access_key_id, platform.secret_access_key);
    let credentials = Credentials::new(id, secret, None, None, "the platform's own");
    Options {
        aws: AwsConfig {
            principal_arn: Some(platform.principal_arn.to_owned()),
            endpoints,
            ..options.aws
        },
        identity: Some(SharedCredentialsProvider::new(credentials)),
        ..options
    }
}

/// Saves a connection under a name. Its answer.
pub async fn save(admin: &Client, name: &str, mut body: Value) -> Value {
    body["name"] = name.into();
    let saved = admin.post(&format!("{BEDROCK}/connections"), body).await;
    assert_eq!(saved.status, 201, "{saved:?}");
    saved.body["connection"].clone()
}
