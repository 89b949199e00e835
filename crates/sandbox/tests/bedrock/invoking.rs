//! InvokeModel in the forms of several makers.

use aws_sdk_bedrockruntime::{primitives::Blob, types::ResponseStream};
use base64::{Engine, prelude::BASE64_STANDARD};
use sandbox::bedrock::{CustomModel, Deployment, ImportedModel, ProvisionedThroughput};
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, LITE, REGION, Raw, SONNET_PROFILE, Stage, asked};

fn messages(text: &str) -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{ "role": "user", "content": text }],
    })
}

/// The chunks of a stream, decoded.
fn chunks(raw: &Raw) -> Vec<Value> {
    let events = raw.events();
    let chunk = |event: &crate::stage::Event| {
        assert_eq!(event.kind, "chunk");
        let bytes = event.payload["bytes"].as_str().unwrap();
        serde_json::from_slice(&BASE64_STANDARD.decode(bytes).unwrap()).unwrap()
    };
    events.iter().map(chunk).collect()
}

#[tokio::test]
async fn the_sdk_invokes_claude() {
    let stage = Stage::new().await;
    let body = Blob::new(messages("Say good morning").to_string());
    let ask = stage.client().invoke_model().model_id(SONNET_PROFILE);
    let answer = ask.body(body).send().await.ok().unwrap();
    assert_eq!(answer.content_type(), "application/json");
    let answer: Value = serde_json::from_slice(answer.body().as_ref()).unwrap();
    assert_eq!(answer["model"], "claude-sonnet-4-5-20250929");
    assert_eq!(
        answer["content"],
        json!([{ "type": "text", "text": "good morning" }])
    );
    assert_eq!(answer["stop_reason"], "end_turn");
    assert_eq!(answer["stop_sequence"], Value::Null);
    assert_eq!(answer["usage"]["output_tokens"], 3);
}

#[tokio::test]
async fn the_sdk_streams_claude() {
    let stage = Stage::new().await;
    let body = Blob::new(messages("count to 9").to_string());
    let ask = stage.client().invoke_model_with_response_stream();
    let answer = ask.model_id(SONNET_PROFILE).body(body).send().await;
    let mut stream = answer.ok().unwrap().body;
    let mut events = Vec::new();
    while let Some(ResponseStream::Chunk(chunk)) = stream.recv().await.ok().unwrap() {
        let event: Value = serde_json::from_slice(chunk.bytes().unwrap().as_ref()).unwrap();
        events.push(event);
    }
    assert_eq!(events[0]["type"], "message_start");
    let text: String = events
        .iter()
        .filter_map(|event| event["delta"]["text"].as_str())
        .collect();
    assert_eq!(text, "1, 2, 3, 4, 5, 6, 7, 8, 9");
    let [.., delta, stop] = &events[..] else {
        panic!("too few events")
    };
    assert_eq!(delta["delta"]["stop_reason"], "end_turn");
    assert_eq!(stop["type"], "message_stop");
    let metrics = &stop["amazon-bedrock-invocationMetrics"];
    assert_eq!(metrics["outputTokenCount"], delta["usage"]["output_tokens"]);
}

