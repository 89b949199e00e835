//! Several admins at once.

use futures_util::future::{join, join_all};
use harness::{Answer, BEDROCK, aws::save};
use serde_json::{Value, json};

use super::world::{NOVA, SONNET, World, path, register};

const MICRO: &str = "amazon.nova-micro-v1:0";

/// A world and a second connection of it. What AWS lists is known, so that callers meet in the database.
async fn world() -> (World, String) {
    let world = World::start().await;
    let second = save(&world.admin, "Second", world.aws.by_user()).await;
    let second = second["id"].as_str().unwrap().to_owned();
    for connection in [&world.connection, &second] {
        let listed = format!("{BEDROCK}/connections/{connection}/models");
        assert_eq!(world.admin.get(&listed).await.status, 200);
    }
    (world, second)
}

/// Registers the model over each of the connections, at once.
async fn over_each(world: &World, connections: [&str; 2], model: Value) -> Vec<Answer> {
    let wishes = connections.map(|connection| {
        let body = json!({ "connection_id": connection, "models": [model] });
        async move { world.admin.post("/v1/models", body).await }
    });
    join_all(wishes).await
}

/// Changes each of the models in the same way, at once.
async fn patch_each(world: &World, made: &Answer, edit: &Value) -> Vec<Answer> {
    let wishes = made.items().iter().map(|model| {
        let path = path(model);
        async move { world.admin.patch(&path, edit.clone()).await }
    });
    join_all(wishes).await
}

async fn defaults(world: &World) -> Vec<Value> {
    let models = world.admin.get("/v1/models").await;
    let defaults = models
        .items()
        .iter()
        .filter(|model| model["is_default"] == true);
    defaults.cloned().collect()
}

#[tokio::test]
async fn of_admins_who_register_under_one_alias_one_gets_it() {
    let (world, second) = world().await;
    for n in 0..10 {
        let model = json!({ "model_id": format!("x.m{n}"), "alias": format!("m{n}") });
        let answers = over_each(&world, [&world.connection, &second], model).await;
        let (made, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 201);
        assert_eq!(made.len(), 1, "{answers:?}");
        assert_eq!(refused[0].problem(), (422, "validation_failed"));
        assert_eq!(refused[0].pointers(), ["/models/0/alias"]);
    }
}

#[tokio::test]
async fn of_models_renamed_to_one_alias_one_gets_it() {
    let (world, _) = world().await;
    let made = world
        .register(json!([{ "model_id": NOVA }, { "model_id": SONNET }]))
        .await;
    for alias in ["a", "b", "c"] {
        let answers = patch_each(&world, &made, &json!({ "alias": alias })).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "{answers:?}");
    }
}

#[tokio::test]
async fn of_first_models_one_becomes_the_default() {
    let (world, second) = &world().await;
    for _ in 0..10 {
        let wishes = [(&world.connection, NOVA), (second, SONNET)].map(|(connection, id)| {
            let body = json!({ "connection_id": connection, "models": [{ "model_id": id }] });
            async move { world.admin.post("/v1/models", body).await }
        });
        let answers = join_all(wishes).await;
        assert_eq!(defaults(world).await.len(), 1, "{answers:?}");
        for answer in answers {
            assert_eq!(answer.status, 201, "{answer:?}");
            let gone = world.admin.delete(&path(&answer.items()[0])).await;
            assert_eq!(gone.status, 204, "{gone:?}");
        }
    }
}

#[tokio::test]
async fn of_models_made_the_default_one_is_it() {
    let (world, _) = world().await;
    let made = world
        .register(json!([{ "model_id": NOVA }, { "model_id": SONNET }, { "model_id": MICRO }]))
        .await;
    for _ in 0..5 {
        for answer in patch_each(&world, &made, &json!({ "is_default": true })).await {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        assert_eq!(defaults(&world).await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_registered_while_its_connection_goes_is_gone_or_was_never_there() {
    let (world, _) = world().await;
    let connection = format!("{BEDROCK}/connections/{}", world.connection);
    let models = json!([{ "model_id": NOVA }, { "model_id": SONNET }]);
    let (made, removed) = join(
        register(&world.admin, models),
        world.admin.delete(&connection),
    )
    .await;
    assert_eq!(removed.status, 200, "{removed:?}");
    let removed = removed.body["removed"]["models"].as_array().unwrap().len();
    match made.status {
        201 => assert_eq!(removed, 2),
        404 | 422 => assert_eq!(removed, 0),
        _ => panic!("{made:?}"),
    }
    let left = world.admin.get("/v1/models").await;
    assert_eq!(left.items(), [] as [Value; 0]);
}
