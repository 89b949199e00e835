//! What every request shares.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use aws_credential_types::provider::SharedCredentialsProvider;
use bedrock::transport::Transport;
use credential_provider::{Aws, AwsSettings, Leases, LeasesSettings, OwnIdentity};
use domain::{Clock, Partition};
use store::{
    Store, TenantTx,
    changes::{Change, News},
};
use time::OffsetDateTime;
use url::Url;
use vault::{HashKey, KeyRing};

use crate::{
    app::{
        self, Catalogues, Runs, StoredAccesses,
        conversations::{AllRoutes, Limit, Limits, Patience, Remaps, Room, Running},
        sweep::SweepSettings,
        usage::Meter,
    },
    auth::{Callers, OidcVerifier},
    chain::chain,
    config::{AwsConfig, CustomerJwt, JwtIssuer},
    issuer::Issuer,
    metrics::Metrics,
    pulse::Pulse,
    random::{OsEntropy, Random, RequestIds, random},
};

/// The longest that one call to AWS's control plane may take, attempts and all.
const CALL_LIMIT: Duration = Duration::from_secs(8);

/// What a service is made of.
pub struct Settings {
    /// Under which address people reach it.
    pub public_url: Url,
    /// Origins of the platform's frontend.
    pub cors_origins: Vec<String>,
    /// How many proxies in front of it append to `x-forwarded-for`.
    pub trusted_proxies: u8,
    /// The customers' identity provider.
    pub jwt: Option<CustomerJwt>,
    /// The platform's own.
    pub operator_jwt: Option<JwtIssuer>,
    /// How AWS is reached, and what is asked of customers' accounts.
    pub aws: AwsConfig,
    /// The service's own AWS identity, with which roles are taken on; none: by API key and Cognito only.
    pub identity: Option<SharedCredentialsProvider>,
    /// What a tenant may use at a time …
    pub tenant_limit: Limit,
    /// … and each of its callers.
    pub caller_limit: Limit,
    /// How long the client of a stream is kept waiting.
    pub patience: Patience,
    /// How connections are looked at without anybody asking; none for never.
    pub sweep: Option<SweepSettings>,
    /// How long audit events are kept.
    pub audit_retention: Duration,
    /// Whether this is a demo: then every answer says so.
    pub demo: bool,
}

/// What every request shares. Cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

/// The parts of a [`Context`].
pub struct Inner {
    /// What it was made of.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// The master keys.
    pub ring: KeyRing,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How the service is.
    pub pulse: Pulse,
    /// Who calls.
    pub callers: Callers,
    /// What operators measure.
    pub metrics: Metrics,
    /// How AWS is called.
    pub aws: Aws,
    /// What it takes for our word, where roles trust our tokens.
    pub issuer: Arc<Issuer>,
    /// The right to call it as tenants.
    pub leases: Leases,
    /// What can be invoked, by connection.
    pub catalogues: Catalogues,
    /// Tests of connections under way.
    pub runs: Runs,
    /// Room for what conversations send and answer.
    pub room: Room,
    /// The way to Bedrock Runtime.
    pub transport: Transport,
    /// The registered models by name.
    pub routes: AllRoutes,
    /// What was mapped anew in vain.
    pub remaps: Remaps,
    /// Conversations under way.
    pub running: Running,
    /// What tenants may use at a time.
    pub limits: Limits,
    /// What conversations used lately.
    pub usage: Meter,
    /// What requests are called whose callers do not name them.
    pub(crate) request_ids: RequestIds,
    hash_key: OnceLock<HashKey>,
}

