//! The same request again, by its idempotency key.

use futures_util::future::join_all;
use harness::{BEDROCK, aws::save};
use sandbox::demo::add_role;
use serde_json::json;

use super::world::{World, edit, now, path, try_save};

#[tokio::test]
async fn every_change_is_made_once_and_its_answer_is_told_again() {
    let world = World::start().await;
    let keyed = |key: &str| world.admin.clone().header("idempotency-key", key);

    let start = json!({ "method": "iam_role", "region": "us-east-1" });
    let connect = keyed("connect");
    let path_of = format!("{BEDROCK}/connect");
    let first = connect.post(&path_of, start.clone()).await;
    let again = connect.post(&path_of, start).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    let other = json!({ "method": "iam_role", "region": "eu-west-1" });
    let other = connect.post(&path_of, other).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));

    let external_id = first.body["setup"]["external_id"].as_str().unwrap();
    let role = add_role(&world.aws.world, "Role", external_id);
    let id = first.body["connection"]["id"].as_str().unwrap();
    let body = world.by_role(id, &role);
    let saved = try_save(&keyed("save"), "Production", body.clone()).await;
    let asked = world.aws.world.seen().len();
    let again = try_save(&keyed("save"), "Production", body).await;
    assert_eq!((saved.status, again.status), (201, 201), "{again:?}");
    assert_eq!(saved.body["connection"], again.body["connection"]);
    assert!(again.body["report"].is_null(), "no body is kept");
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");

    let connection = &saved.body["connection"];
    let rename = json!({ "name": "Renamed" });
    let edited = edit(&keyed("edit"), connection, rename.clone()).await;
    let again = edit(&keyed("edit"), connection, rename).await;
    assert_eq!((edited.status, again.status), (200, 200), "{again:?}");
    assert_eq!(edited.body["connection"], again.body["connection"]);

    let removed = keyed("remove").delete(&path(connection)).await;
    let again = keyed("remove").delete(&path(connection)).await;
    assert_eq!((removed.status, again.status), (200, 200), "{again:?}");
    assert_eq!(removed.body, again.body);
    assert_eq!(removed.body["removed"]["secrets"], true);
    assert!(
        removed.body["left_in_aws"][0]
            .as_str()
            .unwrap()
            .contains(&role)
    );

    for action in ["reserved", "saved", "edited", "disconnected"] {
        let events = world
            .audited(&world.admin, &format!("connection.{action}"))
            .await;
        assert_eq!(events.len(), 1, "{action}");
    }
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let world = World::start().await;
    let keyed = world.admin.clone().header("idempotency-key", "k");
    let saves = (0..6).map(|_| try_save(&keyed, "Production", world.aws.by_user()));
    let answers = join_all(saves).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    for answer in &answers {
        let is_waiting = answer.problem() == (409, "in_progress");
        assert!(answer.status == 201 || is_waiting, "{answer:?}");
    }
    assert_eq!(world.aws.world.count("RespondToAuthChallenge"), 1);
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items().len(), 1);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again_under_its_key() {
    let world = World::start().await;
    let (id, external_id) = world.reserve(&world.admin).await;
    let role = add_role(&world.aws.world, "Role", "not-yet-right");
    let keyed = world.admin.clone().header("idempotency-key", "k");
    let body = world.by_role(&id, &role);
    let refused = try_save(&keyed, "Production", body.clone()).await;
    assert_eq!(refused.problem(), (422, "connection_test_failed"));
    world.demand(&role, &[&external_id]);
    assert_eq!(try_save(&keyed, "Production", body).await.status, 201);
}

#[tokio::test]
async fn keys_of_two_tenants_never_meet() {
    let world = World::start().await;
    let [one, two] =
        [&world.admin, &world.other].map(|it| it.clone().header("idempotency-key", "k"));
    let first = try_save(&one, "Production", world.aws.by_key()).await;
    let second = try_save(&two, "Production", world.aws.by_key()).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_ne!(
        first.body["connection"]["id"],
        second.body["connection"]["id"]
    );
    let saved = save(&world.admin, "Another", world.aws.by_key()).await;
    let removed = one.delete(&path(&saved)).await;
    assert_eq!(removed.problem(), (422, "idempotency_key_reused"));
    now(&world.admin, &saved).await;
}
