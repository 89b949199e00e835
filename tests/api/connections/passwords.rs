//! Refused Cognito passwords: AWS locks a user out after five, so they are tried seldom, and never unasked.

use harness::{Answer, Client, aws::save};
use sandbox::{Fault, Harm, Refusal};
use serde_json::Value;

use super::world::{World, end, models, now, reason, report, retest, state, step, test, try_save};

const MINUTE: i64 = 60;

fn with(world: &World, password: &str) -> Value {
    let mut body = world.aws.by_user();
    body["fields"]["password"] = password.into();
    body
}

/// How often a password was proved to Cognito.
fn tries(world: &World) -> usize {
    world.aws.world.count("RespondToAuthChallenge")
}

fn locked_out(answer: &Answer) -> i64 {
    assert_eq!(answer.problem(), (429, "cognito_locked_out"), "{answer:?}");
    answer.header("retry-after").unwrap().parse().unwrap()
}

async fn refused(admin: &Client, body: Value) {
    let report = report(admin, body).await;
    assert_eq!(
        end(&report, "credentials"),
        ("failed", "cognito_bad_credentials")
    );
}

#[tokio::test]
async fn the_same_one_is_tried_once_in_five_minutes() {
    let world = World::start().await;
    refused(&world.admin, with(&world, "wrong")).await;
    let tried = tries(&world);
    assert_eq!(
        locked_out(&test(&world.admin, with(&world, "wrong")).await),
        5 * MINUTE
    );
    let saved = try_save(&world.admin, "By user", with(&world, "wrong")).await;
    assert_eq!(locked_out(&saved), 5 * MINUTE);
    world.wait(5 * MINUTE - 1);
    assert_eq!(
        locked_out(&test(&world.admin, with(&world, "wrong")).await),
        1
    );
    assert_eq!(tries(&world), tried, "it was tried");
    world.wait(1);
    refused(&world.admin, with(&world, "wrong")).await;
}

#[tokio::test]
async fn a_user_is_tried_three_times_in_a_quarter_of_an_hour_by_all_tenants_together() {
    let world = World::start().await;
    refused(&world.admin, with(&world, "wrong 1")).await;
    world.wait(MINUTE);
    refused(&world.other, with(&world, "wrong 1")).await;
    refused(&world.admin, with(&world, "wrong 2")).await;
    let tried = tries(&world);
    let right = &world.aws.demo.cognito.password;
    for admin in [&world.admin, &world.other] {
        for password in ["wrong 3", right] {
            let answer = test(admin, with(&world, password)).await;
            assert_eq!(locked_out(&answer), 14 * MINUTE, "{password}");
        }
    }
    assert_eq!(tries(&world), tried, "it was tried");
    world.wait(14 * MINUTE);
    let passed = report(&world.admin, with(&world, right)).await;
    assert_eq!(passed["ok"], true);

    // A right one begins anew.
    for n in 4..=6 {
        refused(&world.admin, with(&world, &format!("wrong {n}"))).await;
    }
    locked_out(&test(&world.admin, with(&world, right)).await);
}

#[tokio::test]
async fn of_many_at_once_no_more_are_tried() {
    let world = World::start().await;
    let bodies = (0..8).map(|n| test(&world.admin, with(&world, &format!("wrong {n}"))));
    let answers = futures_util::future::join_all(bodies).await;
    let ran = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(ran.count(), 3);
    assert_eq!(tries(&world), 3);
}

#[tokio::test]
async fn a_success_clears_what_was_refused_before() {
    let world = World::start().await;
    let cognito = &world.aws.demo.cognito;
    refused(&world.admin, with(&world, "Later-Pa55word")).await;
    set_password(&world, "Later-Pa55word");
    locked_out(&test(&world.admin, with(&world, "Later-Pa55word")).await);
    world.wait(5 * MINUTE);
    let seen = save(&world.admin, "By user", with(&world, "Later-Pa55word")).await;
    assert_eq!(
        report(&world.admin, with(&world, "Later-Pa55word")).await["ok"],
        true
    );
    sign_out(&world);
    world.wait(3 * 60 * MINUTE);
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
    refused(&world.admin, with(&world, cognito.password)).await;
}

