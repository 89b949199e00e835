//! What ends, in the sandbox: its clock can be moved, and it reads API keys, which no other emulator does.

use std::sync::Arc;

use bedrock::{
    catalogue::Catalogue,
    diagnosis::{Context, diagnose},
    report::Name,
};
use credential_provider::{Aws, Endpoint, Endpoints, Strategy, api_key::ApiKey};
use domain::{Clock, ManualClock, SystemClock};
use sandbox::{
    Sandbox, Settings,
    demo::{Demo, EXTERNAL_ID},
};
use serde_json::json;
use time::Duration;

use crate::world::{Failed, World, failed};

/// A sandbox, and its demo world, which is told as the other one is.
struct Stage {
    world: World,
    clock: Arc<ManualClock>,
    sandbox: Sandbox,
}

impl Stage {
    async fn start() -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let (world, demo) = Demo::new(EXTERNAL_ID, clock.now());
        let settings = Settings::local(world, clock.clone());
        let sandbox = Sandbox::start(settings).await.unwrap();
        Self {
            world: World::of(json!(demo)),
            clock,
            sandbox,
        }
    }

    /// The sandbox, for a service whose clock is this.
    fn aws(&self, clock: Arc<dyn Clock>) -> Aws {
        let endpoint = Endpoint::parse(&self.sandbox.url()).unwrap();
        self.world.aws_at(Endpoints::every(endpoint), clock)
    }

    async fn key_failure(&self, aws: &Aws, key: &str) -> Option<Failed> {
        let key: ApiKey = self
            .world
            .text(&format!("/api_keys/{key}"))
            .parse()
            .unwrap();
        failed(&self.world.test_at(aws, &self.world.region(), &key).await)
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_told_and_the_next_one_serves() {
    let stage = Stage::start().await;
    let (aws, region) = (stage.aws(stage.clock.clone()), stage.world.region());
    let role = stage.world.role("role_arn");
    let lease = role.lease(&aws, &region).await.unwrap();
    assert!(Catalogue::fetch(&aws, &lease, &region).await.is_ok());

    stage.clock.advance(Duration::HOUR);
    let error = Catalogue::fetch(&aws, &lease, &region).await.unwrap_err();
    let diagnosis = diagnose(&error, Context::default());
    assert_eq!(diagnosis.code.as_str(), "session_expired");

    let lease = role.lease(&aws, &region).await.unwrap();
    assert!(Catalogue::fetch(&aws, &lease, &region).await.is_ok());
}

#[tokio::test]
async fn a_short_term_key_leads_to_models_for_its_twelve_hours() {
    let stage = Stage::start().await;
    let late = Arc::new(ManualClock::at(stage.clock.now()));
    let (aws, late) = (stage.aws(stage.clock.clone()), stage.aws(late));
    assert_eq!(stage.key_failure(&aws, "long_term").await, None);
    assert_eq!(stage.key_failure(&aws, "short_term").await, None);

    stage.clock.advance(Duration::hours(12));
    assert_eq!(stage.key_failure(&aws, "long_term").await, None);
    let expired = |step| Some((step, "api_key_expired"));
    assert_eq!(
        stage.key_failure(&aws, "short_term").await,
        expired(Name::Fields)
    );
    // Even if our own clock does not tell.
    assert_eq!(
        stage.key_failure(&late, "short_term").await,
        expired(Name::ListModels)
    );
}

#[tokio::test]
async fn a_key_that_is_no_good_is_told_why() {
    let stage = Stage::start().await;
    let aws = stage.aws(stage.clock.clone());
    for (key, step, code) in [
        ("revoked", Name::ListModels, "api_key_invalid"),
        ("not_allowed", Name::ListModels, "bearer_not_allowed"),
        ("elsewhere", Name::Fields, "region_mismatch"),
        ("expired", Name::Fields, "api_key_expired"),
    ] {
        assert_eq!(
            stage.key_failure(&aws, key).await,
            Some((step, code)),
            "{key}"
        );
    }
}
