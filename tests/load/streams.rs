//! What many streams at a time cost in memory, and what those leave that are given up.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use harness::service::until;
use http_body_util::BodyExt;
use tokio::{task::JoinSet, time::interval};

use crate::{
    clients::{Target, begin},
    process::{Process, Used},
};

/// Readers at a time, and how often each reads.
const READERS: usize = 200;
const PACE: Duration = Duration::from_millis(20);
/// How often is looked what they cost, and how many times.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 50;
/// What a stream may have at hand that its reader does not take: what one read brings from AWS and what one write is to
/// bring to its client, in MB.
const AT_HAND: f64 = 0.5;

/// Streams that are given up in all, and at a time; as many before, to see what the rest adds.
const GIVEN_UP: usize = 10_000;
const AT_A_TIME: usize = 50;
const BEFORE: usize = 1_000;
/// What may be left of all of them, in MB: less than a kilobyte each.
const LEFT: f64 = 8.0;

/// Reads endless streams more slowly than they come.
pub(crate) async fn slow_readers(service: &mut Process, target: &Target) {
    let before = service.used().resident;
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let target = target.clone();
        readers.spawn(async move {
            let mut body = begin(&target).await;
            let mut ticks = interval(PACE);
            while body.frame().await.is_some() {
                ticks.tick().await;
            }
        });
    }
    let mut looks = interval(LOOK);
    let mut resident = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        looks.tick().await;
        resident.push(service.used().resident);
    }
    let (half, most) = (
        resident[LOOKS / 2],
        resident.into_iter().fold(0.0, f64::max),
    );
    println!(
        "\nWith {READERS} slow readers of endless streams it holds {most:.0} MB at most, {half:.0} at half time, {before:.0} before."
    );
    assert!(most - before < READERS as f64 * AT_HAND);
    assert!(most - half < LEFT, "it grows");
}

/// Begins streams and gives them up.
pub(crate) async fn given_up(service: &mut Process, target: &Target) {
    let before = give_up(service, target, BEFORE).await;
    let after = give_up(service, target, GIVEN_UP).await;
    println!(
        "After {GIVEN_UP} streams that were given up it holds {:.0} MB and {} tasks, {:.0} and {} before.",
        after.resident, after.tasks, before.resident, before.tasks
    );
    assert!(after.resident - before.resident < LEFT);
}

/// What is left when all have ended.
async fn give_up(service: &mut Process, target: &Target, count: usize) -> Used {
    let idle = service.used().tasks;
    stream::iter(0..count)
        .for_each_concurrent(AT_A_TIME, async |_| drop(begin(target).await))
        .await;
    until("they have ended", async || service.used().tasks <= idle).await;
    service.used()
}
