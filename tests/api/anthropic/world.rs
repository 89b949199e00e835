//! A tenant with a Claude model, and requests of it as Anthropic's clients send them.

use harness::{Answer, Options, service::until};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::conversations::world::{self, register};

pub(crate) const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
pub(crate) const MESSAGES: &str = "/anthropic/v1/messages";

/// The world of conversations, with a model of the alias `claude`.
pub(crate) struct World(pub(crate) world::World);

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let world = world::World::with(options).await;
        register(&world.admin, &world.connection, SONNET, "claude").await;
        Self(world)
    }

    /// Asks for a message.
    pub(crate) async fn create(&self, body: Value) -> Answer {
        self.0.member.post(MESSAGES, body).await
    }

    /// Asks for a message in events.
    pub(crate) async fn stream(&self, mut body: Value) -> Response {
        body["stream"] = json!(true);
        let request = self.0.member.request(Method::POST, MESSAGES);
        request.json(&body).send().await.unwrap()
    }

    /// What was used, once all that was asked has ended.
    pub(crate) async fn usage(&self) -> Vec<Value> {
        let context = &self.0.service.context;
        until("all is noted", async || context.running.count() == 0).await;
        let flushed = context.usage.flush(&context.store, context.now()).await;
        flushed.unwrap();
        self.0.admin.get("/v1/usage").await.items().to_vec()
    }
}

/// What is asked, and what the sandbox answers to it.
pub(crate) fn count_to_nine() -> Value {
    json!({
        "model": "claude",
        "max_tokens": 99,
        "messages": [{ "role": "user", "content": "count to 9" }],
    })
}
pub(crate) const NINE: &str = "1, 2, 3, 4, 5, 6, 7, 8, 9";

/// `count_to_nine` with more members, or others.
pub(crate) fn with(members: Value) -> Value {
    let mut body = count_to_nine();
    let (Value::Object(body_members), Value::Object(members)) = (&mut body, members) else {
        panic!("members are an object");
    };
    body_members.extend(members);
    body
}

/// Status, kind of error and message of a refusal, whose shape must be Anthropic's.
pub(crate) fn refused(answer: &Answer) -> (u16, &str, &str) {
    let body = &answer.body;
    assert_eq!(body["type"], "error", "{answer:?}");
    assert_eq!(body["request_id"], answer.header("request-id").unwrap());
    assert_eq!(answer.header("request-id"), answer.header("x-request-id"));
    let text = |member: &str| body["error"][member].as_str().unwrap();
    (answer.status, text("type"), text("message"))
}
