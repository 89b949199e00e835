//! The cache of leases in front of it all: what AWS is asked for, how often, and what it is spared.

use std::sync::Arc;

use credential_provider::{
    Accesses, Error, LeaseKey, Leases, LeasesSettings, Occasion, PolicyHash, Result, Strategy,
};
use domain::{AccessId, TenantId};
use futures_util::future::{BoxFuture, join_all, ready};
use sandbox::{Fault, Harm, sts::Role};
use time::Duration;

use crate::{
    cognito::place::Place,
    stage::{Stage, demanded, region, trusting_us, way_into},
};

/// Accesses that all have one way in.
struct One(Arc<dyn Strategy>);

impl Accesses for One {
    fn strategy<'a>(
        &'a self,
        _: &'a LeaseKey,
        _: Occasion,
    ) -> BoxFuture<'a, Result<Arc<dyn Strategy>>> {
        Box::pin(ready(Ok(Arc::clone(&self.0))))
    }

    fn is_current<'a>(&'a self, _: &'a LeaseKey) -> BoxFuture<'a, Result<bool>> {
        Box::pin(ready(Ok(true)))
    }
}

fn leases(stage: &Stage, way: impl Strategy + 'static) -> Leases {
    let accesses = Arc::new(One(Arc::new(way)));
    Leases::new(stage.aws.clone(), accesses, LeasesSettings::default())
}

fn key(access: &str) -> LeaseKey {
    let access: AccessId = access.parse().unwrap();
    LeaseKey {
        tenant: TenantId::PLATFORM,
        access,
        revision: 1,
        region: region(),
        policy: PolicyHash::of(""),
    }
}

fn one() -> LeaseKey {
    key("acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")
}

fn other() -> LeaseKey {
    key("acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c")
}

async fn with_role() -> Stage {
    Stage::with(Role::new("Bedrock", trusting_us(&demanded()))).await
}

#[tokio::test]
async fn a_thousand_first_requests_make_one_call() {
    let stage = with_role().await;
    let leases = leases(&stage, way_into("Bedrock"));
    let key = one();
    let all = join_all((0..1_000).map(|_| leases.get(&key))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(stage.calls(), 1);
}

#[tokio::test]
async fn a_thousand_first_requests_sign_in_once() {
    let place = Place::plain().await;
    let leases = leases(&place.stage, place.way.clone());
    let key = one();
    let all = join_all((0..1_000).map(|_| leases.get(&key))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(place.stage.calls(), 4);
}

#[tokio::test]
async fn no_lease_that_is_handed_out_has_ended_for_aws() {
    let stage = with_role().await;
    let leases = leases(&stage, way_into("Bedrock"));
    let key = one();
    let first = leases.get(&key).await.unwrap();
    stage.clock.advance(Duration::minutes(59));
    let second = leases.get(&key).await.unwrap();
    stage.clock.advance(Duration::minutes(2));
    assert!(stage.caller(&first).await.is_err());
    assert!(stage.caller(&second).await.is_ok());
    assert_eq!(stage.sandbox.world().count("AssumeRole"), 2);
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_by_itself() {
    let mut place = Place::plain().await;
    place.way.password = "Wrong-Pa55word".parse().unwrap();
    let leases = leases(&place.stage, place.way.clone());
    for _ in 0..5 {
        let refused = leases.get(&one()).await;
        assert!(matches!(refused, Err(Error::PasswordRefused(_))));
        place.stage.clock.advance(Duration::days(1));
    }
    assert_eq!(place.count("RespondToAuthChallenge"), 1);
    let refused = leases.renew(&one()).await;
    assert!(matches!(refused, Err(Error::PasswordRefused(_))));
    assert_eq!(place.count("RespondToAuthChallenge"), 2);
}

#[tokio::test]
async fn an_access_that_hangs_slows_no_other() {
    let stage = with_role().await;
    let world = stage.sandbox.world();
    world.fault(Fault::always(Harm::Hang).times(1));
    let leases = leases(&stage, way_into("Bedrock"));
    let hanging = tokio::spawn({
        let leases = leases.clone();
        async move { leases.get(&one()).await }
    });
    while stage.calls() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(leases.get(&other()).await.is_ok());
    assert!(!hanging.is_finished());
    hanging.abort();
}
