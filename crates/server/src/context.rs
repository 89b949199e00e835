//! What every request shares.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
    time::Duration,
};

use domain::Clock;
use store::{
    Store, TenantTx,
    changes::{Change, News},
};
use time::OffsetDateTime;
use url::Url;
use vault::{HashKey, KeyRing};

use crate::{
    auth::{Callers, OidcVerifier},
    config::{AwsConfig, CustomerJwt, JwtIssuer},
    metrics::Metrics,
    pulse::Pulse,
    random::{Random, random},
};

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
        Self(Arc::new(Inner {
            settings,
            store,
            ring,
            pulse: Pulse::new(Arc::clone(&clock)),
            clock,
            callers,
            metrics: Metrics::default(),
            hash_key: OnceLock::new(),
        }))
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
        Ok(())
    }

    /// Commits, and forgets here at once what the feed tells the other replicas: whoever was answered "revoked" may
    /// rely on it with the next request.
    ///
    /// # Errors
    /// [`store::Error::Unavailable`]: whether it was committed is then unknown.
    pub async fn commit(&self, tx: TenantTx, changes: &[Change]) -> store::Result<()> {
        tx.commit(changes, self.now()).await?;
        self.callers.hear(&News::Changes(changes.to_vec()));
        Ok(())
    }
}

impl Deref for Context {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
