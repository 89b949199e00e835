//! What passes by itself changes nothing but when it is tried again.

use harness::aws::save;
use sandbox::{Fault, Harm, Refusal};

use super::world::{LATER, SOON, after, changes, sweep};
use crate::connections::world::{World, now, retest, state};

#[tokio::test]
async fn an_aws_that_is_throttled_broken_or_away_changes_nothing() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let mut sweep = sweep(&world.service);
    let refuse = |status, code, message: &str| Harm::Refuse(Refusal::new(status, code, message));
    world.wait(LATER);
    for (operation, harm) in [
        (
            "ListFoundationModels",
            refuse(429, "ThrottlingException", "Rate exceeded"),
        ),
        (
            "ListFoundationModels",
            refuse(500, "InternalServerException", ""),
        ),
        ("ListFoundationModels", Harm::Reset),
        ("AssumeRole", refuse(400, "Throttling", "Rate exceeded")),
        ("AssumeRole", Harm::Nonsense("<html>")),
        ("GetCallerIdentity", Harm::Reset),
        // What is the matter with the service's own identity is no connection's fault.
        (
            "AssumeRole",
            refuse(403, "InvalidClientTokenId", "The security token is invalid"),
        ),
        (
            "AssumeRole",
            refuse(403, "ExpiredToken", "The security token has expired"),
        ),
    ] {
        world
            .aws
            .world
            .fault(Fault::always(harm.clone()).on(operation));
        for _ in 0..2 {
            assert_eq!(
                after(&world, 0, &mut sweep).await,
                1,
                "{operation} {harm:?}"
            );
            assert_eq!(after(&world, 10 * 60, &mut sweep).await, 0, "too soon");
            world.wait(SOON - 10 * 60);
        }
        world.aws.world.mend();
        let present = now(&world.viewer, &seen).await;
        assert_eq!(state(&present), ("healthy", ""), "{operation} {harm:?}");
        assert_eq!(present["last_test"], seen["last_test"]);
    }
    assert_eq!(changes(&world).await, []);
}

#[tokio::test]
async fn a_refusal_is_remembered_across_an_outage() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let mut sweep = sweep(&world.service);
    let role = &world.aws.demo.roles.role_arn;
    world.role(role, |role| role.policies.clear());
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    world
        .aws
        .world
        .fault(Fault::always(Harm::Reset).on("ListFoundationModels"));
    assert_eq!(after(&world, SOON, &mut sweep).await, 1);
    world.aws.world.mend();
    assert_eq!(state(&now(&world.viewer, &seen).await).0, "healthy");
    assert_eq!(after(&world, SOON, &mut sweep).await, 1);
    assert_eq!(state(&now(&world.viewer, &seen).await).0, "failing");
}

#[tokio::test]
async fn a_persons_test_makes_no_connection_fail_for_the_services_own_fault() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let refusal = Refusal::new(403, "InvalidClientTokenId", "The security token is invalid");
    let fault = Fault::always(Harm::Refuse(refusal)).on("AssumeRole");
    world.aws.world.fault(fault);
    let tested = retest(&world.member, &seen).await;
    assert_eq!(tested.body["ok"], false, "{tested:?}");
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
}
