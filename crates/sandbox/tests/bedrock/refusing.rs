//! What Bedrock says to requests that break its rules.

use serde_json::{Value, json};

use crate::stage::{LITE, No, SONNET, SONNET_PROFILE, Stage, allowed, asked, weather};

const LLAMA: &str = "us.meta.llama3-3-70b-instruct-v1:0";
const MISTRAL: &str = "mistral.mistral-7b-instruct-v0:2";

fn user(content: &Value) -> Value {
    json!({ "role": "user", "content": content })
}

fn said(messages: &[Value]) -> Value {
    json!({ "messages": messages })
}

/// A question with one member more.
fn with(name: &str, value: Value) -> Value {
    let mut body = asked("Hello");
    body[name] = value;
    body
}

#[tokio::test]
async fn a_conversation_follows_the_rules() {
    let hello = || user(&json!([{ "text": "Hello" }]));
    let assistant = json!({ "role": "assistant", "content": [{ "text": "Hi" }] });
    let used = json!({ "role": "assistant", "content": [{ "toolUse": { "toolUseId": "a", "name": "get_weather", "input": {} } }] });
    let result = |id: &str| {
        user(&json!([{ "toolResult": { "toolUseId": id, "content": [{ "text": "sunny" }] } }]))
    };
    let tools = |messages: &[Value]| {
        let mut body = said(messages);
        body["toolConfig"] = weather();
        body
    };
    let cases = [
        (
            LITE,
            json!({}),
            "A conversation must start with a user message.",
        ),
        (
            LITE,
            said(std::slice::from_ref(&assistant)),
            "A conversation must start with a user message.",
        ),
        (
            LITE,
            said(&[hello(), hello()]),
            "A conversation must alternate between user and assistant roles.",
        ),
        (
            LITE,
            said(&[hello(), assistant.clone()]),
            "A conversation must end with a user message.",
        ),
        (
            LITE,
            said(&[user(&json!([]))]),
            "The content field in the Message object at messages.0 is empty.",
        ),
        (
            LITE,
            said(&[user(&json!([{ "text": " " }]))]),
            "The text field in the ContentBlock object at messages.0.content.0 is blank.",
        ),
        (
            LITE,
            said(&[user(&json!([{ "novel": 1 }]))]),
            "The ContentBlock object at messages.0.content.0 must set one of the following keys:",
        ),
        (
            LITE,
            said(&[json!({ "role": "bot", "content": [] })]),
            "1 validation error detected: Value 'bot' at 'messages.1.member.role'",
        ),
        (
            LITE,
            said(&[hello(), used.clone(), result("a")]),
            "The toolConfig field must be defined when using toolUse and toolResult",
        ),
        (
            LITE,
            tools(&[hello(), used.clone(), result("b")]),
            "Expected toolResult blocks at messages.2.content for the following Ids: a",
        ),
        (
            LITE,
            tools(&[result("a")]),
            "The number of toolResult blocks at messages.0.content exceeds",
        ),
        (
            MISTRAL,
            said(&[user(&json!([{ "image": { "format": "png" } }]))]),
            "This model doesn't support the image content block",
        ),
        (
            MISTRAL,
            with("system", json!([{ "text": "Be brief." }])),
            "This model doesn't support system messages.",
        ),
        (
            MISTRAL,
            with("toolConfig", weather()),
            "This model doesn't support tool use.",
        ),
        (
            LITE,
            with("toolConfig", json!({ "tools": [] })),
            "1 validation error detected: Value '[]' at 'toolConfig.tools'",
        ),
        (
            LITE,
            with("inferenceConfig", json!({ "maxTokens": 0 })),
            "1 validation error detected: Value '0' at 'inferenceConfig.maxTokens'",
        ),
        (
            LITE,
            with("inferenceConfig", json!({ "maxTokens": 10_001 })),
            "The maximum tokens you requested exceeds the model limit of 10000.",
        ),
        (
            LITE,
            with("inferenceConfig", json!({ "temperature": 1.5 })),
            "1 validation error detected: Value '1.5' at 'inferenceConfig.temperature'",
        ),
        (
            LITE,
            with("inferenceConfig", json!({ "topP": -0.5 })),
            "1 validation error detected: Value '-0.5' at 'inferenceConfig.topP'",
        ),
        (
            SONNET_PROFILE,
            with(
                "inferenceConfig",
                json!({ "topP": 0.5, "temperature": 0.5 }),
            ),
            "The model returned the following errors: `temperature` and `top_p`",
        ),
        (
            SONNET_PROFILE,
            with(
                "additionalModelRequestFields",
                json!({ "thinking": { "type": "enabled", "budget_tokens": 9 } }),
            ),
            "The model returned the following errors: thinking.enabled.budget_tokens",
        ),
        (
            SONNET_PROFILE,
            with("additionalModelRequestFields", json!({ "novelty": 1 })),
            "The model returned the following errors: novelty: Extra inputs are not permitted",
        ),
        (
            LITE,
            with(
                "outputConfig",
                json!({ "textFormat": { "type": "json_schema" } }),
            ),
            "This model doesn't support the outputConfig.textFormat field.",
        ),
    ];
    let stage = Stage::new().await;
    for (model, body, message) in cases {
        let no = stage.post(model, "converse", &body).await.no();
        assert_eq!(
            (no.status, &*no.code),
            (400, "ValidationException"),
            "{message}"
        );
        assert!(
            no.message.starts_with(message),
            "{} is not {message}",
            no.message
        );
    }
}

