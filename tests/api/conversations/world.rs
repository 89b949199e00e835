//! A tenant with a connection by API key and a registered model, and an AWS that answers.

use harness::{Answer, Aws, BEDROCK, Client, Options, Service, aws::save, service::until};
use serde_json::{Value, json};

/// What is asked, in Bedrock's form.
pub(crate) fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] })
}

/// A service, its AWS, and callers of one tenant.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) service: Service,
    pub(crate) admin: Client,
    pub(crate) member: Client,
    /// The connection's id.
    pub(crate) connection: String,
    /// The registered model's id; its alias is `nova`.
    pub(crate) model: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let aws = Aws::start(options.clock.clone()).await;
        let service = Service::with(aws.serve(options)).await;
        service.tenant("one").await;
        let admin = service.caller("one", "admin").await;
        let member = service.caller("one", "member").await;
        let connection = save(&admin, "Production", aws.by_key()).await;
        let connection = connection["id"].as_str().unwrap().to_owned();
        let model = register(&admin, &connection, aws.demo.model_id, "nova").await;
        Self {
            aws,
            service,
            admin,
            member,
            connection,
            model,
        }
    }

    /// Lets models take their time between two events.
    pub(crate) fn dawdle(&self) {
        self.aws.world.account(self.aws.demo.account_id, |account| {
            account.bedrock.pace = std::time::Duration::from_millis(200);
        });
    }

    /// Asks the model by a name.
    pub(crate) async fn converse(&self, name: &str, body: Value) -> Answer {
        self.member
            .post(&format!("/v1/models/{name}/converse"), body)
            .await
    }

    /// Asks for a stream.
    pub(crate) async fn stream(&self, name: &str, body: &Value) -> reqwest::Response {
        let path = format!("/v1/models/{name}/converse");
        self.member
            .request(reqwest::Method::POST, &path)
            .header("accept", "text/event-stream")
            .json(body)
            .send()
            .await
            .unwrap()
    }

    /// What conversations that ended so used, as it is told.
    pub(crate) async fn usage(&self, outcome: &str) -> Option<Value> {
        until("all of them have ended", async || {
            self.service.context.running.count() == 0
        })
        .await;
        let context = &self.service.context;
        let flushed = context.usage.flush(&context.store, context.now()).await;
        flushed.unwrap();
        let told = self.admin.get("/v1/usage").await;
        let mut rows = told.items().iter();
        rows.find(|row| row["outcome"] == outcome).cloned()
    }

    pub(crate) fn connection_path(&self) -> String {
        format!("{BEDROCK}/connections/{}", self.connection)
    }
}

/// Registers a model; its id.
pub(crate) async fn register(
    admin: &Client,
    connection: &str,
    model_id: &str,
    alias: &str,
) -> String {
    let body = json!({
        "connection_id": connection,
        "models": [{ "model_id": model_id, "alias": alias }],
    });
    let made = admin.post("/v1/models", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["items"][0]["id"].as_str().unwrap().to_owned()
}

/// The events of a stream: names and data.
pub(crate) fn events(text: &str) -> Vec<(String, Value)> {
    text.split("\n\n")
        .filter(|event| event.starts_with("event: "))
        .map(|event| {
            let (name, data) = event.split_once('\n').unwrap();
            let name = name.strip_prefix("event: ").unwrap().to_owned();
            let data = data.strip_prefix("data: ").unwrap();
            (name, serde_json::from_str(data).unwrap())
        })
        .collect()
}
