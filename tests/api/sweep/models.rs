//! Registered models are as AWS's lists and its answers say.

use std::{pin::pin, time::Duration};

use harness::{Answer, aws::save, service::until};
use sandbox::{
    Fault, Harm, Refusal,
    bedrock::{ApplicationProfile, Holdings, Standing},
};
use serde_json::{Value, json};
use server::app::sweep::{Did, Sweep, SweepSettings};
use store::{connections, testing::ask};

use super::world::{LATER, SETTINGS, after, events, sweep, sweep_by};
use crate::connections::world::World;

const NOVA: &str = "amazon.nova-lite-v1:0";
const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
/// Legacy, and at its end on 2028-09-10.
const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// A tenant with a connection by a role that may do what the kit allows, and its sweep.
struct Stage {
    world: World,
    sweep: Sweep,
}

impl Stage {
    async fn new() -> Self {
        let world = World::start().await;
        let body = world.aws.by_reserved_role(&world.admin, "Role").await;
        save(&world.admin, "Role", body).await;
        let sweep = sweep(&world.service);
        Self { world, sweep }
    }

    async fn register(&self, model_id: &str, alias: &str) -> Value {
        let models = json!({ "models": [{ "model_id": model_id, "alias": alias }] });
        let made = self.world.admin.post("/v1/models", models).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.items()[0].clone()
    }

    fn holdings(&self, change: impl FnOnce(&mut Holdings)) {
        let account = self.world.aws.demo.account_id;
        self.world
            .aws
            .world
            .account(account, |account| change(&mut account.bedrock));
    }

    /// Looks a while later. State and reason of the model then.
    async fn then(&mut self, model: &Value) -> (String, String) {
        assert_eq!(after(&self.world, LATER, &mut self.sweep).await, 1);
        let path = format!("/v1/models/{}", model["id"].as_str().unwrap());
        let read = self.world.admin.get(&path).await;
        let text = |member: &str| read.body[member].as_str().unwrap_or_default().to_owned();
        (text("state"), text("state_reason"))
    }

    /// The changes of models so far.
    async fn told(&self) -> Vec<Value> {
        events(&self.world, "model.state_changed").await
    }

    async fn converse(&self, alias: &str) -> Answer {
        let body = json!({ "messages": [{ "role": "user", "content": [{ "text": "Hi" }] }] });
        let path = format!("/v1/models/{alias}/converse");
        self.world.member.post(&path, body).await
    }
}

fn is(state: &str, reason: &str) -> (String, String) {
    (state.to_owned(), reason.to_owned())
}

fn denied() -> Harm {
    Harm::Refuse(Refusal::new(
        403,
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: bedrock:ListFoundationModels \
         because no identity-based policy allows the bedrock:ListFoundationModels action",
    ))
}

#[tokio::test]
async fn a_profile_that_is_gone_takes_its_model_out_until_it_is_back() {
    let mut stage = Stage::new().await;
    let profile = ApplicationProfile::new("us-east-1", "ap1lite00001", "support-desk", NOVA);
    let arn = profile.arn(stage.world.aws.demo.account_id.parse().unwrap());
    let model = stage.register(&arn, "desk").await;
    assert_eq!(stage.then(&model).await, is("available", ""));
    assert_eq!(stage.told().await, [] as [Value; 0]);

    let mut profiles = Vec::new();
    stage.holdings(|holdings| profiles = std::mem::take(&mut holdings.profiles));
    assert_eq!(
        stage.then(&model).await,
        is("unavailable", "model_not_found")
    );
    let told = stage.told().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["subject"], model["id"]);
    assert_eq!(told[0]["actor"]["kind"], "service");
    assert_eq!(told[0]["detail"]["alias"], "desk");
    assert_eq!(
        told[0]["detail"]["before"],
        json!({ "state": "available", "reason": null })
    );
    assert!(!told[0]["aws"]["request_ids"].as_array().unwrap().is_empty());
    let refused = stage.converse("desk").await;
    assert_eq!(refused.problem(), (409, "connection_unusable"));
    assert_eq!(refused.text("reason"), "model_not_found");
    assert_eq!(
        stage.then(&model).await,
        is("unavailable", "model_not_found")
    );
    assert_eq!(stage.told().await.len(), 1, "it is no news");

    stage.holdings(|holdings| holdings.profiles = profiles);
    assert_eq!(stage.then(&model).await, is("available", ""));
    assert_eq!(stage.converse("desk").await.status, 200);
    assert_eq!(stage.told().await.len(), 2);
}

#[tokio::test]
async fn access_that_is_lost_takes_a_model_out_until_it_is_granted_again() {
    let mut stage = Stage::new().await;
    let nova = stage.register(NOVA, "nova").await;
    let sonnet = stage.register(SONNET, "sonnet").await;
    stage.holdings(|holdings| {
        holdings.stand(NOVA, Standing::NoAccess);
    });
    let denied = is("unavailable", "model_access_not_granted");
    assert_eq!(stage.then(&nova).await, denied);
    assert_eq!(stage.told().await.len(), 1, "the other one is as it was");
    // As long as AWS does not tell otherwise it stays so, whatever the lists say.
    let operation = "GetFoundationModelAvailability";
    let away = Fault::always(Harm::Reset).on(operation);
    stage.world.aws.world.fault(away);
    stage.holdings(|holdings| {
        holdings.stand(NOVA, Standing::Granted);
    });
    assert_eq!(stage.then(&nova).await, denied);
    stage.world.aws.world.mend();
    assert_eq!(stage.then(&nova).await, is("available", ""));
    assert_eq!(stage.then(&sonnet).await, is("available", ""));
    assert_eq!(stage.told().await.len(), 2);
}

