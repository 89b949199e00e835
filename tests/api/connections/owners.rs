//! Whose role it is: what one tenant holds is to another a role that does not trust us.

use harness::{Client, aws::save};
use sandbox::demo::add_role;
use serde_json::{Value, json};

use super::world::{
    World, edit, end, models, now, path, reason, report, retest, state, test, try_save,
};

const AGREED: &str = "agreed-with-acme";

/// A report without what differs from one request to another, and without the role's name.
fn likeness(report: &Value, role_arn: &str) -> String {
    let mut report = report.clone();
    for step in report["steps"].as_array_mut().unwrap() {
        step["latency_ms"] = 0.into();
        let request_id = &mut step["aws"]["request_id"];
        if request_id.is_string() {
            *request_id = "an id".into();
        }
    }
    report.to_string().replace(role_arn, "the role")
}

/// What a role is told to be that does not trust us.
async fn stranger(world: &World, admin: &Client) -> String {
    let role = add_role(&world.aws.world, "Stranger", "of-somebody-else");
    let body = world.by_entered(&role, "guessed");
    likeness(&report(admin, body).await, &role)
}

#[tokio::test]
async fn who_knows_role_and_external_id_of_another_tenant_gets_nothing_not_even_the_fact() {
    let world = World::start().await;
    let role = add_role(&world.aws.world, "Acme", AGREED);
    let body = world.by_entered(&role, AGREED);
    let connection = save(&world.admin, "Production", body.clone()).await;
    assert_eq!(connection["access"]["external_id_source"], "customer");

    let stranger = stranger(&world, &world.other).await;
    let told = report(&world.other, body.clone()).await;
    assert_eq!(likeness(&told, &role), stranger);
    let refused = try_save(&world.other, "Mine", body.clone()).await;
    assert_eq!(refused.problem(), (422, "connection_test_failed"));
    assert_eq!(likeness(&refused.body["report"], &role), stranger);

    // Saved untested, it is nothing more.
    let mut untested = body;
    untested["verify"] = "skip".into();
    let copy = save(&world.other, "Mine", untested).await;
    assert_eq!(reason(&models(&world.other, &copy).await), "not_verified");
    let told = retest(&world.other, &copy).await.body;
    assert_eq!(likeness(&told, &role), stranger);
    assert_eq!(
        state(&now(&world.other, &copy).await),
        ("failing", "trust_policy_denied")
    );

    // Nor is it by an edit.
    let own = add_role(&world.aws.world, "Own", AGREED);
    let own = save(&world.other, "Own", world.by_entered(&own, AGREED)).await;
    let fields = json!({ "fields": { "role_arn": role } });
    let refused = edit(&world.other, &own, fields).await;
    assert_eq!(refused.problem(), (422, "connection_test_failed"));
    assert_eq!(likeness(&refused.body["report"], &role), stranger);

    // To whom it belongs nothing has happened.
    assert_eq!(now(&world.admin, &connection).await, connection);
    assert_eq!(models(&world.admin, &connection).await.status, 200);
}

#[tokio::test]
async fn nor_when_the_role_has_stopped_to_demand_anything() {
    let world = World::start().await;
    let role = add_role(&world.aws.world, "Acme", AGREED);
    save(&world.admin, "Production", world.by_entered(&role, AGREED)).await;
    let stranger = stranger(&world, &world.other).await;
    world.demand(&role, &[]);
    for external_id in [AGREED, "guessed"] {
        let told = report(&world.other, world.by_entered(&role, external_id)).await;
        assert_eq!(likeness(&told, &role), stranger, "{external_id}");
    }
}

#[tokio::test]
async fn nor_where_the_platform_allows_roles_that_demand_nothing() {
    let world = World::lenient().await;
    let role = &world.aws.demo.roles.unenforced_role_arn;
    let mut body = world.by_entered(role, AGREED);
    body["accept_warnings"] = json!(["external_id_not_enforced"]);
    save(&world.admin, "Production", body.clone()).await;

    let stranger = stranger(&world, &world.other).await;
    let refused = try_save(&world.other, "Mine", body).await;
    assert_eq!(likeness(&refused.body["report"], role), stranger);
    let (id, external_id) = world.reserve(&world.other).await;
    let mut generated = world.by_role(&id, role);
    assert_eq!(
        likeness(&report(&world.other, generated.clone()).await, role),
        stranger
    );
    generated["accept_warnings"] = json!(["external_id_not_enforced"]);
    let refused = try_save(&world.other, "Mine", generated.clone()).await;
    assert_eq!(likeness(&refused.body["report"], role), stranger);

    // Until it proves to be the other's.
    world.demand(role, &[&external_id]);
    let connection = save(&world.other, "Mine", generated).await;
    assert_eq!(state(&connection), ("healthy", ""));
}