#[tokio::test]
async fn claude_calls_a_tool_in_its_own_form() {
    let stage = Stage::new().await;
    let mut body = messages("What is the weather in Paris?");
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    body["tools"] = json!([{ "name": "get_weather", "input_schema": schema }]);
    let answer = stage.invoke(SONNET_PROFILE, &body).await;
    assert_eq!(answer["stop_reason"], "tool_use");
    assert_eq!(answer["content"][0]["input"], json!({ "city": "Paris" }));
    let raw = stage
        .post(SONNET_PROFILE, "invoke-with-response-stream", &body)
        .await;
    let input: String = chunks(&raw)
        .iter()
        .filter_map(|chunk| chunk["delta"]["partial_json"].as_str())
        .collect();
    assert_eq!(input, r#"{"city":"Paris"}"#);
}

#[tokio::test]
async fn claude_refuses_in_its_own_words() {
    let stage = Stage::new().await;
    let without = |name: &str| {
        let mut body = messages("Hello");
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let with = |name: &str, value: Value| {
        let mut body = messages("Hello");
        body[name] = value;
        body
    };
    for (body, message) in [
        (without("max_tokens"), "max_tokens: Field required"),
        (
            without("anthropic_version"),
            "anthropic_version: Field required",
        ),
        (
            with("stream", json!(true)),
            "stream: Extra inputs are not permitted",
        ),
        (
            with("mcp_servers", json!([])),
            "mcp_servers: Extra inputs are not permitted",
        ),
        (
            with("anthropic_beta", json!(["oauth-2025-04-20"])),
            "invalid beta flag",
        ),
        (
            with(
                "tools",
                json!([{ "type": "web_search_20250305", "name": "web_search" }]),
            ),
            "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of the expected tags: \
             'bash_20250124', 'custom', 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'",
        ),
        (
            json!({
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 4_000,
                "messages": [{ "role": "user", "content": "Hello" }],
                "thinking": { "type": "enabled", "budget_tokens": 2_000 },
                "tools": [{ "name": "f", "input_schema": { "type": "object" } }],
                "tool_choice": { "type": "any" },
            }),
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
        (
            with("max_tokens", json!(64_001)),
            "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4-5-20250929",
        ),
        (
            with("messages", json!([])),
            "messages: at least one message is required",
        ),
        (
            with(
                "messages",
                json!([{ "role": "assistant", "content": "Hi" }]),
            ),
            "messages: first message must use the \"user\" role",
        ),
    ] {
        let no = stage.post(SONNET_PROFILE, "invoke", &body).await.no();
        assert_eq!(
            (no.status, &*no.code, &*no.message),
            (400, "ValidationException", message)
        );
    }
}

#[tokio::test]
async fn the_counts_are_in_headers() {
    let stage = Stage::new().await;
    let raw = stage.post(LITE, "invoke", &asked("Say yes")).await;
    let answer = raw.value();
    assert_eq!(answer["output"]["message"]["content"][0]["text"], "yes");
    let number = |name: &str| -> Value { raw.header(name).parse::<u64>().unwrap().into() };
    let usage = &answer["usage"];
    assert_eq!(
        number("x-amzn-bedrock-input-token-count"),
        usage["inputTokens"]
    );
    assert_eq!(
        number("x-amzn-bedrock-output-token-count"),
        usage["outputTokens"]
    );
}

#[tokio::test]
async fn every_form_has_its_own_words_whole_and_streamed() {
    let stage = Stage::new().await;
    let chat = json!({ "messages": [{ "role": "user", "content": "Say yes" }] });
    let llama = json!({ "prompt": "Say yes", "max_gen_len": 10 });
    let mistral = json!({ "prompt": "<s>[INST] Say yes [/INST]" });
    let nova = json!({ "messages": asked("Say yes")["messages"], "inferenceConfig": { "max_new_tokens": 9 } });
    for (model, body, whole, part) in [
        (
            "us.meta.llama3-3-70b-instruct-v1:0",
            &llama,
            "/generation",
            "/generation",
        ),
        (
            "mistral.mistral-7b-instruct-v0:2",
            &mistral,
            "/outputs/0/text",
            "/outputs/0/text",
        ),
        (
            "mistral.mistral-large-2402-v1:0",
            &chat,
            "/choices/0/message/content",
            "/choices/0/delta/content",
        ),
        (
            "qwen.qwen3-32b-v1:0",
            &chat,
            "/choices/0/message/content",
            "/choices/0/delta/content",
        ),
        (
            LITE,
            &nova,
            "/output/message/content/0/text",
            "/contentBlockDelta/delta/text",
        ),
    ] {
        let answer = stage.invoke(model, body).await;
        assert_eq!(answer.pointer(whole), Some(&json!("yes")), "{model}");
        let raw = stage.post(model, "invoke-with-response-stream", body).await;
        let chunks = chunks(&raw);
        let text: String = chunks
            .iter()
            .filter_map(|chunk| chunk.pointer(part)?.as_str())
            .collect();
        assert_eq!(text, "yes", "{model}");
        assert!(chunks.last().unwrap()["amazon-bedrock-invocationMetrics"].is_object());
    }
}

#[tokio::test]
async fn an_embedding_is_the_same_for_the_same_text_and_has_length_one() {
    let stage = Stage::new().await;
    let titan = |text: &str| json!({ "inputText": text, "dimensions": 256 });
    let ask = |body| {
        let stage = &stage;
        async move { stage.invoke("amazon.titan-embed-text-v2:0", &body).await }
    };
    let (first, again, other) = (
        ask(titan("a")).await,
        ask(titan("a")).await,
        ask(titan("b")).await,
    );
    assert_eq!(first, again);
    assert_ne!(first["embedding"], other["embedding"]);
    let vector = first["embedding"].as_array().unwrap();
    assert_eq!(vector.len(), 256);
    let square: f64 = vector
        .iter()
        .map(|part| part.as_f64().unwrap().powi(2))
        .sum();
    assert!((square - 1.0).abs() < 1e-9);

    let cohere = json!({ "texts": ["a", "b"], "input_type": "search_document" });
    let answer = stage.invoke("cohere.embed-english-v3", &cohere).await;
    assert_eq!(answer["embeddings"].as_array().unwrap().len(), 2);
    assert_eq!(answer["embeddings"][0].as_array().unwrap().len(), 1_024);
}

#[tokio::test]
async fn an_image_is_an_image() {
    let stage = Stage::new().await;
    let body = json!({ "taskType": "TEXT_IMAGE", "textToImageParams": { "text": "a cat" } });
    let answer = stage.invoke("amazon.nova-canvas-v1:0", &body).await;
    let image = answer["images"][0].as_str().unwrap();
    let image = BASE64_STANDARD.decode(image).unwrap();
    assert!(image.starts_with(b"\x89PNG\r\n\x1a\n"));
}

#[tokio::test]
async fn what_breaks_a_form_is_malformed() {
    let stage = Stage::new().await;
    for (model, body, message) in [
        (
            LITE,
            json!("text"),
            "Malformed input request, please reformat your input and try again.",
        ),
        (
            "us.meta.llama3-3-70b-instruct-v1:0",
            json!({}),
            "Malformed input request: #: required key [prompt] not found, please reformat your input and try again.",
        ),
        (
            "amazon.titan-embed-text-v2:0",
            json!({ "inputText": "a", "dimensions": 7 }),
            "Malformed input request: #/dimensions: 7 is not a valid enum value, please reformat your input and try again.",
        ),
        (
            "cohere.embed-english-v3",
            json!({ "texts": ["a"] }),
            "Malformed input request: #: required key [input_type] not found, please reformat your input and try again.",
        ),
    ] {
        let no = stage.post(model, "invoke", &body).await.no();
        assert_eq!((&*no.code, &*no.message), ("ValidationException", message));
    }
    let no = stage
        .post(
            "amazon.titan-embed-text-v2:0",
            "invoke-with-response-stream",
            &json!({ "inputText": "a" }),
        )
        .await
        .no();
    assert_eq!(no.message, "The model is not supported for streaming.");
}

#[tokio::test]
async fn what_the_account_owns_is_invoked_by_its_arn() {
    let stage = Stage::new().await;
    let account = ACCOUNT.parse().unwrap();
    let custom = CustomModel::new(REGION, "cm1lite00001", "tone", LITE);
    let deployment = Deployment::new(REGION, "dp1lite00001", "tone-live", "cm1lite00001");
    let bought = ProvisionedThroughput::new(REGION, "pt1lite00001", "reserved", "cm1lite00001");
    let imported = ImportedModel::new(REGION, "im1llama0001", "house", "llama");
    let arns = [
        deployment.arn(account),
        bought.arn(account),
        imported.arn(account),
    ];
    let not_by_this = custom.arn(account);
    stage.change(|account| {
        let holdings = &mut account.bedrock;
        holdings.custom_models.push(custom);
        holdings.deployments.push(deployment);
        holdings.provisioned.push(bought);
        holdings.imported_models.push(imported);
    });
    for arn in arns {
        let answer = stage.converse(&arn, &asked("Say yes")).await;
        assert_eq!(
            answer["output"]["message"]["content"][0]["text"], "yes",
            "{arn}"
        );
    }
    let no = stage
        .post(&not_by_this, "converse", &asked("Say yes"))
        .await;
    assert!(no.no().message.contains("on-demand throughput"));
}