#[tokio::test]
async fn a_model_becomes_legacy_and_then_ends() {
    let mut stage = Stage::new().await;
    let fault = Fault::always(denied()).on("ListFoundationModels");
    stage.world.aws.world.fault(fault);
    let haiku = stage.register(HAIKU, "haiku").await;
    assert_eq!(haiku["state"], "available", "as far as was known");
    stage.world.aws.world.mend();
    assert_eq!(stage.then(&haiku).await, is("legacy", ""));
    let told = stage.told().await;
    assert_eq!(told[0]["detail"]["state"], "legacy");
    assert_eq!(told[0]["detail"]["end_of_life"], "2028-09-10T00:00:00Z");
    assert_eq!(stage.converse("haiku").await.status, 200);

    stage.world.wait(1_438 * 24 * 60 * 60);
    assert_eq!(
        stage.then(&haiku).await,
        is("unavailable", "model_end_of_life")
    );
    assert_eq!(stage.told().await.len(), 2);
}

#[tokio::test]
async fn what_lists_say_is_noted_even_if_aws_never_answers_about_the_account() {
    let mut stage = Stage::new().await;
    let settings = SweepSettings {
        longest_look: Duration::from_secs(9),
        ..SETTINGS
    };
    stage.sweep = sweep_by(&stage.world.service, settings);
    let aws = stage.world.aws.world.clone();
    aws.fault(Fault::always(denied()).on("ListFoundationModels"));
    let haiku = stage.register(HAIKU, "haiku").await;
    aws.mend();
    aws.fault(Fault::always(Harm::Hang).on("GetFoundationModelAvailability"));
    assert_eq!(stage.then(&haiku).await, is("legacy", ""));
}

#[tokio::test]
async fn what_could_not_be_listed_is_not_believed_to_be_gone() {
    let mut stage = Stage::new().await;
    let sonnet = stage.register(SONNET, "sonnet").await;
    assert_ne!(sonnet["invoke_id"], SONNET, "by a profile");
    for harm in [denied(), Harm::Reset] {
        let fault = Fault::always(harm).on("ListInferenceProfiles");
        stage.world.aws.world.fault(fault);
        assert_eq!(stage.then(&sonnet).await, is("available", ""));
        stage.world.aws.world.mend();
    }
    let typed = stage
        .register("amazon.nova-of-tomorrow-v1:0", "tomorrow")
        .await;
    assert_eq!(stage.then(&typed).await, is("unverified", ""));
    assert_eq!(stage.told().await, [] as [Value; 0]);
}

#[tokio::test]
async fn aws_is_asked_about_twenty_models_at_most() {
    let mut stage = Stage::new().await;
    let admin = stage.world.admin.clone();
    let connections = admin.get("/v1/integrations/bedrock/connections").await;
    let id = connections.items()[0]["id"].as_str().unwrap();
    let path = format!("/v1/integrations/bedrock/connections/{id}/models");
    let models: Vec<Value> = admin
        .walk(&path, 50)
        .await
        .iter()
        .filter(|model| model["kind"] == "base" && !model["invoke_id"].is_null())
        .take(30)
        .enumerate()
        .map(|(n, model)| json!({ "model_id": model["model_id"], "alias": format!("m{n}") }))
        .collect();
    assert_eq!(models.len(), 30);
    let made = admin.post("/v1/models", json!({ "models": models })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let world = &stage.world.aws.world;
    let operation = "GetFoundationModelAvailability";
    assert_eq!(after(&stage.world, LATER, &mut stage.sweep).await, 1);
    assert_eq!(world.count(operation), 20);

    // Who may not ask about one may not ask about any.
    world.fault(Fault::always(denied()).on(operation));
    assert_eq!(after(&stage.world, LATER, &mut stage.sweep).await, 1);
    assert_eq!(world.count(operation), 21);
}

#[tokio::test]
async fn what_is_noted_waits_for_whoever_changes_the_tenants_connections() {
    let Stage { world, mut sweep } = {
        let stage = Stage::new().await;
        stage.register(NOVA, "nova").await;
        stage
    };
    world.wait(LATER);
    let me = world.admin.get("/v1/me").await;
    let tenant = me.body["tenant"]["id"].as_str().unwrap().parse().unwrap();
    let mut step = pin!(sweep.step());
    let asked = "GetFoundationModelAvailability";
    world.aws.until_asked(asked, step.as_mut()).await;
    let mut tx = world.service.context.store.write(tenant).await.unwrap();
    connections::lock(&mut tx).await.unwrap();
    let url = &world.service.database.owner_url;
    let waits = async {
        until("it waits", async || {
            let waiting: Vec<(i64,)> = ask(
                url,
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
            .await;
            waiting == [(1,)]
        })
        .await;
        drop(tx);
    };
    let (step, ()) = tokio::join!(step, waits);
    assert_eq!(step.unwrap().did, Did::Look);
}