#[tokio::test]
async fn a_proof_displaces_who_has_only_entered_an_external_id() {
    let world = World::start().await;
    let role = add_role(&world.aws.world, "Acme", AGREED);
    let entered = save(&world.admin, "Production", world.by_entered(&role, AGREED)).await;
    assert_eq!(models(&world.admin, &entered).await.status, 200);

    let (id, external_id) = world.reserve(&world.other).await;
    world.demand(&role, &[AGREED, &external_id]);
    let proven = save(&world.other, "Mine", world.by_role(&id, &role)).await;
    assert_eq!(state(&proven), ("healthy", ""));

    let lost = now(&world.admin, &entered).await;
    assert_eq!(state(&lost), ("failing", "ownership_lost"));
    assert_eq!(
        reason(&models(&world.admin, &entered).await),
        "ownership_lost"
    );
    let events = world.audited(&world.admin, "access.lost").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["subject"], entered["access"]["id"]);
    assert_eq!(events[0]["actor"]["kind"], "service");
    assert!(events[0]["request_id"].is_null(), "{}", events[0]);
    assert_eq!(
        world.audited(&world.other, "access.lost").await,
        [] as [Value; 0]
    );

    let told = retest(&world.admin, &entered).await.body;
    assert_eq!(end(&told, "credentials"), ("failed", "trust_policy_denied"));
    assert_eq!(models(&world.other, &proven).await.status, 200);

    // With a proof of its own it is back, beside the other.
    let (id, own) = world.reserve(&world.admin).await;
    world.demand(&role, &[AGREED, &external_id, &own]);
    let again = save(&world.admin, "Again", world.by_role(&id, &role)).await;
    for (client, connection) in [(&world.admin, &again), (&world.other, &proven)] {
        assert_eq!(models(client, connection).await.status, 200);
        let tested = retest(client, connection).await;
        assert_eq!(tested.body["ok"], true, "{tested:?}");
    }
}

#[tokio::test]
async fn the_operator_releases_a_claim_for_who_comes_next() {
    let world = World::start().await;
    let role = add_role(&world.aws.world, "Acme", AGREED);
    let body = world.by_entered(&role, AGREED);
    let first = save(&world.admin, "Production", body.clone()).await;
    assert_eq!(models(&world.admin, &first).await.status, 200);
    let claims = format!("/v1/claims?role_arn={role}");
    let wrong = world.operator.clone().on("two").delete(&claims).await;
    assert_eq!(wrong.problem(), (404, "not_found"));
    assert_eq!(test(&world.other, body.clone()).await.body["ok"], false);

    let keyed = world.operator.clone().header("idempotency-key", "k");
    assert_eq!(keyed.delete(&claims).await.status, 204);
    assert_eq!(keyed.delete(&claims).await.status, 204, "a replay");
    assert_eq!(
        world.operator.delete(&claims).await.problem(),
        (404, "not_found")
    );
    let another = format!("{claims}2");
    assert_eq!(
        keyed.delete(&another).await.problem(),
        (422, "idempotency_key_reused"),
        "another role is another request"
    );
    let events = world.audited(&world.admin, "claim.released").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"]["by_platform"], true);

    assert_eq!(
        state(&now(&world.admin, &first).await),
        ("failing", "ownership_lost")
    );
    assert_eq!(
        reason(&models(&world.admin, &first).await),
        "ownership_lost"
    );
    let second = save(&world.other, "Mine", body).await;
    assert_eq!(models(&world.other, &second).await.status, 200);
    let told = retest(&world.admin, &first).await.body;
    assert_eq!(end(&told, "credentials").1, "trust_policy_denied");
}

#[tokio::test]
async fn who_tests_first_after_a_release_has_the_role_again() {
    let world = World::start().await;
    let role = add_role(&world.aws.world, "Acme", AGREED);
    let body = world.by_entered(&role, AGREED);
    let connection = save(&world.admin, "Production", body.clone()).await;
    let claims = format!("/v1/claims?role_arn={role}");
    assert_eq!(world.operator.delete(&claims).await.status, 204);
    assert_eq!(retest(&world.admin, &connection).await.body["ok"], true);
    assert_eq!(
        state(&now(&world.admin, &connection).await),
        ("healthy", "")
    );
    assert_eq!(test(&world.other, body).await.body["ok"], false);
}

#[tokio::test]
async fn a_role_that_was_only_entered_stays_its_tenants_until_the_operator_releases_it() {
    let world = World::start().await;
    let [role, next] = ["Acme", "Next"].map(|name| add_role(&world.aws.world, name, AGREED));
    let body = world.by_entered(&role, AGREED);
    let saved = save(&world.admin, "First", body.clone()).await;
    let fields = json!({ "fields": { "role_arn": next } });
    let edited = edit(&world.admin, &saved, fields).await;
    assert_eq!(edited.status, 200, "{edited:?}");
    let next_body = world.by_entered(&next, AGREED);
    world.admin.delete(&path(&saved)).await;
    for body in [&body, &next_body] {
        assert_eq!(test(&world.other, body.clone()).await.body["ok"], false);
        assert_eq!(test(&world.admin, body.clone()).await.body["ok"], true);
    }
    let operator = world.service.operator().await.on("one");
    let released = operator
        .delete(&format!("/v1/claims?role_arn={role}"))
        .await;
    assert_eq!(released.status, 204, "{released:?}");
    assert_eq!(test(&world.other, body).await.body["ok"], true);
    assert_eq!(test(&world.other, next_body).await.body["ok"], false);
}
