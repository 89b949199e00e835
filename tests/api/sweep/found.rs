//! What changed in AWS is found out and told, once.

use harness::aws::save;
use sandbox::policy::Policy;
use serde_json::{Value, json};

use super::world::{LATER, SOON, after, changes, events, looked, round, settled, sweep};
use crate::connections::world::{World, models, now, reason, retest, state};

const ELSEWHERE: &str = "999988887777";

fn change(state: &str, reason: &str) -> (String, String) {
    (state.to_owned(), reason.to_owned())
}

/// Takes all policies of a role away, and gives these.
fn attach(world: &World, role_arn: &str, policies: Vec<Policy>) -> Vec<Policy> {
    let mut before = Vec::new();
    world.role(role_arn, |role| {
        before = std::mem::replace(&mut role.policies, policies);
    });
    before
}

#[tokio::test]
async fn what_works_is_looked_at_and_stays_as_it_is() {
    let world = World::start().await;
    let mut sweep = sweep(&world.service);
    let mut seen = Vec::new();
    for (name, body) in [
        ("By key", world.aws.by_key()),
        ("By user", world.aws.by_user()),
        ("By role", world.aws.by_entered_role()),
        (
            "By reserved role",
            world.aws.by_reserved_role(&world.admin, "Mine").await,
        ),
    ] {
        world.wait(1);
        seen.push(save(&world.admin, name, body).await);
    }
    assert_eq!(settled(&mut sweep).await, 0, "they were tested just now");
    let asked = world.aws.world.seen().len();
    assert_eq!(after(&world, LATER, &mut sweep).await, 4);
    assert!(world.aws.world.seen().len() > asked);
    for before in &seen {
        let mut present = now(&world.viewer, before).await;
        present["updated_at"] = before["updated_at"].clone();
        assert_eq!(present, *before);
    }
    assert_eq!(changes(&world).await, []);
    assert_eq!(events(&world, "connection.tested").await, [] as [Value; 0]);
    assert_eq!(world.aws.world.count("Converse"), 0);
}

#[tokio::test]
async fn a_permission_taken_away_counts_when_it_was_missed_twice_and_comes_back() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let role = &world.aws.demo.roles.role_arn;
    let mut sweep = sweep(&world.service);
    let policies = attach(&world, role, Vec::new());

    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
    assert_eq!(changes(&world).await, []);
    assert_eq!(after(&world, SOON, &mut sweep).await, 1);
    let failing = now(&world.viewer, &seen).await;
    assert_eq!(state(&failing), ("failing", "missing_permission"));
    assert_eq!(failing["etag"], seen["etag"], "nobody edited it");
    let told = change("failing", "missing_permission");
    assert_eq!(changes(&world).await, std::slice::from_ref(&told));
    let event = &events(&world, "connection.state_changed").await[0];
    assert_eq!(event["subject"], seen["id"]);
    assert_eq!(event["request_id"], Value::Null);
    assert_eq!(event["aws"]["account_id"], world.aws.demo.account_id);
    assert!(!event["aws"]["request_ids"].as_array().unwrap().is_empty());
    assert_eq!(
        event["detail"]["before"],
        json!({ "state": "healthy", "reason": null })
    );
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(changes(&world).await.len(), 1, "it is no news");

    attach(&world, role, policies);
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
    assert_eq!(changes(&world).await, [told, change("healthy", "")]);
}

#[tokio::test]
async fn a_person_who_tests_begins_the_count_anew() {
    let world = World::start().await;
    let seen = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let role = &world.aws.demo.roles.role_arn;
    let mut sweep = sweep(&world.service);
    let policies = attach(&world, role, Vec::new());
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    attach(&world, role, policies);
    world.wait(5);
    assert_eq!(retest(&world.member, &seen).await.body["ok"], true);
    assert_eq!(after(&world, SOON, &mut sweep).await, 0, "just tested");
    attach(&world, role, Vec::new());
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(changes(&world).await, [], "the first refusal in a row");
}

