//! `sandbox`: what it says can be tried, tried by the code that asks AWS.

use std::{net::TcpListener, sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use bedrock::catalogue::Catalogue;
use credential_provider::{
    Aws, AwsSettings, Endpoint, Endpoints, Error, Lease, OwnIdentity, Proof, Result, Strategy,
    api_key::ApiKey,
    cognito::{AppClient, Cognito, MemoryTokens, Pools},
    iam_role::{AssumeRole, SessionName},
};
use domain::{Partition, Region, SystemClock, TenantId};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::program::{Process, program, run};

/// A running sandbox, and what its last line tells.
struct Told {
    process: Process,
    ready: Value,
}

impl Told {
    fn start(arguments: &[&str]) -> Self {
        let arguments = [&["sandbox", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut process = Process::start(&mut program(&arguments));
        let line = process.line("ready {");
        let ready = serde_json::from_str(line.strip_prefix("ready ").unwrap()).unwrap();
        Self { process, ready }
    }

    fn text(&self, pointer: &str) -> &str {
        let value = self.ready.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no {pointer}"))
    }

    fn region(&self) -> Region {
        self.text("/region").parse().unwrap()
    }

    /// AWS, as the platform's service would reach it here.
    fn aws(&self) -> Aws {
        let identity = Credentials::new(
            self.text("/platform/access_key_id"),
            self.text("/platform/secret_access_key"),
            None,
            None,
            "demo",
        );
        Aws::new(AwsSettings {
            endpoints: Endpoints::every(Endpoint::parse(self.text("/url")).unwrap()),
            identity: Some(OwnIdentity {
                credentials: SharedCredentialsProvider::new(identity),
                partition: Partition::Aws,
            }),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(sandbox::Seed::new(1)),
            call_limit: Duration::from_secs(10),
        })
    }

    fn role(&self, arn: &str) -> AssumeRole {
        AssumeRole {
            role_arn: self.text(arn).parse().unwrap(),
            external_id: self.text("/roles/external_id").parse().unwrap(),
            session_name: SessionName::of(
                TenantId::PLATFORM,
                "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap(),
            ),
            more_actions: Vec::new(),
        }
    }

    fn user(&self, username: &str, identity_pool: &str) -> Cognito {
        Cognito {
            pools: Pools {
                user_pool: self.text("/cognito/user_pool_id").parse().unwrap(),
                identity_pool: self.text(identity_pool).parse().unwrap(),
                region: None,
            },
            client: AppClient {
                id: self.text("/cognito/app_client_id").parse().unwrap(),
                secret: None,
            },
            username: username.parse().unwrap(),
            password: self.text("/cognito/password").parse().unwrap(),
            tokens: Arc::new(MemoryTokens::default()),
        }
    }

    fn key(&self, name: &str) -> ApiKey {
        self.text(&format!("/api_keys/{name}")).parse().unwrap()
    }

    async fn lease(&self, way: &dyn Strategy) -> Result<Lease> {
        way.lease(&self.aws(), &self.region()).await
    }

    /// The models that there are for who comes this way, or what is said against it.
    async fn models(&self, way: &dyn Strategy) -> Result<Catalogue> {
        let lease = self.lease(way).await?;
        Catalogue::fetch(&self.aws(), &lease, &self.region()).await
    }

    /// What Bedrock answers to who lists models with this key, whatever the key says of itself.
    async fn list(&self, key: &str) -> (u16, Value) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http
            .get(format!("{}/foundation-models", self.text("/url")))
            .bearer_auth(self.text(&format!("/api_keys/{key}")))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// What AWS said, or the error's own words.
fn told<T>(result: Result<T>) -> String {
    match result.err().expect("it was let in") {
        Error::Rejected(aws) => format!("{}: {}", aws.code, aws.message),
        other => other.to_string(),
    }
}

#[tokio::test]
async fn every_way_in_that_it_tells_of_leads_to_the_models() {
    let told = Told::start(&[]);
    let identity_pool = "/cognito/identity_pool_id";
    let user = told.user(told.text("/cognito/username"), identity_pool);
    let confidential = Cognito {
        client: AppClient {
            id: told
                .text("/cognito/confidential_app_client_id")
                .parse()
                .unwrap(),
            secret: Some(
                told.text("/cognito/confidential_app_client_secret")
                    .parse()
                    .unwrap(),
            ),
        },
        ..user.clone()
    };
    let ways: [(&str, &dyn Strategy); 5] = [
        ("role", &told.role("/roles/role_arn")),
        ("user", &user),
        ("user by a client with a secret", &confidential),
        ("long-term key", &told.key("long_term")),
        ("short-term key", &told.key("short_term")),
    ];
    for (name, way) in ways {
        let models = told.models(way).await;
        let model = models
            .as_ref()
            .map(|it| (it.find(told.text("/model_id")).is_some(), &it.gaps[..]));
        assert_eq!(model, Ok((true, &[][..])), "{name}");
    }
    let account = told
        .lease(&told.role("/roles/role_arn"))
        .await
        .unwrap()
        .account();
    assert_eq!(account.unwrap().to_string(), told.text("/account_id"));
}

#[tokio::test]
async fn roles_that_are_wrong_are_wrong_in_the_way_they_are_called_after() {
    let told_of = Told::start(&[]);
    let (aws, region) = (told_of.aws(), told_of.region());
    let prove = async |arn: &str| told_of.role(arn).prove(&aws, &region).await.unwrap();
    for arn in ["/roles/role_arn", "/roles/powerless_role_arn"] {
        assert!(matches!(prove(arn).await, Proof::Enforced(_)), "{arn}");
    }
    assert_eq!(
        prove("/roles/unenforced_role_arn").await,
        Proof::NotEnforced
    );
    let refused = told(
        told_of
            .models(&told_of.role("/roles/powerless_role_arn"))
            .await,
    );
    assert!(
        refused.ends_with(
            "because no identity-based policy allows the bedrock:ListFoundationModels action"
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn users_who_do_not_get_in_are_told_what_they_are_called_after() {
    let told_of = Told::start(&[]);
    let mut refused = Vec::new();
    for name in told_of.ready["cognito"]["refused_usernames"]
        .as_array()
        .unwrap()
    {
        let name = name.as_str().unwrap();
        let user = told_of.user(name, "/cognito/identity_pool_id");
        refused.push((name, told(told_of.lease(&user).await)));
    }
    let refused: Vec<_> = refused
        .iter()
        .map(|(name, why)| (*name, why.as_str()))
        .collect();
    assert_eq!(
        refused,
        [
            (
                "new-password-required",
                "the user pool asks for NEW_PASSWORD_REQUIRED, which an unattended user cannot answer"
            ),
            (
                "temporary-password-expired",
                "NotAuthorizedException: Temporary password has expired and must be reset by an administrator."
            ),
            (
                "password-reset-required",
                "PasswordResetRequiredException: Password reset required for the user"
            ),
            (
                "not-confirmed",
                "UserNotConfirmedException: User is not confirmed."
            ),
            ("disabled", "NotAuthorizedException: User is disabled."),
            (
                "mfa-required",
                "the user pool asks for SOFTWARE_TOKEN_MFA, which an unattended user cannot answer"
            ),
        ]
    );
}

#[tokio::test]
async fn an_identity_pool_that_is_not_linked_takes_nobodys_token() {
    let told_of = Told::start(&[]);
    let user = told_of.user(
        told_of.text("/cognito/username"),
        "/cognito/unlinked_identity_pool_id",
    );
    assert_eq!(
        told(told_of.lease(&user).await),
        "NotAuthorizedException: Token is not from a supported provider of this identity pool."
    );
}

#[tokio::test]
async fn keys_that_are_no_good_are_refused_as_bedrock_does() {
    const WRONG: &str = "Authentication failed: Please make sure your API Key is valid.";
    let told = Told::start(&[]);
    for (key, message) in [
        ("elsewhere", WRONG),
        ("revoked", WRONG),
        ("expired", "Bearer Token has expired"),
    ] {
        let refused = told.list(key).await;
        assert_eq!(refused, (403, json!({ "Message": message })), "{key}");
    }
    let (status, body) = told.list("not_allowed").await;
    let message = body["Message"].as_str().unwrap();
    assert!(
        status == 403
            && message.contains("is not authorized to perform: bedrock:CallWithBearerToken"),
        "{message}"
    );
}

#[tokio::test]
async fn a_model_talks() {
    let told = Told::start(&[]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http
        .post(format!(
            "{}/model/{}/converse",
            told.text("/url"),
            told.text("/model_id")
        ))
        .bearer_auth(told.text("/api_keys/long_term"))
        .json(&json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    let text = answer["output"]["message"]["content"][0]["text"].as_str();
    assert!(text.is_some_and(|text| !text.is_empty()), "{answer}");
}

#[tokio::test]
async fn its_role_demands_the_external_id_that_it_was_told() {
    let id = "bi-0123456789abcdef0123456789abcdef01234567";
    let told_of = Told::start(&["--external-id", id]);
    assert_eq!(told_of.text("/roles/external_id"), id);
    let right = told_of.role("/roles/role_arn");
    let other = AssumeRole {
        external_id: "demo-external-id".parse().unwrap(),
        ..right.clone()
    };
    assert!(told_of.lease(&right).await.is_ok());
    assert!(told(told_of.lease(&other).await).starts_with("AccessDenied: "));
}

#[test]
fn an_external_id_that_no_role_can_demand_is_refused() {
    let ended = run(&mut program(&["sandbox", "--external-id", "no spaces"]));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("must be 2 to 1,224"), "{ended:?}");
}

#[test]
fn interrupted_it_ends_in_order() {
    let told = Told::start(&[]);
    told.process.signal(Signal::INT);
    let ended = told.process.end();
    ended.succeeded();
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_port_that_is_taken_is_told_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&mut program(&["sandbox", "--listen", &address]));
    let error = ended.failed();
    assert!(
        error.contains(&address) && error.contains("--listen names another address"),
        "{error}"
    );
}
