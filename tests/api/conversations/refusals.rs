//! Conversations that get no answer: what their callers are told.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use harness::{Answer, BEDROCK, aws::save};
use sandbox::{Fault, Harm, Refusal, Service, policy::Policy};
use serde_json::{Value, json};

use super::world::{World, hello, register};

#[tokio::test]
async fn a_request_that_the_model_does_not_take_is_the_callers_to_mend() {
    let world = World::start().await;
    let answer = world.converse("nova", json!({ "messages": [] })).await;
    assert_eq!(
        (answer.status, answer.text("code")),
        (400, "model_request_refused".into()),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_is_no_json_is_told_to_be_none() {
    let world = World::start().await;
    for accept in ["application/json", "text/event-stream"] {
        let member = world.member.clone().header("accept", accept);
        let body = br#"{"messages":["#.to_vec();
        let answer = member
            .send_raw(reqwest::Method::POST, "/v1/models/nova/converse", body)
            .await;
        assert_eq!(answer.problem(), (400, "model_request_refused"));
        assert!(answer.text("detail").contains("not JSON"), "{answer:?}");
        assert!(answer.text("remedy").contains("JSON"), "{answer:?}");
        assert_eq!(answer.body["aws"]["code"], "SerializationException");
    }
}

#[tokio::test]
async fn refusals_are_told_by_what_can_be_done() {
    let world = World::start().await;
    for (refusal, status, code, reason) in [
        (
            Refusal::new(
                404,
                "ResourceNotFoundException",
                "This model version has reached the end of its life. Please refer to the documentation.",
            ),
            409,
            "model_unusable",
            "model_end_of_life",
        ),
        (
            Refusal::new(
                429,
                "ThrottlingException",
                "Too many tokens, please wait before trying again.",
            ),
            429,
            "model_throttled",
            "throttled",
        ),
        (
            Refusal::new(
                403,
                "AccessDeniedException",
                "Authentication failed: Please make sure your API Key is valid.",
            ),
            409,
            "connection_unusable",
            "api_key_invalid",
        ),
        (
            Refusal::new(
                408,
                "ModelTimeoutException",
                "Model has timed out in processing the request.",
            ),
            504,
            "model_timed_out",
            "model_timeout",
        ),
        (
            Refusal::new(
                500,
                "InternalServerException",
                "The system encountered an unexpected error.",
            ),
            503,
            "aws_unavailable",
            "aws_unavailable",
        ),
    ] {
        world.aws.world.mend();
        world
            .aws
            .world
            .fault(Fault::always(Harm::Refuse(refusal)).on("Converse"));
        let answer = world.converse("nova", hello()).await;
        assert_eq!(
            (answer.status, answer.text("code"), answer.text("reason")),
            (status, code.into(), reason.into()),
            "{answer:?}"
        );
        let may_wait = [429, 503].contains(&status);
        assert_eq!(
            answer.headers.contains_key("retry-after"),
            may_wait,
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_key_that_was_taken_back_is_told_and_not_tried_in_vain() {
    let world = World::start().await;
    let disconnected = world.admin.delete(&world.connection_path()).await;
    assert_eq!(disconnected.status, 200);
    let answer = world.converse("nova", hello()).await;
    assert_eq!(
        (answer.status, answer.text("code")),
        (404, "model_not_found".into())
    );
}

#[tokio::test]
async fn what_aws_says_is_kept_with_the_id_of_its_request() {
    const SAID: &str = "You do not have access to explicit prompt caching";
    let world = World::start().await;
    let refusal = Refusal::new(403, "AccessDeniedException", SAID);
    world
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(refusal)).on("Converse"));
    let answer = world.converse("nova", hello()).await;
    assert_eq!(answer.problem(), (400, "model_request_refused"));
    assert_eq!(answer.text("reason"), "unknown_refusal");
    assert!(answer.text("detail").contains(SAID), "{answer:?}");
    let aws = &answer.body["aws"];
    assert_eq!(
        (&aws["operation"], &aws["code"], &aws["message"]),
        (
            &json!("Converse"),
            &json!("AccessDeniedException"),
            &json!(SAID)
        )
    );
    assert!(aws["request_id"].is_string(), "{aws}");
}

#[tokio::test]
async fn a_way_that_aws_does_not_know_either_is_not_looked_for_with_every_request() {
    let world = World::start().await;
    let refusal = Refusal::validation(
        "Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an \
         inference profile that contains this model.",
    );
    world
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(refusal)).on("Converse"));
    let mut lists = Vec::new();
    for _ in 0..3 {
        let answer = world.converse("nova", hello()).await;
        assert_eq!(answer.problem(), (409, "model_unusable"), "{answer:?}");
        lists.push(world.aws.world.count("ListInferenceProfiles"));
    }
    assert_eq!(lists[1..], [lists[0]; 2]);
}

#[tokio::test]
async fn a_list_that_is_denied_takes_no_lease_away() {
    let world = World::start().await;
    let connection = save(&world.admin, "By role", world.aws.by_entered_role()).await;
    let connection = connection["id"].as_str().unwrap();
    register(&world.admin, connection, world.aws.demo.model_id, "role").await;
    assert_eq!(world.converse("role", hello()).await.status, 200);
    let leases = world.aws.world.count("AssumeRole");
    let refusal = Refusal::new(
        403,
        "AccessDeniedException",
        "User: x is not authorized to perform: bedrock:ListFoundationModels",
    );
    world.aws.world.fault(Fault {
        service: Some(Service::Bedrock),
        ..Fault::always(Harm::Refuse(refusal))
    });
    let path = format!("{BEDROCK}/connections/{connection}/models?refresh=true");
    let listed = world.admin.get(&path).await;
    assert_eq!(listed.status, 409, "{listed:?}");
    assert_eq!(world.converse("role", hello()).await.status, 200);
    assert_eq!(world.aws.world.count("AssumeRole"), leases);
}

/// What it takes to list models and to converse, but not in streams.
fn without_streams() -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": ["bedrock:Get*", "bedrock:List*", "bedrock:InvokeModel"],
            "Resource": "*",
        },
    }))
}

