//! AWS's SDK for Rust at the door for SDKs: an endpoint URL, and an API key of the service as the bearer token. Those for
//! Python and JavaScript, and an AWS of others, try it in `tests/peers`.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_bedrockruntime::{
    Client, Config,
    config::{
        BehaviorVersion, Builder, ConfigBag, Intercept, Region, RuntimeComponents, Token,
        interceptors::BeforeTransmitInterceptorContextRef, retry::RetryConfig,
    },
    error::{BoxError, ProvideErrorMetadata},
    primitives::Blob,
    types::{ContentBlock, ConversationRole, ConverseStreamOutput, Message, ResponseStream},
};
use harness::{Options, service::NO_LIMIT};
use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};
use server::app::conversations::Limit;

use super::world::{World, register};

/// The SDK of a new member of the tenant.
async fn sdk(world: &World) -> Client {
    with_key(world, &key(world).await)
}

fn with_key(world: &World, key: &str) -> Client {
    let config = config(world, key).retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

/// The SDK of a new member, which asks again as it does by default, and how often it asks.
async fn retrying(world: &World) -> (Client, Asked) {
    let asked = Asked::default();
    let config = config(world, &key(world).await)
        .retry_config(RetryConfig::standard())
        .interceptor(asked.clone());
    (Client::from_conf(config.build()), asked)
}

async fn key(world: &World) -> String {
    let body = json!({ "name": "SDK", "role": "member" });
    let made = world.admin.post("/v1/api-keys", body).await;
    made.text("api_key")
}

fn config(world: &World, key: &str) -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(world.aws.demo.region))
        .endpoint_url(format!("{}/bedrock", world.service.url))
        .bearer_token(Token::new(key, None))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

/// How often the service is asked.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl Asked {
    /// Since this was last told.
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

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

fn throttled() -> Harm {
    let message = "Too many requests, please wait before trying again.";
    Harm::Refuse(Refusal::new(429, "ThrottlingException", message))
}

#[tokio::test]
async fn what_passes_is_asked_again_until_it_has_passed() {
    let world = World::start().await;
    let (sdk, asked) = retrying(&world).await;
    // Three times the service asks AWS for each time that it is asked itself; but only once, if it may have been heard.
    for (operation, harm, times, expected) in [
        ("Converse", throttled(), 2, 1),
        ("ConverseStream", throttled(), 6, 3),
        ("Converse", Harm::Reset, 1, 2),
        ("ConverseStream", Harm::Reset, 1, 2),
    ] {
        let fault = Fault::always(harm.clone()).on(operation).times(times);
        world.aws.world.fault(fault);
        let before = world.aws.world.count(operation);
        if operation == "Converse" {
            let asking = sdk.converse().model_id("nova").messages(said("Hello"));
            asking.send().await.unwrap();
        } else {
            let asking = sdk.converse_stream().model_id("nova");
            let mut events = asking.messages(said("Hello")).send().await.unwrap();
            while events.stream.recv().await.unwrap().is_some() {}
        }
        let heard = world.aws.world.count(operation) - before;
        assert_eq!(
            (asked.take(), heard),
            (expected, times + 1),
            "{operation}: {times} of {harm:?}"
        );
    }
}

#[tokio::test]
async fn what_does_not_pass_is_the_sdks_own_error_at_last() {
    for (harm, code, heard) in [
        (throttled(), "ThrottlingException", 9),
        (Harm::Reset, "ServiceUnavailableException", 3),
    ] {
        let world = World::start().await;
        let (sdk, asked) = retrying(&world).await;
        world.aws.world.fault(Fault::always(harm).on("Converse"));
        let asking = sdk.converse().model_id("nova").messages(said("Hello"));
        let refused = asking.send().await.unwrap_err();
        assert_eq!(refused.code(), Some(code), "{refused:?}");
        assert_eq!(
            (asked.take(), world.aws.world.count("Converse")),
            (3, heard)
        );
    }
}

#[tokio::test]
async fn a_limit_of_ours_is_asked_again_too() {
    let world = World::with(Options {
        caller_limit: Limit {
            requests_per_minute: 1,
            ..NO_LIMIT
        },
        ..Options::default()
    })
    .await;
    let (sdk, asked) = retrying(&world).await;
    let hello = || sdk.converse().model_id("nova").messages(said("Hello"));
    hello().send().await.unwrap();
    assert_eq!(asked.take(), 1);
    let refused = hello().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ThrottlingException"), "{refused:?}");
    assert_eq!((asked.take(), world.aws.world.count("Converse")), (3, 1));
}

#[tokio::test]
async fn what_is_permanent_is_asked_once() {
    let world = World::start().await;
    let (sdk, asked) = retrying(&world).await;
    for (status, code) in [
        (400, "ValidationException"),
        (403, "AccessDeniedException"),
        // These are paid for each time.
        (408, "ModelTimeoutException"),
        (424, "ModelErrorException"),
    ] {
        world.aws.world.mend();
        let harm = Harm::Refuse(Refusal::new(status, code, "It is not to be."));
        world.aws.world.fault(Fault::always(harm).on("Converse"));
        let before = world.aws.world.count("Converse");
        let asking = sdk.converse().model_id("nova").messages(said("Hello"));
        let refused = asking.send().await.unwrap_err();
        assert_eq!(refused.code(), Some(code), "{refused:?}");
        let heard = world.aws.world.count("Converse") - before;
        assert_eq!((asked.take(), heard), (1, 1), "{code}");
    }
    let asking = sdk.converse().model_id("none").messages(said("Hello"));
    let refused = asking.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ResourceNotFoundException"));
    assert_eq!(asked.take(), 1);
}

#[tokio::test]
async fn a_stream_that_breaks_is_the_sdks_own_error_and_not_asked_again() {
    let world = World::start().await;
    let (sdk, asked) = retrying(&world).await;
    let failed = Refusal::new(424, "ModelStreamErrorException", "The model broke.");
    for (harm, in_words_of_aws) in [
        (Harm::FailAfter(3, failed), true),
        (Harm::CutAfter(3), false),
    ] {
        world.aws.world.mend();
        world
            .aws
            .world
            .fault(Fault::always(harm).on("ConverseStream"));
        let asking = sdk.converse_stream().model_id("nova");
        let mut events = asking.messages(said("count to 9")).send().await.unwrap();
        let mut came = 0;
        let broken = loop {
            match events.stream.recv().await {
                Ok(event) => {
                    assert!(event.is_some(), "it ended as if that were all");
                    came += 1;
                }
                Err(broken) => break broken,
            }
        };
        assert_eq!((came, asked.take()), (3, 1));
        let said = broken.as_service_error().filter(|error| {
            error.is_model_stream_error_exception() && error.message() == Some("The model broke.")
        });
        assert_eq!(said.is_some(), in_words_of_aws, "{broken:?}");
    }
}
