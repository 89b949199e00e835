//! What a person does while a connection is looked at stands; and of two replicas one does the work.

use std::pin::pin;

use harness::aws::save;
use serde_json::json;
use server::app::sweep::Did;
use store::testing::ask;

use super::world::{LATER, changes, looked, meanwhile, round, settled, sweep};
use crate::connections::world::{World, edit, now, path, retest, state};

/// A connection by a role of its own whose trust was opened, so that a look makes it failing at once.
async fn opened(world: &World) -> serde_json::Value {
    let body = world.aws.by_reserved_role(&world.admin, "Mine").await;
    let seen = save(&world.admin, "Role", body).await;
    world.demand(seen["access"]["role_arn"].as_str().unwrap(), &[]);
    world.wait(LATER);
    seen
}

#[tokio::test]
async fn a_test_that_was_made_meanwhile_stands() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let role = &world.aws.demo.roles.role_arn;
    let mut sweep = sweep(&world.service);
    world.wait(LATER);
    // The second refusal would count.
    let mut policies = Vec::new();
    world.role(role, |role| policies = std::mem::take(&mut role.policies));
    assert_eq!(settled(&mut sweep).await, 1);
    world.wait(LATER);
    meanwhile(&world, &mut sweep, async {
        world.role(role, |role| role.policies = policies.clone());
        assert_eq!(retest(&world.member, &seen).await.body["ok"], true);
    })
    .await;
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
    assert_eq!(changes(&world).await, []);
}

#[tokio::test]
async fn an_edit_that_was_made_meanwhile_stands() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let mut sweep = sweep(&world.service);
    let role = &world.aws.demo.roles.role_arn;
    world.wait(LATER);
    world.role(role, |role| role.policies.clear());
    assert_eq!(settled(&mut sweep).await, 1);
    world.wait(LATER);
    meanwhile(&world, &mut sweep, async {
        let other = json!({ "region": "us-west-2", "verify": "skip" });
        assert_eq!(edit(&world.admin, &seen, other).await.status, 200);
    })
    .await;
    let present = now(&world.viewer, &seen).await;
    assert_eq!(state(&present), ("unverified", ""));
    assert_eq!(present["region"], "us-west-2");
    assert_eq!(changes(&world).await, []);
}

#[tokio::test]
async fn a_connection_that_was_disconnected_meanwhile_stays_gone() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let mut sweep = sweep(&world.service);
    world.wait(LATER);
    meanwhile(&world, &mut sweep, async {
        assert_eq!(world.admin.delete(&path(&seen)).await.status, 200);
    })
    .await;
    assert_eq!(world.viewer.get(&path(&seen)).await.status, 404);
    assert_eq!(changes(&world).await, []);
    assert_eq!(settled(&mut sweep).await, 0);
}

#[tokio::test]
async fn a_tenant_that_was_deleted_meanwhile_stays_gone() {
    let world = World::start().await;
    save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let mut sweep = sweep(&world.service);
    let operator = world.service.operator().await;
    let tenants = operator.get("/v1/tenants").await;
    let one = tenants.items().iter().find(|one| one["ref"] == "one");
    let tenant = format!("/v1/tenants/{}", one.unwrap()["id"].as_str().unwrap());
    world.wait(LATER);
    meanwhile(&world, &mut sweep, async {
        assert_eq!(operator.delete(&tenant).await.status, 204);
    })
    .await;
    assert_eq!(settled(&mut sweep).await, 0);
}

#[tokio::test]
async fn of_two_replicas_one_does_it_until_it_ends() {
    let world = World::start().await;
    let replica = world.replica().await;
    opened(&world).await;
    let (mut one, mut other) = (sweep(&world.service), sweep(&replica));
    let (first, second) = tokio::join!(round(&mut one), round(&mut other));
    assert_eq!(looked(&first) + looked(&second), 1);
    assert_eq!(changes(&world).await.len(), 1);
    let followed = |steps: &[server::app::sweep::Step]| steps[0].did == Did::Follow;
    assert!(
        followed(&first) != followed(&second),
        "{first:?} {second:?}"
    );

    let (leader, mut follower) = if followed(&first) {
        (other, one)
    } else {
        (one, other)
    };
    assert!(followed(&round(&mut follower).await));
    leader.end().await;
    world.wait(LATER);
    assert_eq!(looked(&round(&mut follower).await), 1);
}

#[tokio::test]
async fn a_leader_that_was_overtaken_while_it_stood_still_writes_nothing() {
    let world = World::start().await;
    let replica = world.replica().await;
    let seen = opened(&world).await;
    let (mut stalled, mut other) = (sweep(&world.service), sweep(&replica));
    {
        let mut step = pin!(stalled.step());
        world.aws.until_asked("AssumeRole", step.as_mut()).await;
        let ended: Vec<(String,)> = ask(
            &world.service.database.owner_url,
            "UPDATE leases SET expires_at = now() RETURNING work",
        )
        .await;
        assert_eq!(ended, [("sweep".to_owned(),)]);
        // Led by another, which has nothing to do: it is as if nobody had changed the connection.
        let _: Vec<(String,)> = ask(
            &world.service.database.owner_url,
            "UPDATE connections SET sweep_at = now() + interval '100 years' RETURNING state",
        )
        .await;
        assert_eq!(looked(&round(&mut other).await), 0);
        assert_eq!(step.await.unwrap().did, Did::Look);
    }
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
    assert_eq!(changes(&world).await, []);
    assert_eq!(round(&mut stalled).await[0].did, Did::Follow);
}
