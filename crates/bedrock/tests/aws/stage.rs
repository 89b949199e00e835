//! The sandbox's demo world, and the ways into it.

use std::{sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use bedrock::report::{Limits, Name, Report, Subject, run};
use credential_provider::{
    Aws, AwsSettings, Endpoint, Endpoints, OwnIdentity, Strategy,
    api_key::ApiKey,
    cognito::{AppClient, Cognito, MemoryTokens, Pools},
    iam_role::{AssumeRole, SessionName},
};
use domain::{AccessId, ManualClock, Partition, Region, TenantId};
use sandbox::{
    Account, Fault, Harm, Refusal, Sandbox, Seed, Settings, World,
    bedrock::Standing,
    demo::{self, Demo},
    policy::Policy,
};
use serde_json::{Value, json};
use time::macros::datetime;

/// A model that is invoked by its bare id.
pub(crate) const LITE: &str = "amazon.nova-lite-v1:0";
/// A model that is invoked by a profile only, and the profile.
pub(crate) const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
pub(crate) const SONNET_PROFILE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
/// What customers are asked to allow.
pub(crate) const SEVEN: [&str; 7] = [
    "bedrock:ListFoundationModels",
    "bedrock:GetFoundationModel",
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:ListCustomModels",
    "bedrock:GetCustomModel",
    "sts:GetCallerIdentity",
];

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) demo: Demo,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) aws: Aws,
    pub(crate) region: Region,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let now = datetime!(2026-11-25 09:00 UTC);
        let (world, demo) = Demo::new(demo::EXTERNAL_ID, now);
        world.account(demo::ACCOUNT, |account| {
            account.bedrock.pace = Duration::ZERO;
        });
        let clock = Arc::new(ManualClock::at(now));
        let settings = Settings::local(world, clock.clone());
        let sandbox = Sandbox::start(settings).await.unwrap();
        let aws = aws(&sandbox.url(), &clock, Some(platform(&demo)));
        Self {
            sandbox,
            demo,
            clock,
            aws,
            region: demo::REGION.parse().unwrap(),
        }
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    /// Changes the customer's account.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Account)) {
        self.world().account(demo::ACCOUNT, change);
    }

    pub(crate) fn stand(&self, model: &str, standing: Standing) {
        self.change(|account| {
            account.bedrock.stand(model, standing);
        });
    }

    /// Lets an operation be refused from now on.
    pub(crate) fn refuse(
        &self,
        operation: &'static str,
        status: u16,
        code: &'static str,
        message: &str,
    ) {
        let refusal = Refusal::new(status, code, message);
        self.world()
            .fault(Fault::always(Harm::Refuse(refusal)).on(operation));
    }

    /// The same service with another identity of its own, or none.
    pub(crate) fn running_as(mut self, identity: Option<Credentials>) -> Self {
        self.aws = aws(&self.sandbox.url(), &self.clock, identity);
        self
    }

    /// The role as it should be.
    pub(crate) fn role(&self) -> AssumeRole {
        self.role_at(&self.demo.roles.role_arn)
    }

    pub(crate) fn role_at(&self, arn: &str) -> AssumeRole {
        AssumeRole {
            role_arn: arn.parse().unwrap(),
            external_id: demo::EXTERNAL_ID.parse().unwrap(),
            session_name: session_name(),
            more_actions: Vec::new(),
        }
    }

    /// A role that may do this, everywhere.
    pub(crate) fn role_allowing(&self, actions: &[&str]) -> AssumeRole {
        let arn = demo::add_role(self.world(), "Narrow", demo::EXTERNAL_ID);
        self.change(|account| {
            let mut roles = account.roles.iter_mut();
            let role = roles.find(|role| role.name == "Narrow").unwrap();
            role.policies = vec![allowing(actions)];
        });
        self.role_at(&arn)
    }

    /// The user who gets in.
    pub(crate) fn user(&self) -> Cognito {
        let demo = &self.demo.cognito;
        Cognito {
            pools: Pools {
                user_pool: demo.user_pool_id.parse().unwrap(),
                identity_pool: demo.identity_pool_id.parse().unwrap(),
                region: None,
            },
            client: AppClient {
                id: demo.app_client_id.parse().unwrap(),
                secret: None,
            },
            username: demo.username.parse().unwrap(),
            password: demo.password.parse().unwrap(),
            tokens: Arc::new(MemoryTokens::default()),
        }
    }

    /// The report on a way in.
    pub(crate) async fn test(&self, strategy: &dyn Strategy) -> Report {
        run(&self.subject(strategy), |_| {}).await
    }

    /// The same, with a model to invoke.
    pub(crate) async fn invoke(&self, strategy: &dyn Strategy, model: &str) -> Report {
        let subject = Subject {
            invoke: Some(model),
            ..self.subject(strategy)
        };
        run(&subject, |_| {}).await
    }

    pub(crate) fn subject<'a>(&'a self, strategy: &'a dyn Strategy) -> Subject<'a> {
        Subject {
            aws: &self.aws,
            region: &self.region,
            strategy,
            account: None,
            invoke: None,
            allow_unenforced: false,
            limits: Limits::default(),
        }
    }
}

pub(crate) fn key(text: &str) -> ApiKey {
    text.parse().unwrap()
}

pub(crate) fn access() -> AccessId {
    "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap()
}

pub(crate) fn session_name() -> SessionName {
    SessionName::of(TenantId::PLATFORM, access())
}

pub(crate) fn platform(demo: &Demo) -> Credentials {
    let platform = &demo.platform;
    Credentials::new(
        platform.access_key_id,
        platform.secret_access_key,
        None,
        None,
        "test",
    )
}

pub(crate) fn aws(url: &str, clock: &Arc<ManualClock>, identity: Option<Credentials>) -> Aws {
    Aws::new(AwsSettings {
        endpoints: Endpoints::every(Endpoint::parse(url).unwrap()),
        identity: identity.map(|credentials| OwnIdentity {
            credentials: SharedCredentialsProvider::new(credentials),
            partition: Partition::Aws,
        }),
        clock: clock.clone(),
        entropy: Arc::new(Seed::new(1)),
        call_limit: Duration::from_secs(60),
    })
}

pub(crate) fn allowing(actions: &[&str]) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" },
    }))
}

/// How each step ended, and why if there is a reason: `identity skipped not_applicable`.
pub(crate) fn ends(report: &Report) -> Vec<String> {
    let end = |step: &Value| {
        let parts = ["name", "status", "code"].map(|part| step[part].as_str());
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    json!(report)["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(end)
        .collect()
}

/// The steps that failed or warned, and why.
pub(crate) fn flaws(report: &Report) -> Vec<String> {
    let is_flaw = |end: &String| end.contains(" failed ") || end.contains(" warning ");
    ends(report).into_iter().filter(is_flaw).collect()
}

/// How the steps that invoke a model ended.
pub(crate) fn invocations(report: &Report) -> Vec<String> {
    ends(report).split_off(7)
}

/// What there is to say about a step.
pub(crate) fn told(report: &Report, name: Name) -> &bedrock::diagnosis::Diagnosis {
    let mut steps = report.steps.iter();
    let step = steps.find(|step| step.name == name).unwrap();
    step.diagnosis.as_ref().unwrap()
}
