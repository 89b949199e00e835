//! The sweep is slow on purpose, by what it asks of AWS.

use std::time::Duration;

use harness::aws::save;
use server::app::sweep::{Did, SweepSettings};

use super::world::{LATER, SETTINGS, looked, round, settled, sweep, sweep_by};
use crate::connections::world::World;

#[tokio::test]
async fn of_a_tenant_one_connection_is_looked_at_in_a_round_of_a_minute_at_least() {
    let world = World::start().await;
    for n in 0..3 {
        save(&world.admin, &format!("Key {n}"), world.aws.by_key()).await;
    }
    save(&world.other, "Key", world.aws.by_key()).await;
    world.wait(LATER);
    let mut sweep = sweep(&world.service);
    for due in [2, 1, 1, 0] {
        let steps = round(&mut sweep).await;
        assert_eq!(looked(&steps), due, "{steps:?}");
        let rest = steps.last().unwrap().rest;
        let minute = Duration::from_secs(60);
        assert!((minute..=minute * 3 / 2).contains(&rest), "{rest:?}");
    }
}

#[tokio::test]
async fn it_rests_as_long_as_its_calls_take_at_the_operators_rate() {
    let world = World::start().await;
    for (body, calls) in [(world.aws.by_key(), 7), (world.aws.by_entered_role(), 11)] {
        save(&world.admin, &format!("{calls}"), body).await;
        world.wait(LATER);
        let mut sweep = sweep(&world.service);
        let before = world.aws.world.seen().len();
        let steps = round(&mut sweep).await;
        let asked = world.aws.world.seen().len() - before;
        sweep.end().await;
        let look = steps.iter().find(|step| step.did == Did::Look).unwrap();
        assert!(asked <= calls, "{asked}");
        let least =
            Duration::from_secs(60) * u32::try_from(asked).unwrap() / SETTINGS.calls_per_minute;
        assert!(look.rest >= least, "{asked} calls, {:?}", look.rest);
        assert!(look.rest < Duration::from_secs(5), "{:?}", look.rest);
        settled(&mut sweep).await;
        sweep.end().await;
    }
}

#[tokio::test]
async fn a_look_that_takes_too_long_waits_for_its_next_turn() {
    let world = World::start().await;
    save(&world.admin, "Key", world.aws.by_key()).await;
    world.wait(LATER);
    let settings = SweepSettings {
        longest_look: Duration::ZERO,
        ..SETTINGS
    };
    let mut hasty = sweep_by(&world.service, settings);
    assert!(hasty.step().await.is_err());
    hasty.end().await;
    let mut patient = sweep(&world.service);
    assert_eq!(settled(&mut patient).await, 0);
    world.wait(LATER);
    assert_eq!(settled(&mut patient).await, 1);
}
