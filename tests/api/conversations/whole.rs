//! Whole answers: Bedrock's own, by every name that a model has.

use serde_json::json;

use super::world::{World, hello, register};

#[tokio::test]
async fn a_model_answers_by_each_of_its_names() {
    let world = World::start().await;
    for name in [world.model.as_str(), "nova", world.aws.demo.model_id] {
        let answer = world.converse(name, hello()).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        assert_eq!(answer.body["output"]["message"]["role"], "assistant");
        assert!(answer.body["usage"]["outputTokens"].as_u64().unwrap() > 0);
        assert_eq!(answer.body["stopReason"], "end_turn");
    }
}

#[tokio::test]
async fn an_answer_says_how_long_the_service_itself_took_and_so_does_a_refusal_of_awss() {
    let world = World::start().await;
    for (door, body, status) in [
        ("/v1/models/nova/converse", hello(), 200),
        ("/bedrock/model/nova/converse", hello(), 200),
        ("/v1/models/nova/converse", json!({ "messages": [] }), 400),
        (
            "/bedrock/model/nova/converse",
            json!({ "messages": [] }),
            400,
        ),
    ] {
        let answer = world.member.post(door, body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let timing = answer.headers["server-timing"].to_str().unwrap();
        for share in ["own;dur=", "upload;dur=", "lease;dur=", "upstream;dur="] {
            assert!(timing.contains(share), "{timing}");
        }
    }
}

#[tokio::test]
async fn one_lease_serves_many_conversations() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Bedrock").await;
    let connection = harness::aws::save(&world.admin, "By role", body).await;
    let connection = connection["id"].as_str().unwrap();
    register(&world.admin, connection, "amazon.nova-micro-v1:0", "micro").await;
    let before = world.aws.world.count("AssumeRole");
    for _ in 0..5 {
        assert_eq!(world.converse("micro", hello()).await.status, 200);
    }
    assert!(world.aws.world.count("AssumeRole") <= before + 1);
}

#[tokio::test]
async fn members_bedrock_does_not_know_yet_go_through_to_it() {
    let world = World::start().await;
    let mut body = hello();
    body["someNewMember"] = json!({ "a": 1 });
    // The sandbox refuses what it does not know, as AWS does: so it has arrived.
    let answer = world.converse("nova", body).await;
    assert!(
        answer.status == 200 || answer.raw.contains("someNewMember"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn viewers_do_not_converse_and_another_tenant_has_no_such_model() {
    let world = World::start().await;
    let viewer = world.service.caller("one", "viewer").await;
    let path = format!("/v1/models/{}/converse", world.model);
    assert_eq!(viewer.post(&path, hello()).await.status, 403);
    world.service.tenant("two").await;
    let other = world.service.caller("two", "member").await;
    let answer = other.post(&path, hello()).await;
    assert_eq!(
        (answer.status, answer.text("code")),
        (404, "model_not_found".into())
    );
    let unknown = other.post("/v1/models/nothing/converse", hello()).await;
    assert_eq!(answer.body["detail"], unknown.body["detail"]);
}

#[tokio::test]
async fn a_model_that_needs_a_profile_by_now_is_mapped_anew() {
    const BARE: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
    let world = World::start().await;
    let id = register(&world.admin, &world.connection, BARE, "haiku").await;
    // As it was registered when AWS still took the bare id.
    sqlx::query("UPDATE models SET invoke_id = model_id WHERE alias = 'haiku'")
        .execute(&world.service.database.owner())
        .await
        .unwrap();
    let (one, other) = tokio::join!(
        world.converse("haiku", hello()),
        world.converse("haiku", hello())
    );
    assert_eq!((one.status, other.status), (200, 200), "{one:?} {other:?}");
    let model = world.admin.get(&format!("/v1/models/{id}")).await;
    assert_eq!(model.body["invoke_id"], format!("us.{BARE}"));
}

#[tokio::test]
async fn models_of_a_connection_that_goes_to_another_region_are_found_there() {
    let world = World::start().await;
    let mut body = world.aws.by_entered_role();
    body["region"] = "eu-west-1".into();
    let connection = harness::aws::save(&world.admin, "Elsewhere", body).await;
    let id = connection["id"].as_str().unwrap();
    let model = register(&world.admin, id, world.aws.demo.model_id, "lite").await;
    let there = world.admin.get(&format!("/v1/models/{model}")).await;
    let invoke_id = there.text("invoke_id");
    assert!(invoke_id.starts_with("eu."), "{there:?}");
    let path = format!("{}/connections/{id}", harness::BEDROCK);
    let edited = world
        .admin
        .clone()
        .header("if-match", connection["etag"].as_str().unwrap())
        .patch(&path, json!({ "region": "us-east-1" }))
        .await;
    assert_eq!(edited.status, 200, "{edited:?}");
    let answer = world.converse("lite", hello()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let here = world.admin.get(&format!("/v1/models/{model}")).await;
    assert_ne!(here.text("invoke_id"), invoke_id);
}
