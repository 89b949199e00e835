//! Embeddings, whichever body the model takes.

use base64::{Engine, prelude::BASE64_STANDARD};
use harness::Options;
use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};
use server::app::conversations::Limit;

use super::world::{EMBEDDINGS, refused};
use crate::conversations::world::{World, register};

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
