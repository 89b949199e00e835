//! A key that ends is told of ahead of time and at its end, once each.

use harness::aws::save;
use serde_json::Value;

use super::world::{LATER, after, changes, events, settled, sweep};
use crate::connections::world::{World, now, state};

const HOUR: i64 = 60 * 60;

async fn counts(world: &World) -> (usize, usize) {
    (
        events(world, "connection.expiring").await.len(),
        events(world, "connection.expired").await.len(),
    )
}

async fn by_short_key(world: &World) -> Value {
    let mut body = world.aws.by_key();
    body["fields"]["api_key"] = world.aws.demo.api_keys.short_term.as_str().into();
    save(&world.admin, "By key", body).await
}

#[tokio::test]
async fn a_short_term_key_is_told_an_hour_ahead_and_at_its_end() {
    let world = World::start().await;
    let seen = by_short_key(&world).await;
    let mut sweep = sweep(&world.service);
    // The key lasts 12 hours.
    assert_eq!(after(&world, 6 * HOUR, &mut sweep).await, 1);
    assert_eq!(after(&world, 5 * HOUR - 1, &mut sweep).await, 0);
    assert_eq!(counts(&world).await, (0, 0));
    assert_eq!(after(&world, 1, &mut sweep).await, 1);
    assert_eq!(counts(&world).await, (1, 0));
    let event = &events(&world, "connection.expiring").await[0];
    assert_eq!(event["subject"], seen["id"]);
    assert_eq!(event["detail"]["expires_at"], "2024-10-04T12:00:00Z");
    assert_eq!(event["actor"]["kind"], "service");
    assert_eq!(state(&now(&world.viewer, &seen).await).0, "expiring");

    let asked = world.aws.world.seen().len();
    assert_eq!(after(&world, HOUR - 1, &mut sweep).await, 0);
    assert_eq!(after(&world, 1, &mut sweep).await, 1);
    assert_eq!(counts(&world).await, (1, 1));
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(counts(&world).await, (1, 1));
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked in vain");
    assert_eq!(changes(&world).await, [], "it is told when it is read");
}

#[tokio::test]
async fn a_key_that_ends_before_the_first_look_is_told_in_time_all_the_same() {
    let world = World::start().await;
    world.wait(8 * HOUR);
    by_short_key(&world).await;
    let mut sweep = sweep(&world.service);
    assert_eq!(after(&world, 3 * HOUR - 1, &mut sweep).await, 0);
    assert_eq!(after(&world, 1, &mut sweep).await, 1);
    assert_eq!(counts(&world).await, (1, 0));
}

#[tokio::test]
async fn a_sweep_that_was_away_tells_the_end_alone() {
    let world = World::start().await;
    by_short_key(&world).await;
    let mut sweep = sweep(&world.service);
    assert_eq!(after(&world, 20 * HOUR, &mut sweep).await, 1);
    assert_eq!(counts(&world).await, (0, 1));
}

#[tokio::test]
async fn a_key_that_was_entered_when_its_end_was_near_is_told_once() {
    let world = World::start().await;
    world.wait(11 * HOUR + 1);
    by_short_key(&world).await;
    let mut sweep = sweep(&world.service);
    assert_eq!(settled(&mut sweep).await, 1);
    assert_eq!(counts(&world).await, (1, 0));
    assert_eq!(after(&world, HOUR - 1, &mut sweep).await, 1);
    assert_eq!(counts(&world).await, (1, 1));
}
