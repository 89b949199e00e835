//! Requests that get no answer: always in OpenAI's form, and with what its clients need to know whether to try again.

use harness::Options;
use reqwest::Method;
use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};
use server::app::conversations::Limit;

use super::world::{CHAT, EMBEDDINGS, asking, complete, refused, with};
use crate::conversations::{limits::leave, world::World};

#[tokio::test]
async fn what_cannot_be_carried_over_is_refused_by_name() {
    let world = World::start().await;
    for (members, param, code) in [
        (json!({ "n": 2 }), "n", "unsupported_parameter"),
        (json!({ "top_k": 5 }), "top_k", "unknown_parameter"),
        (
            json!({ "reasoning_effort": "low" }),
            "reasoning_effort",
            "unsupported_parameter",
        ),
        (
            json!({ "messages": [{ "role": "user" }] }),
            "messages[0].content",
            "invalid_value",
        ),
    ] {
        let answer = complete(&world, with(asking("Hello"), members)).await;
        assert_eq!(refused(&answer), (400, code), "{answer:?}");
        assert_eq!(answer.body["error"]["param"], param, "{answer:?}");
        assert_eq!(answer.header("x-should-retry"), Some("false"));
    }
    assert_eq!(world.aws.world.count("Converse"), 0);
}

#[tokio::test]
async fn who_may_not_ask_is_told_in_openais_form() {
    let world = World::start().await;
    let anonymous = world.service.anonymous();
    let viewer = world.service.caller("one", "viewer").await;
    world.service.tenant("two").await;
    let stranger = world.service.caller("two", "member").await;
    for (caller, expected) in [
        (anonymous, (401, "invalid_api_key")),
        (viewer, (403, "forbidden")),
        (stranger, (404, "model_not_found")),
    ] {
        for path in [CHAT, EMBEDDINGS] {
            let request = match path {
                CHAT => asking("Hello"),
                _ => json!({ "model": "nova", "input": "Hello" }),
            };
            let answer = caller.post(path, request).await;
            assert_eq!(refused(&answer), expected, "{answer:?}");
            assert_eq!(answer.header("x-should-retry"), Some("false"));
        }
    }
}

#[tokio::test]
async fn what_aws_refuses_for_good_is_not_to_be_repeated_and_the_rest_is() {
    let world = World::start().await;
    for (status, code, message, expected) in [
        (
            400,
            "ValidationException",
            "The model broke no rule.",
            (400, "model_request_refused"),
        ),
        (
            404,
            "ResourceNotFoundException",
            "This model version has reached the end of its life. Please refer to the documentation.",
            (404, "model_not_found"),
        ),
        (
            400,
            "ValidationException",
            "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
            (400, "model_unusable"),
        ),
        (
            403,
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
            (403, "model_unusable"),
        ),
        (
            403,
            "MPAgreementBeingCreated",
            "The agreement is being created.",
            (503, "aws_unavailable"),
        ),
        (
            403,
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
            (403, "connection_unusable"),
        ),
        (
            429,
            "ThrottlingException",
            "Too many tokens.",
            (429, "rate_limit_exceeded"),
        ),
        (
            408,
            "ModelTimeoutException",
            "Model has timed out.",
            (503, "model_timed_out"),
        ),
        (
            500,
            "InternalServerException",
            "An unexpected error.",
            (503, "aws_unavailable"),
        ),
    ] {
        world.aws.world.mend();
        let refusal = Refusal::new(status, code, message);
        world
            .aws
            .world
            .fault(Fault::always(Harm::Refuse(refusal)).on("Converse"));
        let answer = complete(&world, asking("Hello")).await;
        assert_eq!(refused(&answer), expected, "{answer:?}");
        let may_pass = expected.0 == 429 || expected.0 == 503;
        assert_eq!(
            answer.header("retry-after").is_some(),
            may_pass,
            "{answer:?}"
        );
        assert_eq!(
            answer.header("x-should-retry").is_none(),
            may_pass,
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let options = Options {
        tenant_limit: Limit {
            requests_per_minute: 1,
            concurrent: 0,
            tokens_per_minute: 0,
        },
        ..Options::default()
    };
    let world = World::with(options).await;
    assert_eq!(complete(&world, asking("Hello")).await.status, 200);
    let answer = complete(&world, asking("Hello")).await;
    assert_eq!(refused(&answer), (429, "rate_limit_exceeded"));
    assert!(answer.header("retry-after").is_some());
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("The tenant has made as many requests in a minute as it may."),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_in_openais_form() {
    let world = World::start().await;
    for path in ["/openai/v1/responses", "/openai/chat/completions"] {
        let answer = world.member.post(path, asking("Hello")).await;
        assert_eq!(refused(&answer), (404, "not_found"), "{answer:?}");
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(message.contains("base URL"), "{message}");
    }
    let answer = world.member.get(CHAT).await;
    assert_eq!(refused(&answer), (405, "method_not_allowed"), "{answer:?}");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn nothing_that_is_sent_is_a_fault_of_ours() {
    let world = World::start().await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let bodies: [&[u8]; 10] = [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"{\"model\":\"nova\"}",
        b"{\"model\":7,\"messages\":[]}",
        b"{\"model\":\"\\ud800\",\"messages\":[]}",
        b"{\"model\":\"../../x\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"input\":\"x\"}",
        deep.as_bytes(),
    ];
    for path in [CHAT, EMBEDDINGS] {
        for body in bodies {
            let request = world.member.request(Method::POST, path).body(body.to_vec());
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            assert!((400..500).contains(&status), "{path} {status}");
            let told: Value = answer.json().await.unwrap();
            assert!(told["error"]["message"].is_string(), "{told}");
        }
    }
    let image = format!("data:image/png;base64,{}", "A".repeat(28 * 1024 * 1024));
    let parts = json!([{ "type": "image_url", "image_url": { "url": image } }]);
    let messages = json!([{ "role": "user", "content": parts }]);
    let answer = complete(&world, json!({ "model": "nova", "messages": messages })).await;
    assert_eq!(refused(&answer), (413, "body_too_large"));
}

#[tokio::test]
async fn a_completion_takes_room_beside_the_answer_that_it_is_made_of() {
    let world = World::start().await;
    let request = asking(&format!("say {}", "x".repeat(40_000)));
    // As much as the request and what is reserved, and not both forms of the answer.
    let _taken = leave(&world, 60 * 1_024).await;
    let answer = complete(&world, request).await;
    assert_eq!(refused(&answer), (429, "rate_limit_exceeded"));
    assert_eq!(world.aws.world.count("Converse"), 1, "it was asked");
}
