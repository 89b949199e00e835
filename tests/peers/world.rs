//! What is set up at the AWS that the tests are told of, and the ways in that lead through it.

use std::{env, sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use bedrock::report::{self, Limits, Report, Status, Subject};
use credential_provider::{
    Aws, AwsSettings, Endpoint, Endpoints, OwnIdentity, Service, Strategy,
    cognito::{AppClient, Cognito, MemoryTokens, Pools},
    iam_role::{AssumeRole, SessionName},
};
use domain::{AccessId, Clock, Partition, Region, SystemClock, TenantId};
use sandbox::Seed;
use serde_json::Value;

/// What is set up, as `world.py` tells it.
pub(crate) struct World(Value);

/// The step that failed, and its code.
pub(crate) type Failed = (report::Name, &'static str);

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "these tests are told where AWS is"
    )]
    pub(crate) fn told() -> Self {
        let Ok(told) = env::var("BI_PEERS_WORLD") else {
            panic!("tests/peers/run starts these tests");
        };
        Self::of(serde_json::from_str(&told).unwrap())
    }

    pub(crate) const fn of(told: Value) -> Self {
        Self(told)
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        let value = self.0.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no {pointer}"))
    }

    pub(crate) fn region(&self) -> Region {
        self.text("/region").parse().unwrap()
    }

    /// AWS, as the platform's service reaches it.
    pub(crate) fn aws(&self) -> Aws {
        self.aws_at(self.endpoints(), Arc::new(SystemClock))
    }

    /// The same, with one service behind the program that lets calls fail. What that one lets through comes to nothing:
    /// it changes the header `host`, which is signed.
    pub(crate) fn faulty_aws(&self, service: Service) -> Aws {
        self.aws_at(self.faulty_endpoints(service), Arc::new(SystemClock))
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints::every(self.endpoint("/url"))
    }

    pub(crate) fn faulty_endpoints(&self, service: Service) -> Endpoints {
        self.endpoints().with(service, self.endpoint("/faults_url"))
    }

    fn endpoint(&self, pointer: &str) -> Endpoint {
        Endpoint::parse(self.text(pointer)).unwrap()
    }

    pub(crate) fn aws_at(&self, endpoints: Endpoints, clock: Arc<dyn Clock>) -> Aws {
        let key = self.text("/platform/access_key_id");
        let secret = self.text("/platform/secret_access_key");
        let credentials = Credentials::new(key, secret, None, None, "peers");
        Aws::new(AwsSettings {
            endpoints,
            identity: Some(OwnIdentity {
                credentials: SharedCredentialsProvider::new(credentials),
                partition: Partition::Aws,
            }),
            clock,
            entropy: Arc::new(Seed::new(1)),
            call_limit: Duration::from_secs(5),
        })
    }

    /// The role of that name, by the external ID that it demands.
    pub(crate) fn role(&self, name: &str) -> AssumeRole {
        AssumeRole {
            role_arn: self.text(&format!("/roles/{name}")).parse().unwrap(),
            external_id: self.text("/roles/external_id").parse().unwrap(),
            session_name: session_name(),
            more_actions: more_actions(),
        }
    }

    /// The user who gets in.
    pub(crate) fn user(&self) -> Cognito {
        Cognito {
            pools: Pools {
                user_pool: self.text("/cognito/user_pool_id").parse().unwrap(),
                identity_pool: self.text("/cognito/identity_pool_id").parse().unwrap(),
                region: None,
            },
            client: AppClient {
                id: self.text("/cognito/app_client_id").parse().unwrap(),
                secret: None,
            },
            username: self.text("/cognito/username").parse().unwrap(),
            password: self.text("/cognito/password").parse().unwrap(),
            tokens: Arc::new(MemoryTokens::default()),
        }
    }

    /// The test of a way in, a model's invocation and all.
    pub(crate) async fn test(&self, way: &dyn Strategy) -> Report {
        self.test_at(&self.aws(), &self.region(), way).await
    }

    pub(crate) async fn test_at(&self, aws: &Aws, region: &Region, way: &dyn Strategy) -> Report {
        let subject = Subject {
            aws,
            region,
            strategy: way,
            account: None,
            invoke: Some(self.text("/model_id")),
            allow_unenforced: false,
            limits: Limits::default(),
        };
        report::run(&subject, |_| {}).await
    }

    /// What fails when a way in is tested.
    pub(crate) async fn failure(&self, way: &dyn Strategy) -> Option<Failed> {
        failed(&self.test(way).await)
    }

    /// That nothing failed, and the right account was reached.
    pub(crate) async fn assert_leads_to_models(&self, way: &dyn Strategy) {
        let report = self.test(way).await;
        assert_eq!(failed(&report), None, "{report:#?}");
        assert_eq!(
            report.account_id.unwrap().to_string(),
            self.text("/account_id")
        );
        let catalogue = report.catalogue.unwrap();
        assert!(catalogue.find(self.text("/model_id")).is_some());
    }
}

/// The first step that failed, and its code.
pub(crate) fn failed(report: &Report) -> Option<Failed> {
    let mut steps = report.steps.iter();
    let step = steps.find(|step| step.status == Status::Failed)?;
    Some((step.name, step.diagnosis.as_ref()?.code.as_str()))
}

pub(crate) fn access() -> AccessId {
    "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap()
}

pub(crate) fn session_name() -> SessionName {
    SessionName::of(TenantId::PLATFORM, access())
}

/// `MiniStack` authorises Converse by its own name, where AWS asks for InvokeModel.
pub(crate) fn more_actions() -> Vec<String> {
    vec!["bedrock:Converse*".to_owned()]
}
