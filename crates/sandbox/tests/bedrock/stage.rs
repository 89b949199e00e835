//! A sandbox with one account in it, and the ways to ask its Bedrock.

use std::sync::Arc;

use aws_sdk_bedrockruntime::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, Token, http::HttpResponse, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::{ContentBlock, ConversationRole, Message},
};
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use domain::{Clock, ManualClock};
use reqwest::header::HeaderMap;
use sandbox::{
    Account, Sandbox, Settings, World,
    bedrock::{LongTermKey, Standing},
    policy::Policy,
    sts::User,
};
use serde_json::{Value, json};
use time::macros::datetime;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// A model that is invoked by its bare id.
pub(crate) const LITE: &str = "amazon.nova-lite-v1:0";
/// A model that is invoked by a profile only, and the profile.
pub(crate) const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
pub(crate) const SONNET_PROFILE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// What AWS says no with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct No {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// An answer as it came.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// An event as it came.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) payload: Value,
}

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    http: reqwest::Client,
    key: String,
}

impl Stage {
    /// An account whose user and API key may do everything with Bedrock.
    pub(crate) async fn new() -> Self {
        Self::allowing(&allowed("bedrock:*", &["*"])).await
    }

    pub(crate) async fn allowing(policy: &Policy) -> Self {
        let key = LongTermKey::new("BedrockAPIKey-7k2m", "s3cret").policy(policy.clone());
        let user = User::new("tess")
            .key(ACCESS_KEY, SECRET)
            .policy(policy.clone());
        let token = key.token(ACCOUNT.parse().unwrap());
        let world = World::new();
        world.account(ACCOUNT, |account| {
            account.users.push(user);
            account.bedrock.api_keys.push(key);
        });
        let clock = Arc::new(ManualClock::at(datetime!(2026-11-25 09:00 UTC)));
        let sandbox = Sandbox::start(Settings::local(world, clock.clone()))
            .await
            .unwrap();
        Self {
            sandbox,
            clock,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            key: token,
        }
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Account)) {
        self.sandbox.world().account(ACCOUNT, change);
    }

    pub(crate) fn stand(&self, model: &str, standing: Standing) {
        self.change(|account| {
            account.bedrock.stand(model, standing);
        });
    }

    /// The SDK, signing with the user's access key.
    pub(crate) fn client(&self) -> Client {
        let credentials = Credentials::new(ACCESS_KEY, SECRET, None, None, "test");
        Client::from_conf(self.config().credentials_provider(credentials).build())
    }

    /// The SDK, with an API key.
    pub(crate) fn bearer(&self, token: &str) -> Client {
        let token = Token::new(token, None);
        Client::from_conf(self.config().bearer_token(token).build())
    }

    fn config(&self) -> aws_sdk_bedrockruntime::config::Builder {
        Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .endpoint_url(self.sandbox.url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .time_source(StaticTimeSource::new(self.clock.now().into()))
    }

    /// A request to the runtime with the account's own API key.
    pub(crate) async fn post(&self, model: &str, operation: &str, body: &Value) -> Raw {
        let host = format!("bedrock-runtime.{REGION}.amazonaws.com");
        self.send(&self.key, &host, model, operation, body.to_string())
            .await
    }

    pub(crate) async fn send(
        &self,
        key: &str,
        host: &str,
        model: &str,
        operation: &str,
        body: String,
    ) -> Raw {
        let model = model.replace('/', "%2F");
        let url = format!("{}/model/{model}/{operation}", self.sandbox.url());
        let answer = self
            .http
            .post(url)
            .header("host", host)
            .header("authorization", format!("Bearer {key}"))
            .body(body)
            .send()
            .await
            .unwrap();
        Raw {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }

    /// A conversation, which is answered.
    pub(crate) async fn converse(&self, model: &str, body: &Value) -> Value {
        self.post(model, "converse", body).await.value()
    }

    /// An invocation, which is answered.
    pub(crate) async fn invoke(&self, model: &str, body: &Value) -> Value {
        self.post(model, "invoke", body).await.value()
    }
}

impl Raw {
    pub(crate) fn value(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn no(&self) -> No {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        let kind = self.headers["x-amzn-errortype"].to_str().unwrap();
        let message = body.get("message").or_else(|| body.get("Message")).unwrap();
        No {
            status: self.status,
            code: kind.split(':').next().unwrap().to_owned(),
            message: message.as_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The events of a stream.
    pub(crate) fn events(&self) -> Vec<Event> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(
            self.header("content-type"),
            "application/vnd.amazon.eventstream"
        );
        let mut decoder = MessageFrameDecoder::new();
        let mut rest = &self.body[..];
        let mut events = Vec::new();
        while let DecodedFrame::Complete(message) = decoder.decode_frame(&mut rest).unwrap() {
            let header = |name: &str| {
                let mut headers = message.headers().iter();
                let header = headers
                    .find(|header| header.name().as_str() == name)
                    .unwrap();
                header.value().as_string().unwrap().as_str().to_owned()
            };
            assert_eq!(header(":message-type"), "event");
            assert_eq!(header(":content-type"), "application/json");
            events.push(Event {
                kind: header(":event-type"),
                payload: serde_json::from_slice(message.payload()).unwrap(),
            });
        }
        assert!(rest.is_empty());
        events
    }
}

impl No {
    pub(crate) fn new(status: u16, code: &str, message: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// What the SDK makes of a refusal.
pub(crate) fn no<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> No {
    No::new(
        error.raw_response().unwrap().status().as_u16(),
        error.code().unwrap_or_default(),
        error.message().unwrap_or_default(),
    )
}

/// What the user says.
pub(crate) fn said(text: &str) -> Message {
    Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(text.to_owned()))
        .build()
        .unwrap()
}

/// The same for plain requests.
pub(crate) fn asked(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": text }] }] })
}

/// A policy that allows this.
pub(crate) fn allowed(action: &str, resources: &[&str]) -> Policy {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resources });
    let bearer =
        json!({ "Effect": "Allow", "Action": "bedrock:CallWithBearerToken", "Resource": "*" });
    Policy::of(&json!({ "Version": "2012-10-17", "Statement": [statement, bearer] }))
}

/// A tool that tells the weather.
pub(crate) fn weather() -> Value {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let tool = json!({ "name": "get_weather", "description": "Tells it.", "inputSchema": { "json": schema } });
    json!({ "tools": [{ "toolSpec": tool }] })
}