impl Context {
    /// A context that has not touched the database yet.
    pub fn new(settings: Settings, store: Store, ring: KeyRing, clock: Arc<dyn Clock>) -> Self {
        let callers = Callers::new(
            settings.jwt.clone().map(|jwt| {
                (
                    OidcVerifier::new(jwt.issuer, Arc::clone(&clock)),
                    jwt.tenant_claim,
                    jwt.role_claim,
                )
            }),
            settings
                .operator_jwt
                .clone()
                .map(|issuer| OidcVerifier::new(issuer, Arc::clone(&clock))),
            Arc::clone(&clock),
        );
        let aws = Aws::new(AwsSettings {
            endpoints: settings.aws.endpoints.clone(),
            identity: own_identity(&settings),
            clock: Arc::clone(&clock),
            entropy: Arc::new(OsEntropy),
            call_limit: CALL_LIMIT,
        });
        let issuer = Issuer::new(
            &settings.public_url,
            &settings.aws,
            Arc::clone(&clock),
            Arc::new(OsEntropy),
        );
        let limits = Limits::new(&clock, settings.tenant_limit, settings.caller_limit);
        Self(Arc::new_cyclic(|inner| Inner {
            settings,
            store,
            ring,
            pulse: Pulse::new(Arc::clone(&clock)),
            callers,
            metrics: Metrics::default(),
            leases: Leases::new(
                aws.clone(),
                Arc::new(StoredAccesses(inner.clone())),
                LeasesSettings::default(),
            ),
            transport: Transport::new(aws.clone()),
            aws,
            issuer: Arc::new(issuer),
            room: Room::default(),
            routes: AllRoutes::default(),
            remaps: Remaps::new(&clock),
            running: Running::default(),
            limits,
            catalogues: Catalogues::new(Arc::clone(&clock)),
            runs: Runs::new(Arc::clone(&clock)),
            usage: Meter::default(),
            request_ids: RequestIds::default(),
            clock,
            hash_key: OnceLock::new(),
        }))
    }

    /// The same context, for what it holds itself.
    pub(crate) fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    /// The context, while there is one.
    pub(crate) fn upgrade(inner: &Weak<Inner>) -> Option<Self> {
        inner.upgrade().map(Self)
    }

    /// What time it is.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A source of unguessable bytes.
    pub fn rng(&self) -> Random {
        random()
    }

    /// The key of keyed hashes; there is none before the database was reached.
    pub fn hash_key(&self) -> Option<&HashKey> {
        self.hash_key.get()
    }

    /// Checks schema, role and keys, and loads what must be known before the first request.
    ///
    /// # Errors
    /// [`store::Error::Unavailable`]: try again; anything else: this database must not be served with these keys.
    pub async fn prepare(&self) -> store::Result<()> {
        let mut tx = self.store.platform().await?;
        store::schema::check(&mut tx).await?;
        store::master_keys::enrol(&mut tx, &self.ring, self.now()).await?;
        let key =
            store::platform_secrets::hash_key(&mut tx, &self.ring, self.now(), &mut self.rng())
                .await?;
        tx.commit(&[], self.now()).await?;
        // A second call finds the same key.
        self.hash_key.get_or_init(|| key);
        match app::signing_keys::turn(self).await {
            Ok(()) => Ok(()),
            Err(error @ store::Error::Unavailable(_)) => Err(error),
            // Roles by token wait until it is mended; whoever connects in another way does not.
            Err(error) => {
                tracing::error!(error = chain(&error), "the issuer has no keys");
                Ok(())
            }
        }
    }

    /// Commits, and forgets here at once what the feed tells the other replicas: whoever was answered "revoked" may
    /// rely on it with the next request.
    ///
    /// # Errors
    /// [`store::Error::Unavailable`]: whether it was committed is then unknown.
    pub async fn commit(&self, tx: TenantTx, changes: &[Change]) -> store::Result<()> {
        tx.commit(changes, self.now()).await?;
        self.hear(&News::Changes(changes.to_vec()));
        Ok(())
    }

    /// Forgets what is not true any more.
    pub(crate) fn hear(&self, news: &News) {
        if !matches!(news, News::Changes(changes) if changes.is_empty()) {
            self.running.announce();
        }
        self.callers.hear(news);
        self.routes.hear(news);
        self.running.hear(self, news);
        let News::Changes(changes) = news else {
            self.leases.forget_all();
            self.catalogues.forget_all();
            return;
        };
        for change in changes {
            match *change {
                Change::Tenant(tenant) => {
                    self.leases.forget_tenant(tenant);
                    self.catalogues.forget_tenant(tenant);
                }
                Change::Access(tenant, access) => self.leases.forget(tenant, access),
                Change::Connection(tenant, connection) => {
                    self.catalogues.forget(tenant, connection);
                }
                Change::Unknown => {
                    self.leases.forget_all();
                    self.catalogues.forget_all();
                }
                Change::ApiKey(..)
                | Change::Session(..)
                | Change::Model(..)
                | Change::MasterKey => {}
            }
        }
    }
}

impl Deref for Context {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// As whom the service asks for roles; where it is, its ARN tells.
fn own_identity(settings: &Settings) -> Option<OwnIdentity> {
    let arn = settings.aws.principal_arn.as_deref()?;
    Some(OwnIdentity {
        credentials: settings.identity.clone()?,
        partition: arn.split(':').nth(1).and_then(Partition::named)?,
    })
}
