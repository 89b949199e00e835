//! Embeddings, whichever body the model takes.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use harness::{Options, service::until};
use sandbox::{Fault, Harm, Refusal, Service};
use serde_json::{Value, json};
use server::app::conversations::Limit;

use super::world::{EMBEDDINGS, refused};
use crate::conversations::{
    limits::leave,
    timing::share,
    world::{World, register},
};

async fn world() -> World {
    // Whatever a request takes, it is one.
    let tenant_limit = Limit {
        requests_per_minute: 2,
        concurrent: 1,
        tokens_per_minute: 0,
    };
    let world = World::with(Options {
        tenant_limit,
        ..Options::default()
    })
    .await;
    let (admin, connection) = (&world.admin, &world.connection);
    register(admin, connection, "amazon.titan-embed-text-v2:0", "titan").await;
    register(admin, connection, "cohere.embed-english-v3", "cohere").await;
    world
}

/// The vectors of an answer, in order.
fn vectors(body: &Value) -> Vec<&Value> {
    let data = body["data"].as_array().unwrap();
    for (index, embedding) in data.iter().enumerate() {
        assert_eq!(
            (&embedding["index"], &embedding["object"]),
            (&json!(index), &json!("embedding"))
        );
    }
    data.iter()
        .map(|embedding| &embedding["embedding"])
        .collect()
}

#[tokio::test]
async fn a_model_that_takes_one_text_is_asked_for_each_and_answers_in_order() {
    let world = world().await;
    let texts: Vec<_> = (0..20).map(|number| format!("text {number}")).collect();
    let body = json!({ "model": "titan", "input": texts, "dimensions": 256 });
    let answer = world.member.post(EMBEDDINGS, body).await;
    assert!(answer.header("server-timing").is_some(), "{answer:?}");
    assert_eq!(answer.status, 200, "{answer:?}");
    let together = vectors(&answer.body);
    assert_eq!(
        (together.len(), together[0].as_array().unwrap().len()),
        (20, 256)
    );
    assert_eq!(world.aws.world.count("InvokeModel"), 20);
    assert!(answer.body["usage"]["prompt_tokens"].as_u64().unwrap() >= 20);

    let body = json!({ "model": "titan", "input": texts[7], "dimensions": 256 });
    let alone = world.member.post(EMBEDDINGS, body).await;
    assert_eq!(vectors(&alone.body), [together[7]]);
}

#[tokio::test]
async fn a_model_that_takes_many_is_asked_once_and_clients_may_want_bytes() {
    let world = world().await;
    let ask = async |format: &str| {
        let body = json!({ "model": "cohere", "input": ["a", "b"], "encoding_format": format });
        world.member.post(EMBEDDINGS, body).await
    };
    let (float, base64) = (ask("float").await, ask("base64").await);
    assert_eq!(world.aws.world.count("InvokeModel"), 2);
    let bytes = vectors(&base64.body)[1].as_str().unwrap();
    let numbers: Vec<f32> = BASE64_STANDARD
        .decode(bytes)
        .unwrap()
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let expected: Vec<f32> = serde_json::from_value(vectors(&float.body)[1].clone()).unwrap();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn what_was_answered_takes_room_until_all_of_it_is() {
    let world = world().await;
    let body = json!({ "model": "titan", "input": vec!["x"; 32] });
    let answer = world.member.post(EMBEDDINGS, body.clone()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // More than what is with AWS at a time needs, and less than all.
    let taken = leave(&world, answer.body.to_string().len() * 3 / 4).await;
    let answer = world.member.post(EMBEDDINGS, body).await;
    assert_eq!(refused(&answer), (429, "rate_limit_exceeded"));
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("128 MiB"), "{message}");
    drop(taken);
}

#[tokio::test]
async fn an_answer_that_would_be_too_long_is_refused_clearly_before_most_is_paid_for() {
    let world = world().await;
    let input = vec!["x"; 2_048];
    let answer = world
        .member
        .post(EMBEDDINGS, json!({ "model": "cohere", "input": input }))
        .await;
    assert_eq!(refused(&answer), (400, "array_above_max_length"));
    let error = &answer.body["error"];
    assert_eq!(error["param"], "input");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("32 MiB"), "{message}");
    // Those that were under way with the first, of 22.
    assert!(world.aws.world.count("InvokeModel") <= 8);
    let body = json!({ "model": "cohere", "input": input, "encoding_format": "base64" });
    let answer = world.member.post(EMBEDDINGS, body).await;
    assert_eq!(vectors(&answer.body).len(), input.len());
    // It goes out in pieces.
    let length = answer.header("content-length").map(str::to_owned);
    assert_eq!(length, Some(answer.raw.len().to_string()));
}

#[tokio::test]
async fn their_time_is_that_of_all_calls_together() {
    const SLOW: Duration = Duration::from_millis(100);
    let world = world().await;
    world.aws.world.fault(Fault {
        service: Some(Service::BedrockRuntime),
        ..Fault::always(Harm::Slow(SLOW))
    });
    // One more than are asked at a time.
    let body = json!({ "model": "titan", "input": vec!["x"; 9] });
    let answer = world.member.post(EMBEDDINGS, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.header("server-timing").unwrap();
    assert!(
        share(told, "upstream") >= (SLOW * 2).as_secs_f64(),
        "{told}"
    );
    assert!(share(told, "own") > 0.0, "{told}");
}

#[tokio::test]
async fn a_name_that_comes_to_mean_another_model_meanwhile_changes_nothing() {
    let world = World::start().await;
    let (admin, connection) = (&world.admin, &world.connection);
    let titan = register(admin, connection, "amazon.titan-embed-text-v2:0", "titan").await;
    let cohere = register(admin, connection, "cohere.embed-english-v3", "cohere").await;
    let slow = Fault::always(Harm::Slow(Duration::from_secs(1)));
    world.aws.world.fault(slow.on("InvokeModel").times(8));
    let body = json!({ "model": "titan", "input": vec!["x"; 9] });
    let asked = world.member.post(EMBEDDINGS, body);
    let renamed = async {
        until("the first are asked", async || {
            world.aws.world.count("InvokeModel") == 8
        })
        .await;
        for (model, alias) in [(&titan, "other"), (&cohere, "titan")] {
            let path = format!("/v1/models/{model}");
            let answer = admin.patch(&path, json!({ "alias": alias })).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    };
    let (answer, ()) = tokio::join!(asked, renamed);
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn one_refusal_refuses_all() {
    let world = world().await;
    let throttled = Refusal::new(429, "ThrottlingException", "Too many requests.");
    world
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(throttled)).on("InvokeModel"));
    let body = json!({ "model": "titan", "input": ["a", "b", "c"] });
    let answer = world.member.post(EMBEDDINGS, body).await;
    assert_eq!(refused(&answer), (429, "rate_limit_exceeded"));
    let body = json!({ "model": "nova", "input": "a" });
    let answer = world.member.post(EMBEDDINGS, body).await;
    assert_eq!(refused(&answer), (400, "invalid_value"));
    assert_eq!(answer.body["error"]["param"], "model");
}
