//! The start: what to set up in AWS, before there is anything to connect to.

use harness::{BEDROCK, aws::save};
use sandbox::demo::add_role;
use serde_json::{Value, json};

use super::world::{World, connect, models, now, path, reason, report, retest, try_save};

const WEEK: i64 = 7 * 24 * 60 * 60;

#[tokio::test]
async fn a_role_is_reserved_with_an_external_id_that_nobody_else_has() {
    let world = World::start().await;
    let body = json!({ "method": "iam_role", "region": "eu-west-1" });
    let made = connect(&world.admin, body.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (connection, setup) = (&made.body["connection"], &made.body["setup"]);
    assert_eq!(connection["state"], "pending");
    assert_eq!(connection["region"], "eu-west-1");
    assert!(connection["name"].is_null());
    assert_eq!(connection["reserved_until"], "2024-10-11T00:00:00Z");
    assert_eq!(connection["access"]["federation"], "assume_role");
    assert_eq!(connection["access"]["external_id_source"], "generated");

    let external_id = setup["external_id"].as_str().unwrap();
    assert!(external_id.starts_with("bi-"), "{external_id}");
    assert_eq!(connection["access"]["external_id"], external_id);
    let principal = world.aws.demo.platform.principal_arn;
    assert_eq!(setup["principal_arn"], principal);
    let trust = setup["trust_policy"].to_string();
    assert!(
        trust.contains(external_id) && trust.contains(principal),
        "{trust}"
    );
    assert!(setup["permissions_policy"].is_object());
    assert!(!setup["steps"].as_array().unwrap().is_empty());

    let again = world
        .admin
        .get(&format!("{}/setup", path(connection)))
        .await;
    assert_eq!(again.body, *setup, "{again:?}");
    let another = connect(&world.admin, body).await;
    assert_ne!(another.body["setup"]["external_id"], external_id);
}

#[tokio::test]
async fn keys_and_users_are_reserved_without_one() {
    let world = World::start().await;
    for method in ["api_key", "cognito"] {
        let made = connect(
            &world.admin,
            json!({ "method": method, "region": "us-east-1" }),
        )
        .await;
        assert_eq!(made.status, 201, "{made:?}");
        assert!(made.body["setup"]["external_id"].is_null(), "{made:?}");
        assert!(made.body["connection"]["access"]["external_id"].is_null());
    }
}

#[tokio::test]
async fn what_is_only_reserved_is_hidden_and_can_do_nothing_but_be_saved_or_deleted() {
    let world = World::start().await;
    let made = connect(
        &world.admin,
        json!({ "method": "iam_role", "region": "us-east-1" }),
    )
    .await;
    let pending = &made.body["connection"];
    let list = format!("{BEDROCK}/connections");
    assert_eq!(world.viewer.get(&list).await.items(), [] as [Value; 0]);
    let all = world.viewer.get(&format!("{list}?pending=true")).await;
    assert_eq!(all.items(), std::slice::from_ref(pending));
    assert_eq!(reason(&models(&world.viewer, pending).await), "not_saved");
    assert_eq!(reason(&retest(&world.admin, pending).await), "not_saved");
    let renamed = super::world::edit(&world.admin, pending, json!({ "name": "x" })).await;
    assert_eq!(reason(&renamed), "not_saved");
    let state = world.viewer.get("/v1/integrations/bedrock").await;
    assert_eq!(state.body["state"], "not_connected", "{state:?}");

    let removed = world.admin.delete(&path(pending)).await;
    assert_eq!(removed.status, 200, "{removed:?}");
    assert_eq!(removed.body["left_in_aws"], json!([]));
    let all = world.viewer.get(&format!("{list}?pending=true")).await;
    assert_eq!(all.items(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_tenant_has_twenty_at_most_also_when_it_asks_for_all_at_once() {
    let world = World::start().await;
    let body = json!({ "method": "iam_role", "region": "us-east-1" });
    let asked = (0..25).map(|_| connect(&world.admin, body.clone()));
    let answers = futures_util::future::join_all(asked).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (20, 5));
    for answer in &refused {
        assert_eq!(answer.problem(), (409, "too_many_reservations"));
    }
    let other = connect(&world.other, body.clone()).await;
    assert_eq!(other.status, 201, "{other:?}");
    world.admin.delete(&path(&made[0].body["connection"])).await;
    assert_eq!(connect(&world.admin, body).await.status, 201);
}

#[tokio::test]
async fn a_reservation_lapses_after_a_week_and_its_external_id_stays_the_tenants() {
    let world = World::start().await;
    let (id, external_id) = world.reserve(&world.admin).await;
    let kept = save(&world.admin, "Kept", world.aws.by_key()).await;
    let pending = json!({ "id": id });
    world.wait(WEEK - 1);
    let _early = world.replica().await;
    assert_eq!(world.admin.get(&path(&pending)).await.status, 200);
    world.wait(1);
    let replica = world.replica().await;
    harness::service::until("what lapsed is removed", async || {
        world.admin.get(&path(&pending)).await.status == 404
    })
    .await;
    drop(replica);
    assert_eq!(now(&world.admin, &kept).await, kept);

    let role = add_role(&world.aws.world, "Late", &external_id);
    let gone = try_save(&world.admin, "Late", world.by_role(&id, &role)).await;
    assert_eq!(gone.problem(), (404, "not_found"));
    let connection = save(&world.admin, "Late", world.by_entered(&role, &external_id)).await;
    assert_eq!(connection["access"]["external_id_source"], "generated");
}

#[tokio::test]
async fn another_region_shares_the_access_and_needs_no_fields() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Shared").await;
    let first = save(&world.admin, "Virginia", body).await;
    let share = |access: &Value| json!({ "method": "iam_role", "region": "eu-west-1", "access_id": access });
    let made = connect(&world.admin, share(&first["access"]["id"])).await;
    assert_eq!(made.status, 201, "{made:?}");
    let reserved = &made.body["connection"];
    assert_eq!(reserved["access"]["id"], first["access"]["id"]);
    assert_eq!(
        made.body["setup"]["external_id"],
        first["access"]["external_id"]
    );

    let body =
        json!({ "connection_id": reserved["id"], "method": "iam_role", "region": "eu-west-1" });
    assert_eq!(report(&world.admin, body.clone()).await["ok"], true);
    let mut edited = body.clone();
    edited["fields"] = json!({ "role_arn": first["access"]["role_arn"] });
    let refused = try_save(&world.admin, "Ireland", edited).await;
    assert_eq!(refused.pointers(), ["/fields"], "{refused:?}");
    let second = save(&world.admin, "Ireland", body).await;
    assert_eq!(second["access"], first["access"]);
    assert_eq!(second["is_default"], false);

    // The access and its secrets go with the last.
    let removed = world.admin.delete(&path(&first)).await;
    assert_eq!(removed.body["removed"]["secrets"], false);
    assert_eq!(removed.body["left_in_aws"], json!([]));
    assert_eq!(models(&world.viewer, &second).await.status, 200);
    let removed = world.admin.delete(&path(&second)).await;
    assert_eq!(removed.body["removed"]["secrets"], true);
}

#[tokio::test]
async fn only_what_is_saved_and_ones_own_can_be_shared() {
    let world = World::start().await;
    let saved = save(&world.admin, "By key", world.aws.by_key()).await;
    let made = connect(
        &world.admin,
        json!({ "method": "api_key", "region": "us-east-1" }),
    )
    .await;
    let share = |method: &str, access: &Value| json!({ "method": method, "region": "eu-west-1", "access_id": access });
    let (pending, saved) = (
        &made.body["connection"]["access"]["id"],
        &saved["access"]["id"],
    );
    for (admin, body, pointer) in [
        (&world.admin, share("api_key", pending), "/access_id"),
        (&world.admin, share("cognito", saved), "/method"),
        (&world.other, share("api_key", saved), "/access_id"),
        (
            &world.admin,
            share("api_key", &json!("acc_x")),
            "/access_id",
        ),
    ] {
        let refused = connect(admin, body).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{refused:?}");
        assert_eq!(refused.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn a_reservation_keeps_no_secret_of_what_was_disconnected() {
    let world = World::start().await;
    let saved = save(&world.admin, "By key", world.aws.by_key()).await;
    let share =
        json!({ "method": "api_key", "region": "eu-west-1", "access_id": saved["access"]["id"] });
    let made = connect(&world.admin, share).await;
    let removed = world.admin.delete(&path(&saved)).await;
    assert_eq!(removed.body["removed"]["secrets"], true);
    let pending = path(&made.body["connection"]);
    assert_eq!(world.admin.get(&pending).await.status, 404);
    let left: Vec<(i64,)> = store::testing::ask(
        &world.service.database.owner_url,
        "SELECT count(*) FROM secrets",
    )
    .await;
    assert_eq!(left, [(0,)]);
}