#[tokio::test]
async fn a_role_that_lets_anybody_in_is_told_at_once_and_proven_anew() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Mine").await;
    let seen = save(&world.admin, "Role", body).await;
    let role = seen["access"]["role_arn"].as_str().unwrap();
    let external_id = seen["access"]["external_id"].as_str().unwrap();
    let mut sweep = sweep(&world.service);
    world.demand(role, &[]);

    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    let open = change("failing", "external_id_not_enforced");
    assert_eq!(changes(&world).await, std::slice::from_ref(&open));
    let event = &events(&world, "connection.state_changed").await[0];
    assert_eq!(event["aws"]["account_id"], Value::Null, "{event}");
    assert_eq!(reason(&models(&world.viewer, &seen).await), "not_verified");

    world.demand(role, &[external_id]);
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(changes(&world).await, [open, change("healthy", "")]);
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
}

#[tokio::test]
async fn another_account_is_told_at_once_and_left_to_an_admin() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    let mut sweep = sweep(&world.service);
    world.move_users_to(ELSEWHERE);
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    let told = change("failing", "account_changed");
    assert_eq!(changes(&world).await, std::slice::from_ref(&told));
    let audit = world.admin.get("/v1/audit").await;
    assert!(!audit.raw.contains(ELSEWHERE), "{audit:?}");

    let asked = world.aws.world.seen().len();
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");
    assert_eq!(changes(&world).await, [told]);
    world.wait(5);
    assert_eq!(retest(&world.admin, &seen).await.body["ok"], true);
}

#[tokio::test]
async fn a_password_that_stopped_to_work_is_tried_once() {
    let world = World::start().await;
    save(&world.admin, "By user", world.aws.by_user()).await;
    let mut sweep = sweep(&world.service);
    let cognito = &world.aws.demo.cognito;
    world.wait(60);
    let at = domain::Clock::now(&*world.clock);
    world
        .aws
        .world
        .account(world.aws.demo.account_id, |account| {
            let user = account.user_pools[0].user_mut(cognito.username).unwrap();
            user.password = "Changed-Pa55word".to_owned();
            account.user_pools[0].sign_out(cognito.username, at);
        });
    let tried = world.aws.world.count("RespondToAuthChallenge");
    for _ in 0..3 {
        assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    }
    let tries = world.aws.world.count("RespondToAuthChallenge") - tried;
    assert_eq!(tries, 1, "nobody asked for more");
    assert_eq!(
        changes(&world).await,
        [change("failing", "cognito_bad_credentials")]
    );
}

#[tokio::test]
async fn what_was_saved_untested_is_tested() {
    let world = World::start().await;
    let mut body = world.aws.by_entered_role();
    body["verify"] = "skip".into();
    let seen = save(&world.admin, "Role", body).await;
    assert_eq!(state(&seen).0, "unverified");
    let mut sweep = sweep(&world.service);
    assert_eq!(after(&world, LATER, &mut sweep).await, 1);
    assert_eq!(changes(&world).await, [change("healthy", "")]);
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
}

#[tokio::test]
async fn suspended_tenants_and_reservations_are_left_alone() {
    let world = World::start().await;
    world.reserve(&world.admin).await;
    save(&world.admin, "By key", world.aws.by_key()).await;
    save(&world.other, "By key", world.aws.by_key()).await;
    let operator = world.service.operator().await;
    let suspend = async |state: &str| {
        let tenants = operator.get("/v1/tenants").await;
        let one = tenants.items().iter().find(|one| one["ref"] == "one");
        let path = format!("/v1/tenants/{}", one.unwrap()["id"].as_str().unwrap());
        let changed = operator.patch(&path, json!({ "state": state })).await;
        assert_eq!(changed.status, 200, "{changed:?}");
    };
    suspend("suspended").await;
    let mut sweep = sweep(&world.service);
    assert_eq!(after(&world, LATER, &mut sweep).await, 1, "the other's");
    suspend("active").await;
    assert_eq!(settled(&mut sweep).await, 1);
}

#[tokio::test]
async fn what_is_told_travels_to_other_replicas() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Mine").await;
    let seen = save(&world.admin, "Role", body).await;
    let replica = world.replica().await;
    let elsewhere = world.viewer.clone().at(&replica.url);
    assert_eq!(models(&elsewhere, &seen).await.status, 200);
    world.demand(seen["access"]["role_arn"].as_str().unwrap(), &[]);
    world.wait(LATER);
    assert_eq!(looked(&round(&mut sweep(&world.service)).await), 1);
    harness::service::until("the lease is gone there too", async || {
        models(&elsewhere, &seen).await.status == 409
    })
    .await;
}
