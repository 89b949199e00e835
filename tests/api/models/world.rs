//! A tenant with a connection to register models over, and somebody else.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Answer, Aws, Client, Options, Service, aws::save, service::manual_clock};
use sandbox::Refusal;
use serde_json::{Value, json};
use time::Duration;

/// A model that the region has on demand.
pub(crate) const NOVA: &str = "amazon.nova-lite-v1:0";
/// A model that the region has by inference profile only.
pub(crate) const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A service with an AWS, and callers of two tenants, of which one has a connection.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) service: Service,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) admin: Client,
    pub(crate) other: Client,
    /// The default connection.
    pub(crate) connection: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let clock = manual_clock();
        let options = Options {
            clock: clock.clone(),
            ..Options::default()
        };
        let aws = Aws::start(clock.clone()).await;
        let service = Service::with(aws.serve(options)).await;
        service.tenant("one").await;
        service.tenant("two").await;
        let admin = service.caller("one", "admin").await;
        let saved = save(&admin, "Production", aws.by_key()).await;
        Self {
            connection: saved["id"].as_str().unwrap().to_owned(),
            other: service.caller("two", "admin").await,
            aws,
            service,
            clock,
            admin,
        }
    }

    /// Lets time pass, so that what comes next sorts behind what was.
    pub(crate) fn tick(&self) {
        self.clock.advance(Duration::seconds(1));
    }

    /// Registers models over the default connection.
    pub(crate) async fn register(&self, models: Value) -> Answer {
        register(&self.admin, models).await
    }

    /// Registers one model. It, as the answer shows it.
    pub(crate) async fn one(&self, model_id: &str, alias: &str) -> Value {
        let models = json!([{ "model_id": model_id, "alias": alias }]);
        let made = self.register(models).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.items()[0].clone()
    }

    /// The model as it is now.
    pub(crate) async fn now(&self, model: &Value) -> Value {
        self.admin.get(&path(model)).await.body
    }
}

pub(crate) async fn register(admin: &Client, models: Value) -> Answer {
    admin.post("/v1/models", json!({ "models": models })).await
}

pub(crate) fn path(model: &Value) -> String {
    format!("/v1/models/{}", model["id"].as_str().unwrap())
}

/// AWS's no to whoever may not list models.
pub(crate) fn denied() -> Refusal {
    Refusal::new(
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:ListFoundationModels because no \
         identity-based policy allows the bedrock:ListFoundationModels action",
    )
}
