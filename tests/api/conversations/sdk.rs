//! AWS's SDK for Rust at the door for SDKs: an endpoint URL, and an API key of the service as the bearer token. Those for
//! Python and JavaScript try it in `tests/peers`.

use aws_sdk_bedrockruntime::{
    Client, Config,
    config::{BehaviorVersion, Region, Token, retry::RetryConfig},
    error::ProvideErrorMetadata,
    primitives::Blob,
    types::{ContentBlock, ConversationRole, ConverseStreamOutput, Message, ResponseStream},
};
use serde_json::{Value, json};

use super::world::{World, register};

/// The SDK of a new member of the tenant.
async fn sdk(world: &World) -> Client {
    let body = json!({ "name": "SDK", "role": "member" });
    let made = world.admin.post("/v1/api-keys", body).await;
    with_key(world, &made.text("api_key"))
}

fn with_key(world: &World, key: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(world.aws.demo.region))
        .endpoint_url(format!("{}/bedrock", world.service.url))
        .bearer_token(Token::new(key, None))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

fn said(text: &str) -> Message {
    Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn converse_says_the_same_whole_and_in_pieces() {
    let world = World::start().await;
    let sdk = sdk(&world).await;
    let asked = sdk.converse().model_id("nova").messages(said("count to 9"));
    let whole = asked.send().await.unwrap();
    let message = whole.output().unwrap().as_message().unwrap();
    assert_eq!(
        message.content()[0].as_text().unwrap(),
        "1, 2, 3, 4, 5, 6, 7, 8, 9"
    );

    let asked = sdk.converse_stream().model_id("nova");
    let mut events = asked.messages(said("count to 9")).send().await.unwrap();
    let (mut pieces, mut usage) = (Vec::new(), None);
    while let Some(event) = events.stream.recv().await.unwrap() {
        match event {
            ConverseStreamOutput::ContentBlockDelta(event) => {
                pieces.push(event.delta.unwrap().as_text().unwrap().clone());
            }
            ConverseStreamOutput::Metadata(event) => usage = event.usage,
            _ => {}
        }
    }
    assert!(pieces.len() > 1);
    assert_eq!(pieces.concat(), "1, 2, 3, 4, 5, 6, 7, 8, 9");
    assert_eq!(usage, whole.usage);
}

#[tokio::test]
async fn invoke_model_says_the_same_whole_and_in_pieces() {
    let world = World::start().await;
    let claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    register(&world.admin, &world.connection, claude, "claude").await;
    let sdk = sdk(&world).await;
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 99,
        "messages": [{ "role": "user", "content": "count to 9" }],
    });
    let body = Blob::new(body.to_string());
    let asked = sdk.invoke_model().model_id("claude").body(body.clone());
    let whole = asked.send().await.unwrap();
    let whole: Value = serde_json::from_slice(whole.body().as_ref()).unwrap();
    assert_eq!(whole["content"][0]["text"], "1, 2, 3, 4, 5, 6, 7, 8, 9");

    let asked = sdk.invoke_model_with_response_stream().model_id("claude");
    let mut events = asked.body(body).send().await.unwrap();
    let mut text = String::new();
    while let Some(ResponseStream::Chunk(chunk)) = events.body.recv().await.unwrap() {
        let event: Value = serde_json::from_slice(chunk.bytes.unwrap().as_ref()).unwrap();
        text.push_str(event["delta"]["text"].as_str().unwrap_or_default());
    }
    assert_eq!(text, "1, 2, 3, 4, 5, 6, 7, 8, 9");
}

#[tokio::test]
async fn refusals_are_the_sdks_own_errors() {
    let world = World::start().await;
    let member = sdk(&world).await;
    let nobody = with_key(&world, "bi_nobody");
    for (sdk, model, text, code) in [
        (&member, "none", "Hello", "ResourceNotFoundException"),
        (&member, "nova", " ", "ValidationException"),
        (&nobody, "nova", "Hello", "AccessDeniedException"),
    ] {
        let asked = sdk.converse().model_id(model).messages(said(text));
        let refused = asked.send().await.unwrap_err();
        assert_eq!(refused.code(), Some(code), "{refused:?}");
        assert!(refused.message().is_some_and(|message| !message.is_empty()));
    }
}
