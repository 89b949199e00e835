//! The AWS behind the demo: a sandbox in this process, and a service that takes it for AWS.

use std::{net::Ipv4Addr, sync::Arc};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use credential_provider::{Endpoint, Endpoints};
use domain::{Clock, SystemClock};
use rand::Rng;
use sandbox::{
    Sandbox, Seed,
    demo::{Demo, EXTERNAL_ID},
};

use crate::{
    commands::Result,
    config::{AwsConfig, Config},
    random::random,
};

/// A sandbox and what there is to try in it.
pub(super) struct Aws {
    pub(super) url: String,
    pub(super) demo: Demo,
    sandbox: Sandbox,
}

impl Aws {
    pub(super) async fn start() -> Result<Self> {
        let (world, demo) = Demo::new(EXTERNAL_ID, SystemClock.now());
        let settings = sandbox::Settings {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            world,
            clock: Arc::new(SystemClock),
            // What it gives out must not repeat itself from one start to the next.
            entropy: Arc::new(Seed::new(random().next_u64())),
        };
        let sandbox = Sandbox::start(settings).await?;
        Ok(Self {
            url: sandbox.url(),
            demo,
            sandbox,
        })
    }

    /// The configuration of a service that takes it for AWS.
    pub(super) fn configure(&self, config: &Config) -> Result<Config> {
        Ok(Config {
            aws: AwsConfig {
                principal_arn: Some(self.demo.platform.principal_arn.to_owned()),
                endpoints: Endpoints::every(Endpoint::parse(&self.url)?),
                setup: config.aws.setup.clone(),
                ..AwsConfig::default()
            },
            ..config.clone()
        })
    }

    /// The platform's own identity in it.
    pub(super) fn identity(&self) -> SharedCredentialsProvider {
        let platform = &self.demo.platform;
        let (id, secret) = (platform.access_key_id, platform.secret_access_key);
        SharedCredentialsProvider::new(Credentials::new(id, secret, None, None, "demo"))
    }

    pub(super) async fn stop(self) {
        self.sandbox.stop().await;
    }
}
