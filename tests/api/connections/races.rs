//! Several at once: nobody's work is lost or half done.

use futures_util::future::join_all;
use harness::{BEDROCK, aws::save};
use serde_json::json;

use super::world::{World, edit, path, try_save};

#[tokio::test]
async fn of_many_first_connections_one_becomes_the_default() {
    let world = World::start().await;
    let replica = world.replica().await;
    let saves = (0..8).map(|n| {
        let admin = world.admin.clone();
        let admin = if n % 2 == 0 {
            admin
        } else {
            admin.at(&replica.url)
        };
        let mut body = world.aws.by_key();
        body["verify"] = "skip".into();
        async move { try_save(&admin, &format!("Name {n}"), body).await }
    });
    for saved in join_all(saves).await {
        assert_eq!(saved.status, 201, "{saved:?}");
    }
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items().len(), 8);
    let defaults = listed.items().iter().filter(|it| it["is_default"] == true);
    assert_eq!(defaults.count(), 1);
}

#[tokio::test]
async fn of_many_that_are_made_the_default_one_is_it_in_the_end() {
    let world = World::start().await;
    let mut all = Vec::new();
    for n in 0..6 {
        all.push(save(&world.admin, &format!("Name {n}"), world.aws.by_key()).await);
    }
    let others = all[1..].iter();
    let edits = others.map(|it| edit(&world.admin, it, json!({ "is_default": true })));
    for edited in join_all(edits).await {
        assert!([200, 412].contains(&edited.status), "{edited:?}");
    }
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    let defaults = listed.items().iter().filter(|it| it["is_default"] == true);
    assert_eq!(defaults.count(), 1);
}

#[tokio::test]
async fn a_name_and_a_reservation_are_taken_once() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    let saves = (0..6).map(|n| {
        let body = if n % 2 == 0 {
            body.clone()
        } else {
            world.aws.by_key()
        };
        try_save(&world.admin, "Production", body)
    });
    let answers = join_all(saves).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in &refused {
        let (status, code) = answer.problem();
        let is_name =
            (status, code) == (422, "validation_failed") && answer.pointers() == ["/name"];
        let is_reservation = [(409, "already_saved"), (409, "changed_meanwhile")];
        assert!(
            is_name || is_reservation.contains(&(status, code)),
            "{answer:?}"
        );
    }
    let listed = world.admin.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items().len(), 1);
}

#[tokio::test]
async fn of_many_who_disconnect_one_does() {
    let world = World::start().await;
    let seen = save(&world.admin, "Production", world.aws.by_key()).await;
    let path = path(&seen);
    let answers = join_all((0..6).map(|_| world.admin.delete(&path))).await;
    let done = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(done.count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| [200, 404].contains(&answer.status))
    );
    assert_eq!(
        world
            .audited(&world.admin, "connection.disconnected")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn an_edit_and_a_disconnect_at_once_leave_all_or_nothing() {
    let world = World::start().await;
    for n in 0..4 {
        let seen = save(&world.admin, &format!("Name {n}"), world.aws.by_key()).await;
        let fields = json!({ "fields": { "api_key": world.aws.demo.api_keys.long_term } });
        let path = path(&seen);
        let (edited, removed) =
            tokio::join!(edit(&world.admin, &seen, fields), world.admin.delete(&path));
        assert!([200, 404].contains(&edited.status), "{edited:?}");
        assert_eq!(removed.status, 200, "{removed:?}");
    }
    let left: Vec<(i64, i64, i64)> = store::testing::ask(
        &world.service.database.owner_url,
        "SELECT (SELECT count(*) FROM connections), (SELECT count(*) FROM accesses), (SELECT count(*) FROM secrets)",
    )
    .await;
    assert_eq!(left, [(0, 0, 0)]);
}
