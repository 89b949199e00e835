//! Messages that get no answer: what Anthropic's clients are told, and whether they are to try again.

use harness::Options;
use sandbox::{Fault, Harm, Refusal};
use serde_json::json;
use server::app::conversations::Limit;

use super::world::{MESSAGES, World, count_to_nine, refused, with};

#[tokio::test]
async fn a_wrong_request_is_told_by_the_name_of_what_is_wrong() {
    let world = World::start().await;
    for (body, words) in [
        (
            with(json!({ "messages": [] })),
            "messages: at least one message is required",
        ),
        (with(json!({ "max_tokens": null })), "max_tokens: "),
        (
            with(json!({ "model": null })),
            "model: Input should be a valid string",
        ),
        (
            with(json!({ "mcp_servers": [{}] })),
            "mcp_servers: is not available here",
        ),
        (
            with(json!({ "model": "nova" })),
            "model: nova is no Claude model",
        ),
        (json!([]), "The body is not a valid request"),
    ] {
        let answer = world.create(body).await;
        let (status, kind, message) = refused(&answer);
        assert_eq!((status, kind), (400, "invalid_request_error"), "{answer:?}");
        assert!(message.starts_with(words), "{message}");
        assert_eq!(answer.header("x-should-retry"), Some("false"));
    }
    let other = world.create(with(json!({ "model": "nova" }))).await;
    let (.., message) = refused(&other);
    assert!(message.contains("/v1/models/nova/converse"), "{message}");
    let unknown = world.create(with(json!({ "model": "unknown" }))).await;
    let (status, kind, message) = refused(&unknown);
    assert_eq!((status, kind), (404, "not_found_error"));
    assert!(
        message.starts_with("No registered model has this name"),
        "{message}"
    );
    assert!(message.contains("claude, nova"), "{message}");
}

#[tokio::test]
async fn clients_repeat_what_may_pass_and_nothing_else() {
    let world = World::start().await;
    for (refusal, status, kind) in [
        (
            Refusal::new(
                403,
                "AccessDeniedException",
                "You don't have access to the model with the specified model ID.",
            ),
            403,
            "permission_error",
        ),
        (
            Refusal::new(
                403,
                "AccessDeniedException",
                "Authentication failed: Please make sure your API Key is valid.",
            ),
            403,
            "permission_error",
        ),
        (
            Refusal::new(
                404,
                "ResourceNotFoundException",
                "This model version has reached the end of its life. Please refer to the documentation.",
            ),
            404,
            "not_found_error",
        ),
        (
            Refusal::new(
                429,
                "ThrottlingException",
                "Too many tokens, please wait before trying again.",
            ),
            429,
            "rate_limit_error",
        ),
        (
            Refusal::new(
                408,
                "ModelTimeoutException",
                "Model has timed out in processing the request.",
            ),
            504,
            "timeout_error",
        ),
        (
            Refusal::new(424, "ModelErrorException", "The model failed."),
            529,
            "overloaded_error",
        ),
        (
            Refusal::new(
                500,
                "InternalServerException",
                "The system encountered an unexpected error.",
            ),
            529,
            "overloaded_error",
        ),
        (
            Refusal::new(503, "ServiceUnavailableException", "Try again."),
            529,
            "overloaded_error",
        ),
    ] {
        world.0.aws.world.mend();
        let fault = Fault::always(Harm::Refuse(refusal.clone())).on("InvokeModel");
        world.0.aws.world.fault(fault);
        let answer = world.create(count_to_nine()).await;
        let (told, kind_told, _) = refused(&answer);
        assert_eq!((told, kind_told), (status, kind), "{refusal:?}: {answer:?}");
        let is_permanent = [403, 404].contains(&status);
        assert_eq!(
            answer.header("x-should-retry"),
            is_permanent.then_some("false"),
            "{answer:?}"
        );
        let waits = !is_permanent;
        assert_eq!(
            answer.headers.contains_key("retry-after"),
            waits,
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_beta_that_bedrock_has_not_is_refused_and_one_of_the_clients_own_is_not_passed_on() {
    let world = World::start().await;
    let ask = async |beta: &str| {
        let member = world.0.member.clone().add_header("anthropic-beta", beta);
        member.post(MESSAGES, count_to_nine()).await
    };
    let known = ask("token-counting-2024-11-01,claude-code-20250219, context-1m-2025-08-07").await;
    assert_eq!(known.status, 200, "{known:?}");
    let unknown = ask("mind-reading-2031-01-01").await;
    let (status, kind, message) = refused(&unknown);
    assert_eq!((status, kind), (400, "invalid_request_error"));
    assert!(message.contains("invalid beta flag"), "{message}");
    assert!(message.contains("mind-reading-2031-01-01"), "{message}");
}

#[tokio::test]
async fn what_is_not_there_is_told_in_anthropics_form() {
    let world = World::start().await;
    for path in ["/anthropic/v1/messages/batches", "/anthropic/messages"] {
        let answer = world.0.member.post(path, count_to_nine()).await;
        let (status, kind, message) = refused(&answer);
        assert_eq!((status, kind), (404, "not_found_error"), "{answer:?}");
        assert!(message.contains("base URL"), "{message}");
    }
    let answer = world.0.member.get(MESSAGES).await;
    let (status, kind, _) = refused(&answer);
    assert_eq!((status, kind), (405, "invalid_request_error"), "{answer:?}");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn limits_hold_here_too() {
    let options = Options {
        tenant_limit: Limit {
            requests_per_minute: 1,
            concurrent: 0,
            tokens_per_minute: 0,
        },
        ..Options::default()
    };
    let world = World::with(options).await;
    assert_eq!(world.create(count_to_nine()).await.status, 200);
    let answer = world.create(count_to_nine()).await;
    assert_eq!(refused(&answer).1, "rate_limit_error", "{answer:?}");
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_clearly() {
    let world = World::start().await;
    let content = "a".repeat(30_000_000);
    let asked = with(json!({ "messages": [{ "role": "user", "content": content }] }));
    let answer = world.create(asked).await;
    let (status, kind, _) = refused(&answer);
    assert_eq!((status, kind), (413, "request_too_large"));
}

#[tokio::test]
async fn nothing_that_is_sent_makes_a_5xx() {
    let world = World::start().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies = [
        "",
        "{",
        "null",
        "\"\\ud800\"",
        r#"{"model":"claude"}"#,
        r#"{"model":"claude","max_tokens":1e999,"messages":[]}"#,
        r#"{"model":"claude","max_tokens":9,"messages":{"a":null}}"#,
        r#"{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[{"type":7}]}]}"#,
        r#"{"model":"claude","max_tokens":9,"messages":"\u0000"}"#,
        &format!(r#"{{"model":"claude","max_tokens":9,"messages":{deep}}}"#),
        &format!(r#"{{"model":"{}","messages":[]}}"#, "x".repeat(5_000)),
    ];
    for body in bodies {
        for path in [MESSAGES, "/anthropic/v1/messages/count_tokens"] {
            let sent = body.as_bytes().to_vec();
            let answer = world
                .0
                .member
                .send_raw(reqwest::Method::POST, path, sent)
                .await;
            assert!(answer.status < 500, "{path} {body:.60}: {answer:?}");
            if answer.status >= 400 {
                refused(&answer);
            }
        }
    }
}