#[tokio::test]
async fn a_role_that_may_not_stream_is_told_which_permission_is_missing() {
    const MISSING: &str = "bedrock:InvokeModelWithResponseStream";
    let world = World::start().await;
    let (account, model_id) = (world.aws.demo.account_id, world.aws.demo.model_id);
    world.aws.world.account(account, |account| {
        for role in &mut account.roles {
            role.policies = vec![without_streams()];
        }
    });
    let connection = save(&world.admin, "By role", world.aws.by_entered_role()).await;
    let connection = connection["id"].as_str().unwrap();
    register(&world.admin, connection, model_id, "whole").await;
    assert_eq!(world.converse("whole", hello()).await.status, 200);

    let told = Answer::read(world.stream("whole", &hello()).await).await;
    assert_eq!(
        (told.status, told.text("code"), told.text("reason")),
        (409, "model_unusable".into(), "missing_permission".into()),
        "{told:?}"
    );
    assert!(told.text("detail").contains(MISSING), "{told:?}");
    let path = "/bedrock/model/whole/converse-stream";
    let told = world.member.post(path, hello()).await;
    assert_eq!(
        (told.status, told.header("x-amzn-errortype")),
        (403, Some("AccessDeniedException"))
    );
    assert!(told.text("message").contains(MISSING), "{told:?}");
}

#[tokio::test]
async fn a_document_of_20_mb_passes_and_one_of_30_is_refused_clearly() {
    const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let world = World::start().await;
    register(&world.admin, &world.connection, SONNET, "claude").await;
    // The sandbox would count every word.
    let said = r#"{"output":{"message":{"role":"assistant","content":[{"text":"Long."}]}},"stopReason":"end_turn",
        "usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#;
    world.aws.world.fault(Fault::always(Harm::Nonsense(said)));
    for (path, body, refusal) in [
        (
            "/v1/models/nova/converse",
            in_bedrocks_form as fn(&str) -> Value,
            413,
        ),
        ("/bedrock/model/nova/converse", in_bedrocks_form, 400),
        ("/anthropic/v1/messages", in_anthropics_form, 413),
        ("/openai/v1/chat/completions", in_openais_form, 413),
    ] {
        let answer = world.member.post(path, body(&document(20))).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let refused = world.member.post(path, body(&document(30))).await;
        assert_eq!(refused.status, refusal, "{path}: {refused:?}");
        assert!(refused.raw.contains("28 MiB"), "{path}: {refused:?}");
    }
}

/// So many megabytes, as they are sent.
fn document(megabytes: usize) -> String {
    BASE64_STANDARD.encode(vec![b'a'; megabytes * 1_000_000])
}

fn in_bedrocks_form(document: &str) -> Value {
    let document = json!({ "name": "Report", "format": "pdf", "source": { "bytes": document } });
    let content = json!([{ "document": document }, { "text": "Is it long?" }]);
    json!({ "messages": [{ "role": "user", "content": content }] })
}

fn in_anthropics_form(document: &str) -> Value {
    let source = json!({ "type": "base64", "media_type": "application/pdf", "data": document });
    let content = json!([{ "type": "document", "source": source }]);
    let messages = json!([{ "role": "user", "content": content }]);
    json!({ "model": "claude", "max_tokens": 9, "messages": messages })
}

fn in_openais_form(document: &str) -> Value {
    let data = format!("data:application/pdf;base64,{document}");
    let file = json!({ "filename": "report.pdf", "file_data": data });
    let content =
        json!([{ "type": "file", "file": file }, { "type": "text", "text": "Is it long?" }]);
    json!({ "model": "nova", "messages": [{ "role": "user", "content": content }] })
}
