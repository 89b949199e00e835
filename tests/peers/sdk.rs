//! AWS's SDK for Rust at the service's door for SDKs, `/bedrock`, with an AWS behind it that we did not write. With the sandbox
//! there, it is tried in `tests/api`.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_bedrockruntime::{
    Client, Config,
    config::{
        self, BehaviorVersion, ConfigBag, Intercept, RuntimeComponents, Token,
        interceptors::BeforeTransmitInterceptorContextRef, retry::RetryConfig,
    },
    error::{BoxError, ProvideErrorMetadata},
    primitives::Blob,
    types::{ContentBlock, ConversationRole, ConverseStreamOutput, Message, ResponseStream},
};
use credential_provider::{Endpoints, Service as AwsService};
use harness::{Options, Service, aws::save};
use serde_json::{Value, json};
use server::config::AwsConfig;

use crate::{
    faults::{RULES, error, set_rule},
    world::{World, more_actions},
};

/// The service, with models of one tenant's, and the tenant's SDK, which asks again as it does by default.
struct Stage {
    _service: Service,
    sdk: Client,
    asked: Asked,
}

impl Stage {
    async fn before(world: &World, endpoints: Endpoints) -> Self {
        let service = Service::with(Options {
            aws: AwsConfig {
                endpoints,
                session_actions: more_actions(),
                ..AwsConfig::default()
            },
            ..Options::default()
        })
        .await;
        service.tenant("acme").await;
        let admin = service.caller("acme", "admin").await;
        let region = world.text("/region");
        let cognito = |name| world.text(&format!("/cognito/{name}"));
        let way = json!({
            "method": "cognito",
            "region": region,
            "fields": {
                "user_pool_id": cognito("user_pool_id"),
                "app_client_id": cognito("app_client_id"),
                "identity_pool_id": cognito("identity_pool_id"),
                "username": cognito("username"),
                "password": cognito("password"),
            },
        });
        let saved = save(&admin, "Mine", way).await;
        let models = json!([
            { "model_id": world.text("/model_id"), "alias": "nova" },
            { "model_id": "anthropic.claude-3-haiku-20240307-v1:0", "alias": "claude" },
        ]);
        let body = json!({ "connection_id": saved["id"], "models": models });
        let registered = admin.post("/v1/models", body).await;
        assert_eq!(registered.status, 201, "{registered:?}");

        let body = json!({ "name": "SDK", "role": "member" });
        let key = admin.post("/v1/api-keys", body).await.text("api_key");
        let asked = Asked::default();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(config::Region::new(region.to_owned()))
            .endpoint_url(format!("{}/bedrock", service.url))
            .bearer_token(Token::new(key, None))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::standard())
            .interceptor(asked.clone());
        Self {
            _service: service,
            sdk: Client::from_conf(config.build()),
            asked,
        }
    }
}

/// How often the service is asked.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl Intercept for Asked {
    fn name(&self) -> &'static str {
        "Asked"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn hello() -> Message {
    Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("Hello".to_owned()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn converse_says_the_same_whole_and_in_pieces() {
    let world = World::told();
    let Stage { _service, sdk, .. } = Stage::before(&world, world.endpoints()).await;
    let asked = sdk.converse().model_id("nova").messages(hello());
    let whole = asked.send().await.unwrap();
    let message = whole.output().unwrap().as_message().unwrap();
    let text = message.content()[0].as_text().unwrap();
    assert!(!text.is_empty());

    let asked = sdk.converse_stream().model_id("nova").messages(hello());
    let mut events = asked.send().await.unwrap();
    let (mut pieces, mut usage) = (String::new(), None);
    while let Some(event) = events.stream.recv().await.unwrap() {
        match event {
            ConverseStreamOutput::ContentBlockDelta(event) => {
                pieces.push_str(event.delta.unwrap().as_text().unwrap());
            }
            ConverseStreamOutput::Metadata(event) => usage = event.usage,
            _ => {}
        }
    }
    assert_eq!((&pieces, usage.as_ref()), (text, whole.usage()));
}

#[tokio::test]
async fn invoke_model_says_the_same_whole_and_in_pieces() {
    let world = World::told();
    let Stage { _service, sdk, .. } = Stage::before(&world, world.endpoints()).await;
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 99,
        "messages": [{ "role": "user", "content": "Hello" }],
    });
    let body = Blob::new(body.to_string());
    let asked = sdk.invoke_model().model_id("claude").body(body.clone());
    let whole = asked.send().await.unwrap();
    let whole: Value = serde_json::from_slice(whole.body().as_ref()).unwrap();
    let text = whole["content"][0]["text"].as_str().unwrap();
    assert!(!text.is_empty());

    let asked = sdk.invoke_model_with_response_stream().model_id("claude");
    let mut events = asked.body(body).send().await.unwrap();
    let mut pieces = String::new();
    while let Some(ResponseStream::Chunk(chunk)) = events.body.recv().await.unwrap() {
        let event: Value = serde_json::from_slice(chunk.bytes.unwrap().as_ref()).unwrap();
        pieces.push_str(event["delta"]["text"].as_str().unwrap_or_default());
    }
    assert_eq!(pieces, text);
}

#[tokio::test]
async fn what_passes_is_asked_again_and_what_is_permanent_is_not() {
    let world = World::told();
    let _alone = RULES.lock().await;
    let endpoints = world.faulty_endpoints(AwsService::BedrockRuntime);
    let stage = Stage::before(&world, endpoints).await;
    let reset = json!({ "reset": true });
    for (harm, code, times) in [
        (error(429, "ThrottlingException"), "ThrottlingException", 3),
        (reset, "ServiceUnavailableException", 3),
        (
            error(403, "AccessDeniedException"),
            "AccessDeniedException",
            1,
        ),
        (error(424, "ModelErrorException"), "ModelErrorException", 1),
    ] {
        set_rule(&world, &harm).await;
        let asking = stage.sdk.converse().model_id("nova").messages(hello());
        let refused = asking.send().await.unwrap_err();
        assert_eq!(refused.code(), Some(code), "{refused:?}");
        assert_eq!(stage.asked.0.swap(0, Ordering::SeqCst), times, "{harm}");
    }
}
