//! A look that is killed anywhere is made again, and nothing is told twice.

use std::pin::pin;

use futures_util::poll;
use harness::aws::save;

use super::world::{LATER, changes, round, settled, sweep};
use crate::connections::world::World;

#[tokio::test]
async fn a_look_may_be_dropped_between_any_two_of_its_steps() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Mine").await;
    let seen = save(&world.admin, "Role", body).await;
    let role = seen["access"]["role_arn"].as_str().unwrap();
    let external_id = seen["access"]["external_id"].as_str().unwrap();
    let mut sweep = sweep(&world.service);
    let (mut told, mut polls) = (0, 1);
    loop {
        world.wait(LATER);
        world.demand(
            role,
            if told % 2 == 0 {
                &[]
            } else {
                std::slice::from_ref(&external_id)
            },
        );
        let mut ended = false;
        {
            let mut step = pin!(sweep.step());
            for _ in 0..polls {
                if poll!(&mut step).is_ready() {
                    ended = true;
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // What was dropped comes in the next round.
        round(&mut sweep).await;
        settled(&mut sweep).await;
        told += 1;
        let changes = changes(&world).await;
        assert_eq!(changes.len(), told, "dropped after {polls} polls");
        let state = if told % 2 == 1 { "failing" } else { "healthy" };
        assert_eq!(changes[told - 1].0, state);
        if ended {
            break;
        }
        polls = polls * 3 / 2 + 1;
    }
    assert!(told > 5, "only {told} looks");
}