#[tokio::test]
async fn other_failures_do_not_count() {
    let world = World::start().await;
    for name in &world.aws.demo.cognito.refused_usernames {
        let mut body = world.aws.by_user();
        body["fields"]["username"] = name.as_str().into();
        for _ in 0..4 {
            world.wait(2);
            let report = report(&world.admin, body.clone()).await;
            let credentials = step(&report, "credentials");
            assert_eq!(credentials["status"], "failed", "{name}");
            assert_ne!(credentials["code"], "cognito_bad_credentials", "{name}");
        }
    }
    let throttled = Refusal::new(400, "TooManyRequestsException", "Too many requests");
    for harm in [Harm::Refuse(throttled), Harm::Reset] {
        world
            .aws
            .world
            .fault(Fault::always(harm).on("RespondToAuthChallenge").times(4));
        for _ in 0..4 {
            let report = report(&world.admin, world.aws.by_user()).await;
            assert_eq!(step(&report, "credentials")["retryable"], true, "{report}");
        }
    }
    let mut pool = world.aws.by_user();
    pool["fields"]["identity_pool_id"] = world.aws.demo.cognito.unlinked_identity_pool_id.into();
    for _ in 0..4 {
        let report = report(&world.admin, pool.clone()).await;
        assert_eq!(end(&report, "credentials").1, "cognito_pool_not_linked");
    }
    assert_eq!(report(&world.admin, world.aws.by_user()).await["ok"], true);
}

#[tokio::test]
async fn the_first_lease_takes_the_sign_in_of_the_save() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    assert_eq!((tries(&world), world.aws.world.count("GetId")), (1, 1));
    assert_eq!(models(&world.viewer, &seen).await.status, 200);
    let replica = world.replica().await;
    let elsewhere = world.viewer.clone().at(&replica.url);
    assert_eq!(models(&elsewhere, &seen).await.status, 200);
    assert_eq!(retest(&world.member, &seen).await.body["ok"], true);
    assert_eq!((tries(&world), world.aws.world.count("GetId")), (1, 1));
    assert!(world.aws.world.count("GetTokensFromRefreshToken") >= 2);
}

fn set_password(world: &World, password: &str) {
    let cognito = &world.aws.demo.cognito;
    world
        .aws
        .world
        .account(world.aws.demo.account_id, |account| {
            let user = account.user_pools[0].user_mut(cognito.username).unwrap();
            password.clone_into(&mut user.password);
        });
}

/// Makes all refresh tokens of the user worthless.
fn sign_out(world: &World) {
    use domain::Clock;
    let (cognito, at) = (&world.aws.demo.cognito, world.clock.now());
    world
        .aws
        .world
        .account(world.aws.demo.account_id, |account| {
            account.user_pools[0].sign_out(cognito.username, at);
        });
}

#[tokio::test]
async fn a_password_that_stopped_to_work_is_tried_once_and_then_only_by_a_person() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    set_password(&world, "Changed-Pa55word");
    sign_out(&world);
    world.wait(2 * 60 * MINUTE);
    let tried = tries(&world);
    for _ in 0..3 {
        let refused = models(&world.viewer, &seen).await;
        assert_eq!(reason(&refused), "cognito_bad_credentials");
        world.wait(60 * MINUTE);
    }
    let replica = world.replica().await;
    let elsewhere = world.viewer.clone().at(&replica.url);
    assert_eq!(
        reason(&models(&elsewhere, &seen).await),
        "cognito_bad_credentials"
    );
    assert_eq!(tries(&world), tried + 1, "nobody asked for more");

    let tested = retest(&world.member, &seen).await;
    assert_eq!(
        end(&tested.body, "credentials").1,
        "cognito_bad_credentials"
    );
    assert_eq!(tries(&world), tried + 2);
    assert_eq!(
        state(&now(&world.viewer, &seen).await),
        ("failing", "cognito_bad_credentials")
    );
    world.wait(5);
    locked_out(&retest(&world.member, &seen).await);

    set_password(&world, world.aws.demo.cognito.password);
    world.wait(5 * MINUTE);
    assert_eq!(retest(&world.member, &seen).await.body["ok"], true);
    let listed = models(&world.viewer, &seen).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(state(&now(&world.viewer, &seen).await), ("healthy", ""));
}

#[tokio::test]
async fn a_refusal_is_not_forgotten_because_a_refresh_token_still_works() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    set_password(&world, "Changed-Pa55word");
    assert_eq!(retest(&world.member, &seen).await.body["ok"], true);
    refused(&world.admin, world.aws.by_user()).await;
    world.wait(5 * MINUTE);
    let tested = retest(&world.member, &seen).await;
    assert_eq!(
        end(&tested.body, "credentials"),
        ("failed", "cognito_bad_credentials")
    );
}

#[tokio::test]
async fn what_is_refused_is_remembered_by_hash_alone() {
    let world = World::start().await;
    refused(&world.admin, with(&world, "hunter2-wrong")).await;
    let rows: Vec<(String,)> = store::testing::ask(
        &world.service.database.owner_url,
        "SELECT concat(p, a) FROM password_refusals p, password_attempts a",
    )
    .await;
    assert_eq!(rows.len(), 1);
    let cognito = &world.aws.demo.cognito;
    for hidden in ["hunter2", cognito.username, cognito.user_pool_id] {
        assert!(!rows[0].0.contains(hidden), "{rows:?}");
    }
}
