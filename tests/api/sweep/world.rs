//! A sweep that tests drive step by step.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use harness::Service;
use sandbox::Seed;
use serde_json::Value;
use server::app::sweep::{Did, Step, Sweep, SweepSettings};
use time::Duration;

use crate::connections::world::World;

/// Longer than an interval of the sweep, whatever chance says.
pub(crate) const LATER: i64 = 7 * 60 * 60;
/// Longer than it waits after what told nothing for sure.
pub(crate) const SOON: i64 = 20 * 60;

pub(crate) const SETTINGS: SweepSettings = SweepSettings {
    interval: Duration::hours(6),
    calls_per_minute: 240,
    longest_look: SweepSettings::LONGEST_LOOK,
};

/// A sweep of a replica.
pub(crate) fn sweep(service: &Service) -> Sweep {
    sweep_by(service, SETTINGS)
}

/// The same, with other settings.
pub(crate) fn sweep_by(service: &Service, settings: SweepSettings) -> Sweep {
    static SWEEPS: AtomicU64 = AtomicU64::new(0);
    let seed = Seed::new(SWEEPS.fetch_add(1, Ordering::Relaxed));
    Sweep::new(service.context.clone(), settings, Arc::new(seed))
}

/// One round over all tenants: the steps of it.
pub(crate) async fn round(sweep: &mut Sweep) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        let step = sweep.step().await.unwrap();
        steps.push(step);
        if matches!(step.did, Did::Round | Did::Follow) {
            return steps;
        }
    }
}

/// Rounds until nothing is due. How many connections were looked at.
pub(crate) async fn settled(sweep: &mut Sweep) -> usize {
    let mut looks = 0;
    loop {
        let now = looked(&round(sweep).await);
        if now == 0 {
            return looks;
        }
        looks += now;
    }
}

pub(crate) fn looked(steps: &[Step]) -> usize {
    steps.iter().filter(|step| step.did == Did::Look).count()
}

/// A while later, what is found then. How many connections were looked at.
pub(crate) async fn after(world: &World, seconds: i64, sweep: &mut Sweep) -> usize {
    world.wait(seconds);
    settled(sweep).await
}

/// Lets a look begin and stand still while AWS is asked for models, does something else, and lets it go on.
pub(crate) async fn meanwhile(world: &World, sweep: &mut Sweep, other: impl Future<Output = ()>) {
    let mut step = pin!(sweep.step());
    let asked = "ListFoundationModels";
    world.aws.until_asked(asked, step.as_mut()).await;
    other.await;
    assert_eq!(step.await.unwrap().did, Did::Look);
}

/// The events of that action, oldest first.
pub(crate) async fn events(world: &World, action: &str) -> Vec<Value> {
    let mut events = world.audited(&world.admin, action).await;
    events.reverse();
    events
}

/// The changes of connections' states so far: which, and why.
pub(crate) async fn changes(world: &World) -> Vec<(String, String)> {
    let events = events(world, "connection.state_changed").await;
    let told = events.iter().map(|event| {
        assert_eq!(event["actor"]["kind"], "service", "{event}");
        assert_eq!(event["actor"]["by_platform"], true, "{event}");
        let text = |member: &str| event["detail"][member].as_str().unwrap_or_default();
        (text("state").to_owned(), text("reason").to_owned())
    });
    told.collect()
}
