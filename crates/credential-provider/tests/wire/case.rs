//! A case: a folder with what is recorded. `input.json` are the fields of a way in, over those of all cases of its
//! strategy; `traffic.http` is the traffic; `outcome.json` is what comes of it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::{client::http::HttpClient, shared::IntoShared};
use credential_provider::{
    Aws, AwsSettings, Endpoints, OwnIdentity, Result, Strategy,
    api_key::ApiKey,
    cognito::{AppClient, Cognito, MemoryTokens, Pools, RefreshToken, TokenStore},
    iam_role::{AssumeRole, SessionName, Subject, TokenSigner, WebIdentity},
};
use domain::{AccessId, Entropy, ManualClock, Partition, Region, TenantId};
use futures_util::future::{BoxFuture, ready};
use serde_json::{Map, Value};
use time::{OffsetDateTime, macros::datetime};
use zeroize::Zeroizing;

const NOW: OffsetDateTime = datetime!(2026-11-25 09:00 UTC);

pub(crate) struct Case {
    folder: PathBuf,
    pub(crate) strategy: String,
    input: Map<String, Value>,
}

impl Case {
    /// All that are recorded.
    pub(crate) fn all() -> Vec<Self> {
        let strategies = folders(&root());
        strategies
            .iter()
            .flat_map(|path| folders(path))
            .map(Self::read)
            .collect()
    }

    /// One of them.
    pub(crate) fn named(strategy: &str, name: &str) -> Self {
        Self::read(root().join(strategy).join(name))
    }

    fn read(folder: PathBuf) -> Self {
        let strategy = folder.parent().unwrap();
        let mut input = fields(&strategy.join("input.json"));
        let own = folder.join("input.json");
        if own.exists() {
            input.extend(fields(&own));
        }
        let strategy = strategy.file_name().unwrap().to_str().unwrap().to_owned();
        Self {
            folder,
            strategy,
            input,
        }
    }

    pub(crate) fn name(&self) -> String {
        format!(
            "{}/{}",
            self.strategy,
            self.folder.file_name().unwrap().display()
        )
    }

    pub(crate) fn recording(&self) -> String {
        fs::read_to_string(self.folder.join("traffic.http")).unwrap_or_default()
    }

    pub(crate) fn outcome(&self) -> Value {
        json(&self.folder.join("outcome.json"))
    }

    pub(crate) fn region(&self) -> Region {
        self.text("region").parse().unwrap()
    }

    pub(crate) fn way(&self, tokens: Arc<MemoryTokens>) -> Box<dyn Strategy> {
        match self.strategy.as_str() {
            "iam_role" => Box::new(AssumeRole {
                role_arn: self.text("role_arn").parse().unwrap(),
                external_id: self.text("external_id").parse().unwrap(),
                session_name: session_name(),
                more_actions: Vec::new(),
            }),
            "web_identity" => Box::new(WebIdentity {
                role_arn: self.text("role_arn").parse().unwrap(),
                subject: Subject {
                    tenant: TenantId::PLATFORM,
                    access: access(),
                },
                tokens: Arc::new(Token(self.text("token").to_owned())),
                session_name: session_name(),
                more_actions: Vec::new(),
            }),
            "api_key" => Box::new(self.text("api_key").parse::<ApiKey>().unwrap()),
            "cognito" => Box::new(self.user(tokens, str::to_owned)),
            other => panic!("no strategy: {other}"),
        }
    }

    /// The user, in pools that `moved` may move elsewhere.
    pub(crate) fn user(
        &self,
        tokens: Arc<MemoryTokens>,
        moved: impl Fn(&str) -> String,
    ) -> Cognito {
        Cognito {
            pools: Pools {
                user_pool: moved(self.text("user_pool_id")).parse().unwrap(),
                identity_pool: moved(self.text("identity_pool_id")).parse().unwrap(),
                region: None,
            },
            client: AppClient {
                id: self.text("app_client_id").parse().unwrap(),
                secret: self
                    .given("app_client_secret")
                    .map(|text| text.parse().unwrap()),
            },
            username: self.text("username").parse().unwrap(),
            password: self.text("password").parse().unwrap(),
            tokens,
        }
    }

    /// What is kept of an earlier sign-in.
    pub(crate) async fn kept(&self) -> Arc<MemoryTokens> {
        let tokens = MemoryTokens::default();
        if let Some(token) = self.given("refresh_token") {
            tokens
                .replace(0, Some(RefreshToken::new(token)))
                .await
                .unwrap();
        }
        if let Some(id) = self.given("identity_id") {
            tokens.keep_identity(id).await.unwrap();
        }
        Arc::new(tokens)
    }

    fn text(&self, name: &str) -> &str {
        self.given(name).unwrap()
    }

    fn given(&self, name: &str) -> Option<&str> {
        self.input.get(name)?.as_str()
    }
}

/// AWS over these connections, asked by a service with an identity of its own.
pub(crate) fn aws(connections: impl HttpClient + 'static) -> Aws {
    let identity = Credentials::new("AKIAIOSFODNN7EXAMPLE", "our own sesam", None, None, "test");
    let settings = AwsSettings {
        endpoints: Endpoints::default(),
        identity: Some(OwnIdentity {
            credentials: SharedCredentialsProvider::new(identity),
            partition: Partition::Aws,
        }),
        clock: Arc::new(ManualClock::at(NOW)),
        entropy: Arc::new(Ones),
        call_limit: Duration::from_secs(10),
    };
    Aws::over(settings, connections.into_shared())
}

/// The number that the published example of Cognito's hand-shake draws.
struct Ones;

impl Entropy for Ones {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

/// A token that is always the same.
pub(crate) struct Token(pub(crate) String);

impl TokenSigner for Token {
    fn sign(&self, _: Subject) -> BoxFuture<'_, Result<Zeroizing<String>>> {
        Box::pin(ready(Ok(Zeroizing::new(self.0.clone()))))
    }
}

pub(crate) fn access() -> AccessId {
    "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap()
}

pub(crate) fn session_name() -> SessionName {
    SessionName::of(TenantId::PLATFORM, access())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn fields(path: &Path) -> Map<String, Value> {
    match json(path) {
        Value::Object(fields) => fields,
        _ => panic!("no fields: {}", path.display()),
    }
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("no {}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