#[tokio::test]
async fn what_aws_does_not_know_it_passes_over() {
    let stage = Stage::new().await;
    let body = with("novelty", json!({ "of": "tomorrow" }));
    assert_eq!(stage.post(LITE, "converse", &body).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_no_json_or_of_other_types_is_not_read() {
    let stage = Stage::new().await;
    for body in [json!([]), json!("text")] {
        let no = stage.post(LITE, "converse", &body).await.no();
        assert_eq!(no.status, 400);
    }
    let no = stage
        .post(LITE, "converse", &json!({ "messages": "Hello" }))
        .await
        .no();
    assert_eq!(no, No::new(400, "SerializationException", ""));
    for config in [json!("x"), json!([1])] {
        let body = json!({ "messages": asked("Hello")["messages"], "inferenceConfig": config });
        let raw = stage.post(LITE, "invoke", &body).await;
        assert!(raw.status == 200 || raw.status == 400);
    }
}

#[tokio::test]
async fn llama_calls_tools_in_whole_answers_only() {
    let stage = Stage::new().await;
    let mut body = asked("What is the weather in Paris?");
    body["toolConfig"] = weather();
    let whole = stage.converse(LLAMA, &body).await;
    assert_eq!(whole["stopReason"], "tool_use");
    let no = stage.post(LLAMA, "converse-stream", &body).await.no();
    assert_eq!(
        no.message,
        "This model doesn't support tool use in streaming mode."
    );
    body["toolConfig"]["toolChoice"] = json!({ "any": {} });
    let no = stage.post(LLAMA, "converse", &body).await.no();
    assert!(no.message.contains("toolConfig.toolChoice.any"));
}

#[tokio::test]
async fn an_id_that_leads_nowhere_is_refused_in_the_words_of_aws() {
    let stage = Stage::new().await;
    let validation = |message: &str| No::new(400, "ValidationException", message);
    let invalid = || validation("The provided model identifier is invalid.");
    let by_profile = format!(
        "Invocation of model ID {SONNET} with on-demand throughput isn’t supported. Retry your request with the ID or \
         ARN of an inference profile that contains this model."
    );
    for (model, expected) in [
        ("amazon.nova-lite-v9:0", invalid()),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", invalid()),
        (SONNET, validation(&by_profile)),
        (
            "amazon.titan-embed-text-v2:0",
            validation(
                "This action doesn't support the model that you provided. Try again with a supported text or chat \
                 model.",
            ),
        ),
        (
            "anthropic.claude-3-5-sonnet-20240620-v1:0",
            No::new(
                404,
                "ResourceNotFoundException",
                "This model version has reached the end of its life. Please refer to the AWS documentation for more \
                 details.",
            ),
        ),
    ] {
        let no = stage.post(model, "converse", &asked("Hello")).await.no();
        assert_eq!(no, expected, "{model}");
    }
}

#[tokio::test]
async fn a_profile_needs_its_model_in_every_region_that_it_may_send_to() {
    let here = [
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/*",
        "arn:aws:bedrock:us-east-1::foundation-model/*",
    ];
    let stage = Stage::allowing(&allowed("bedrock:InvokeModel", &here)).await;
    assert_eq!(
        stage.post(LITE, "converse", &asked("Hello")).await.status,
        200
    );
    let no = stage
        .post(SONNET_PROFILE, "converse", &asked("Hello"))
        .await
        .no();
    let elsewhere = format!("arn:aws:bedrock:us-east-2::foundation-model/{SONNET}");
    assert_eq!(
        no,
        No::new(
            403,
            "AccessDeniedException",
            &format!(
                "User: arn:aws:iam::123456789012:user/BedrockAPIKey-7k2m is not authorized to perform: \
                 bedrock:InvokeModel on resource: {elsewhere} because no identity-based policy allows the \
                 bedrock:InvokeModel action"
            )
        )
    );
}

#[tokio::test]
async fn streaming_is_a_permission_of_its_own() {
    let stage = Stage::allowing(&allowed("bedrock:InvokeModel", &["*"])).await;
    let mut nova = asked("Hello");
    nova["schemaVersion"] = json!("messages-v1");
    for (operation, status) in [
        ("converse", 200),
        ("invoke", 200),
        ("converse-stream", 403),
        ("invoke-with-response-stream", 403),
        ("count-tokens", 403),
    ] {
        let raw = stage.post(LITE, operation, &nova).await;
        assert_eq!(raw.status, status, "{operation}");
    }
}
