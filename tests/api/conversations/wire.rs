//! Bedrock's own wire, as raw requests see it. AWS's own SDKs try it in `sdk.rs` and `tests/peers`.

use reqwest::Method;
use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};

use super::world::{World, hello};

#[tokio::test]
async fn whole_answers_are_bedrocks_with_its_request_id() {
    let world = World::start().await;
    let path = format!(
        "/bedrock/model/{}/converse",
        world.aws.demo.model_id.replace(':', "%3A")
    );
    let answer = world.member.post(&path, hello()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.headers.contains_key("x-amzn-requestid"));
    assert_eq!(answer.body["stopReason"], "end_turn");
}

#[tokio::test]
async fn streams_are_aws_frames_untouched() {
    let world = World::start().await;
    let answer = world
        .member
        .request(Method::POST, "/bedrock/model/nova/converse-stream")
        .json(&hello())
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/vnd.amazon.eventstream"
    );
    let bytes = answer.bytes().await.unwrap();
    let first = u32::from_be_bytes(bytes[..4].try_into().unwrap());
    assert!(usize::try_from(first).unwrap() < bytes.len());
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("messageStart") && text.contains("metadata"));
}

#[tokio::test]
async fn streams_that_break_end_as_awss_own_would() {
    let world = World::start().await;
    let failed = Refusal::new(424, "ModelStreamErrorException", "The model broke.");
    for (harm, told) in [
        (Harm::FailAfter(3, failed), Some("The model broke.")),
        (Harm::CutAfter(3), None),
        (Harm::EndAfter(3), None),
    ] {
        world.aws.world.mend();
        world
            .aws
            .world
            .fault(Fault::always(harm).on("ConverseStream"));
        let path = "/bedrock/model/nova/converse-stream";
        let request = world.member.request(Method::POST, path).json(&hello());
        let mut answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut text = String::new();
        let ended = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => text.push_str(&String::from_utf8_lossy(&chunk)),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        assert!(text.contains("messageStart"), "{text}");
        assert_eq!(ended, told.is_some(), "{text}");
        assert!(text.contains(told.unwrap_or_default()), "{text}");
    }
}

#[tokio::test]
async fn refusals_have_awss_shape() {
    let world = World::start().await;
    let anonymous = world.service.anonymous();
    let invalid = json!({ "messages": [] });
    for (answer, status, kind) in [
        (
            anonymous
                .post("/bedrock/model/nova/converse", hello())
                .await,
            403,
            "AccessDeniedException",
        ),
        (
            world
                .member
                .post("/bedrock/model/none/converse", hello())
                .await,
            404,
            "ResourceNotFoundException",
        ),
        (
            world
                .member
                .post("/bedrock/model/nova/converse", invalid)
                .await,
            400,
            "ValidationException",
        ),
        (
            world
                .member
                .post("/bedrock/model/nova/count", hello())
                .await,
            404,
            "ResourceNotFoundException",
        ),
        (
            world.member.get("/bedrock/model/nova/converse").await,
            405,
            "UnknownOperationException",
        ),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.headers["x-amzn-errortype"], kind);
        let body: Value = serde_json::from_str(&answer.raw).unwrap();
        assert!(body["message"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn who_signs_with_aws_credentials_is_told_what_to_send() {
    let world = World::start().await;
    let signed = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/bedrock/aws4_request";
    let signer = world.service.anonymous().header("authorization", signed);
    let answer = signer.post("/bedrock/model/nova/converse", hello()).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(
        answer.raw.contains("AWS_BEARER_TOKEN_BEDROCK"),
        "{answer:?}"
    );
}
