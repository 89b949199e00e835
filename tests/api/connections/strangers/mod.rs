//! Two tenants walk at random, over two replicas of one service, and never meet.

mod account;
mod peek;
mod walker;

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::world::World;
use account::Account;
use walker::Walker;

/// How many requests both make together …
const REQUESTS: usize = 4_000;
/// … unless this passes before.
const PATIENCE: Duration = Duration::from_secs(45);
/// So many at least, however slow the machine is.
const LEAST: usize = 1_000;

#[tokio::test]
async fn two_tenants_walk_at_random_over_two_replicas_and_never_meet() {
    let seed = seed();
    // Shown if the test fails; `BI_TEST_SEED` takes the same walk again.
    println!("BI_TEST_SEED={seed}");
    let world = World::start().await;
    let replica = world.replica().await;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut walker = |mark, number, admin: &harness::Client| {
        let at = [admin.clone(), admin.clone().at(&replica.url)];
        let account = Account::build(&world, mark, number);
        Walker::new(account, at, StdRng::seed_from_u64(rng.random()))
    };
    let mut one = walker("zanna7", "310000000001", &world.admin);
    let mut two = walker("zbert7", "420000000002", &world.other);
    let began = Instant::now();
    let mut requests = 0;
    while requests < REQUESTS && (requests < LEAST || began.elapsed() < PATIENCE) {
        let (told_one, told_two) = tokio::join!(one.step(&world), two.step(&world));
        for (other, told) in [(&two, told_one), (&one, told_two)] {
            requests += told.len();
            for answer in told {
                other.assert_unknown_in(&answer);
            }
        }
        requests += peek::through_a_door(&mut one, &two).await;
        requests += peek::through_a_door(&mut two, &one).await;
        world.wait(2);
    }
    for walker in [&one, &two] {
        walker.assert_has_been_everywhere();
    }
    println!("{requests} requests in {:?}", began.elapsed());
}

#[expect(
    clippy::disallowed_methods,
    reason = "each walk is another one, and any can be taken again"
)]
fn seed() -> u64 {
    let given = std::env::var("BI_TEST_SEED").ok();
    given.map_or_else(rand::random, |seed| seed.parse().unwrap())
}
