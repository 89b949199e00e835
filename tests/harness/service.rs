//! A replica of the service, served on loopback.

use std::{sync::Arc, time::Duration};

use aws_credential_types::provider::SharedCredentialsProvider;
use domain::{Clock, ManualClock, SystemClock};
use serde_json::json;
use server::{
    Context, Settings,
    app::{
        self, Caller,
        conversations::{Limit, Patience},
        sweep::SweepSettings,
    },
    config::{AwsConfig, CustomerJwt, JwtIssuer, Secret},
    follower::FeedUrls,
    service::{self, Listeners, Stopping},
};
use store::testing::Database;
use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::KeyRing;

use crate::Client;

/// The master keys of tests: two versions.
pub const MASTER_KEYS: &str = "1:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs=\n2:u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7w=\n";

/// No limit.
pub const NO_LIMIT: Limit = Limit {
    requests_per_minute: 0,
    concurrent: 0,
    tokens_per_minute: 0,
};

/// How a replica differs from the usual one.
pub struct Options {
    /// The clock; the machine's by default.
    pub clock: Arc<dyn Clock>,
    /// The master keys.
    pub master_keys: String,
    /// The customers' identity provider.
    pub jwt: Option<JwtIssuer>,
    /// The platform's own.
    pub operator_jwt: Option<JwtIssuer>,
    /// Origins of the platform's frontend.
    pub cors_origins: Vec<String>,
    /// The URL under which people reach it; where it listens by default.
    pub public_url: Option<String>,
    /// How many proxies are believed.
    pub trusted_proxies: u8,
    /// How AWS is reached.
    pub aws: AwsConfig,
    /// The service's own AWS identity.
    pub identity: Option<SharedCredentialsProvider>,
    /// What a tenant may use at a time …
    pub tenant_limit: Limit,
    /// … and each of its callers.
    pub caller_limit: Limit,
    /// How long the client of a stream is kept waiting.
    pub patience: Patience,
    /// How connections are looked at without anybody asking; not at all by default, since tests do it step by step.
    pub sweep: Option<SweepSettings>,
    /// How long a shutdown is announced.
    pub delay: Duration,
    /// How long a shutdown waits.
    pub grace: Duration,
    /// Where notifications come from, if not from the database itself.
    pub hints: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            master_keys: MASTER_KEYS.lines().next().unwrap_or_default().to_owned(),
            jwt: None,
            operator_jwt: None,
            cors_origins: Vec::new(),
            public_url: None,
            trusted_proxies: 0,
            aws: AwsConfig::default(),
            identity: None,
            tenant_limit: NO_LIMIT,
            caller_limit: NO_LIMIT,
            patience: Patience::default(),
            sweep: None,
            delay: Duration::ZERO,
            grace: Duration::from_secs(5),
            hints: None,
        }
    }
}

/// A clock that stands at a plain time until a test moves it.
pub fn manual_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(
        OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000),
    ))
}

/// A replica.
pub struct Service {
    /// Where its API is.
    pub url: String,
    /// Where its metrics are.
    pub ops_url: String,
    /// What it is made of.
    pub context: Context,
    /// Its database.
    pub database: Arc<Database>,
    /// Made once: a new one parses every root certificate.
    client: Client,
    stop: CancellationToken,
    served: JoinHandle<store::Result<()>>,
}

impl Service {
    /// The usual replica, on a new database, ready.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A replica on a new database, ready.
    pub async fn with(options: Options) -> Self {
        Self::on(Arc::new(Database::new().await), options).await
    }

    /// A replica on that database, ready.
    pub async fn on(database: Arc<Database>, options: Options) -> Self {
        let service = Self::starting(database, options).await;
        service.ready().await;
        service
    }

    /// A replica on that database, which may not be ready yet.
    #[expect(
        clippy::unwrap_used,
        reason = "a test cannot go on without its service"
    )]
    pub async fn starting(database: Arc<Database>, options: Options) -> Self {
        let listeners = Listeners {
            api: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            ops: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let url = format!("http://{}", listeners.api.local_addr().unwrap());
        let ops_url = format!("http://{}", listeners.ops.local_addr().unwrap());
        let settings = Settings {
            public_url: Url::parse(options.public_url.as_deref().unwrap_or(&url)).unwrap(),
            cors_origins: options.cors_origins,
            trusted_proxies: options.trusted_proxies,
            jwt: options.jwt.map(|issuer| CustomerJwt {
                issuer,
                tenant_claim: "tenant".to_owned(),
                role_claim: "role".to_owned(),
            }),
            operator_jwt: options.operator_jwt,
            aws: options.aws,
            identity: options.identity,
            tenant_limit: options.tenant_limit,
            caller_limit: options.caller_limit,
            patience: options.patience,
            sweep: options.sweep,
            audit_retention: Duration::from_secs(400 * 24 * 60 * 60),
            demo: false,
        };
        let ring = KeyRing::parse(&options.master_keys).unwrap();
        let context = Context::new(settings, database.store(), ring, options.clock);
        let stop = CancellationToken::new();
        let urls = FeedUrls {
            poll: Secret::new(&*database.url),
            hints: Secret::new(options.hints.as_deref().unwrap_or(&database.url)),
        };
        let served = tokio::spawn(service::run(
            context.clone(),
            urls,
            listeners,
            stop.clone(),
            Stopping {
                delay: options.delay,
                grace: options.grace,
            },
        ));
        Self {
            client: Client::new(&url),
            url,
            ops_url,
            context,
            database,
            stop,
            served,
        }
    }

    /// Waits until it is ready.
    pub async fn ready(&self) {
        until("the service is ready", async || {
            self.anonymous().get("/readyz").await.status == 200
        })
        .await;
    }

    /// Asks it to stop, and waits until it has.
    #[expect(
        clippy::unwrap_used,
        reason = "a test cannot go on if its service panicked"
    )]
    pub async fn stop(self) -> store::Result<()> {
        self.stop.cancel();
        self.served.await.unwrap()
    }

    /// Waits until it ends by itself.
    #[expect(
        clippy::unwrap_used,
        reason = "a test cannot go on if its service panicked"
    )]
    pub async fn ended(self) -> store::Result<()> {
        self.served.await.unwrap()
    }

    /// Asks it to stop, and does not wait.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Somebody without a credential.
    pub fn anonymous(&self) -> Client {
        self.client.clone()
    }

    /// The platform's operator.
    #[expect(clippy::unwrap_used, reason = "a test cannot go on without its caller")]
    pub async fn operator(&self) -> Client {
        let caller = Caller::command_line(None);
        let name = "operator".parse().unwrap();
        let (_, key) = app::api_keys::create_operator(&self.context, &caller, &name, None)
            .await
            .unwrap();
        self.anonymous().bearer(&key)
    }

    /// A new tenant of that ref; returns its id.
    pub async fn tenant(&self, tenant_ref: &str) -> String {
        let made = self
            .operator()
            .await
            .put(
                &format!("/v1/tenants/by-ref/{tenant_ref}"),
                json!({ "name": tenant_ref }),
            )
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        made.text("id")
    }

    /// A caller of the tenant of that ref, with that role.
    pub async fn caller(&self, tenant_ref: &str, role: &str) -> Client {
        let made = self
            .operator()
            .await
            .on(tenant_ref)
            .post("/v1/api-keys", json!({ "name": role, "role": role }))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        self.anonymous().bearer(&made.text("api_key"))
    }
}

/// Waits until something holds: polled, with a deadline that only a fault reaches.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(30), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "in vain: {what}");
}
