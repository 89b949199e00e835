//! What ends a stream before its time, and what does not.

use harness::service::until;
use sandbox::{Fault, Harm};
use serde_json::json;

use super::world::{World, events, hello, register};

/// A stream that has begun and would go on for long.
async fn begun(world: &World) -> (reqwest::Response, String) {
    world.dawdle();
    let mut answer = world.stream("nova", &hello()).await;
    let first = answer.chunk().await.unwrap().unwrap();
    let first = String::from_utf8(first.to_vec()).unwrap();
    assert!(first.contains("messageStart"), "{first}");
    (answer, first)
}

async fn rest(mut answer: reqwest::Response, mut text: String) -> String {
    while let Some(chunk) = answer.chunk().await.unwrap() {
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    text
}

#[tokio::test]
async fn a_disconnect_ends_it_in_band() {
    let world = World::start().await;
    let (answer, first) = begun(&world).await;
    assert_eq!(
        world.admin.delete(&world.connection_path()).await.status,
        200
    );
    let told = events(&rest(answer, first).await);
    let (name, problem) = told.last().unwrap();
    assert_eq!(
        (name.as_str(), &problem["code"]),
        ("error", &json!("withdrawn"))
    );
}

#[tokio::test]
async fn a_revoked_key_ends_its_own_streams() {
    let world = World::start().await;
    let keys = world.admin.get("/v1/api-keys").await;
    let own = keys
        .items()
        .iter()
        .find(|key| key["role"] == "member")
        .unwrap();
    let path = format!("/v1/api-keys/{}", own["id"].as_str().unwrap());
    let (answer, first) = begun(&world).await;
    assert_eq!(world.admin.delete(&path).await.status, 204);
    let told = events(&rest(answer, first).await);
    let problem = &told.last().unwrap().1;
    assert_eq!(problem["code"], "withdrawn");
    assert_eq!(problem["retryable"], false);
}

#[tokio::test]
async fn a_test_or_a_new_name_of_the_connection_ends_nothing() {
    let world = World::start().await;
    let (answer, first) = begun(&world).await;
    let tested = world
        .admin
        .post(&format!("{}/test", world.connection_path()), json!({}))
        .await;
    assert_eq!(tested.status, 200);
    let told = events(&rest(answer, first).await);
    assert_eq!(told.last().unwrap().0, "metadata", "{told:?}");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_call_and_is_counted() {
    let world = World::start().await;
    let (answer, _) = begun(&world).await;
    assert_eq!(world.service.context.running.count(), 1);
    drop(answer);
    let cancelled = world.usage("cancelled").await.unwrap();
    assert_eq!(cancelled["requests"], 1);
}

#[tokio::test]
async fn a_service_that_stops_ends_streams_and_says_so() {
    let world = World::start().await;
    let (answer, first) = begun(&world).await;
    world.service.begin_stop();
    let told = events(&rest(answer, first).await);
    assert_eq!(told.last().unwrap().1["code"], "interrupted");
}

#[tokio::test]
async fn a_service_that_stops_waits_for_no_stream_that_has_not_begun() {
    for (path, status) in [
        ("/v1/models/nova/converse", 503),
        ("/bedrock/model/nova/converse-stream", 503),
    ] {
        let world = World::start().await;
        world
            .aws
            .world
            .fault(Fault::always(Harm::Hang).on("ConverseStream"));
        let asked = world.member.request(reqwest::Method::POST, path);
        let asked = asked.header("accept", "text/event-stream").json(&hello());
        let stop = async {
            until("it hangs", async || {
                world.aws.world.count("ConverseStream") == 1
            })
            .await;
            world.service.begin_stop();
        };
        let (answer, ()) = tokio::join!(asked.send(), stop);
        let answer = answer.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.headers().contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_hanging_model_of_one_tenant_costs_another_nothing() {
    let world = World::start().await;
    world.service.tenant("two").await;
    let other = world.service.caller("two", "admin").await;
    let connection = harness::aws::save(&other, "Production", world.aws.by_key()).await;
    let id = connection["id"].as_str().unwrap();
    register(&other, id, world.aws.demo.model_id, "nova").await;
    world
        .aws
        .world
        .fault(Fault::always(Harm::Hang).on("Converse").times(1));
    let waiting = world.converse("nova", hello());
    let others = async {
        until("the first one hangs", async || {
            world.aws.world.count("Converse") == 1
        })
        .await;
        other.post("/v1/models/nova/converse", hello()).await
    };
    tokio::select! {
        answer = waiting => panic!("it hangs: {answer:?}"),
        answer = others => assert_eq!(answer.status, 200),
    }
}

#[tokio::test]
async fn what_has_not_begun_to_answer_ends_with_the_connection_too() {
    let world = World::start().await;
    world
        .aws
        .world
        .fault(Fault::always(Harm::Hang).on("Converse"));
    let disconnect = async {
        until("it hangs", async || world.aws.world.count("Converse") == 1).await;
        world.admin.delete(&world.connection_path()).await
    };
    let (answer, disconnected) = tokio::join!(world.converse("nova", hello()), disconnect);
    assert_eq!(disconnected.status, 200);
    assert_eq!(
        (answer.status, answer.text("code")),
        (403, "withdrawn".into())
    );
}
