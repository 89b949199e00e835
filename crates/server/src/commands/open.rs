//! What a command needs before it can call a use-case: the database and the keys.

use std::{sync::Arc, time::Duration};

use aws_credential_types::provider::SharedCredentialsProvider;
use domain::{SystemClock, TenantId, TenantRef};
use store::Store;
use url::Url;
use vault::KeyRing;

use super::{Result, local::Local, output};
use crate::{
    Context, Settings,
    app::{self, Caller, conversations::Patience},
    cli::Database,
    config::{Config, Environment, Secret},
    identity::DefaultChain,
};

/// Longest that letting go of the database may take.
const CLOSING: Duration = Duration::from_secs(1);

/// A database and its keys, opened.
pub(super) struct Opened {
    pub(super) context: Context,
    /// How the database is reached.
    pub(super) url: Secret,
    local: Option<Local>,
}

impl Opened {
    /// For a command that does its work and ends.
    pub(super) async fn for_command(
        config: &Config,
        database: Database,
        environment: &Environment,
    ) -> Result<Self> {
        let opened = if database.local {
            refuse_both(config)?;
            Self::with_local(config, Local::reach(config, environment).await?).await?
        } else {
            Self::with_url(config)?
        };
        opened.context.prepare().await?;
        Ok(opened)
    }

    /// For the service, which waits for its database by itself.
    pub(super) async fn for_service(
        config: &Config,
        database: Database,
        environment: &Environment,
    ) -> Result<Self> {
        if database.local {
            refuse_both(config)?;
            let opened = Self::with_local(config, Local::start(config, environment).await?).await?;
            opened.local.iter().try_for_each(Local::share)?;
            Ok(opened)
        } else {
            Self::with_url(config)
        }
    }

    /// With a Postgres of this process's own.
    async fn with_local(config: &Config, local: Local) -> Result<Self> {
        let keys = match &config.master_key {
            Some(keys) => keys.clone(),
            None => local.master_key().await?,
        };
        let url = local.url.clone();
        let context = context(config, &url, ring(&keys)?, own_identity(config), false)?;
        Ok(Self {
            context,
            url,
            local: Some(local),
        })
    }

    fn with_url(config: &Config) -> Result<Self> {
        let url = config.database_url.clone().ok_or(
            "DATABASE_URL is not set: name a Postgres database, or use --local for a private one",
        )?;
        let keys = config.master_key.clone().ok_or(
            "BI_MASTER_KEY is not set: one `<version>:<base64 of 32 bytes>` a line; \
             `printf '1:%s\\n' \"$(openssl rand -base64 32)\"` makes one",
        )?;
        let context = context(config, &url, ring(&keys)?, own_identity(config), false)?;
        Ok(Self {
            context,
            url,
            local: None,
        })
    }

    /// Stops what this process started. A transaction that hangs is left to the database.
    pub(super) async fn close(self) -> Result<()> {
        let _ = tokio::time::timeout(CLOSING, self.context.store.close()).await;
        match self.local {
            Some(local) => local.stop().await,
            None => Ok(()),
        }
    }

    /// The tenant that somebody names by id or ref.
    pub(super) async fn tenant(&self, named: &str) -> Result<TenantId> {
        if let Ok(id) = named.parse::<TenantId>() {
            return Ok(
                app::tenants::read(&self.context, &Caller::command_line(None), id)
                    .await
                    .map_err(refused)?
                    .id,
            );
        }
        let tenant_ref: TenantRef = named.parse()?;
        let found = self
            .context
            .callers
            .tenant_by_ref(&self.context.store, &tenant_ref)
            .await?;
        found
            .map(|(id, _)| id)
            .ok_or_else(|| "there is no such tenant".into())
    }
}

/// A misplaced variable must not decide which database is changed.
pub(super) fn refuse_both(config: &Config) -> Result<()> {
    match config.database_url {
        Some(_) => {
            Err("DATABASE_URL is set, and --local names another database: drop one of them".into())
        }
        None => Ok(()),
    }
}

/// The master keys that somebody gave.
pub(super) fn ring(keys: &Secret) -> Result<KeyRing> {
    KeyRing::parse(keys.expose()).map_err(|error| format!("BI_MASTER_KEY is wrong: {error}").into())
}

/// A context over that database.
pub(super) fn context(
    config: &Config,
    url: &Secret,
    ring: KeyRing,
    identity: Option<SharedCredentialsProvider>,
    demo: bool,
) -> Result<Context> {
    let store = Store::open(url.expose(), config.database_connections)
        .map_err(|error| format!("DATABASE_URL is wrong: {}", output::chain(&error)))?;
    let settings = Settings {
        public_url: match &config.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://{}", config.listen))?,
        },
        cors_origins: config.cors_origins.clone(),
        trusted_proxies: config.trusted_proxies,
        jwt: config.jwt.clone(),
        operator_jwt: config.operator_jwt.clone(),
        aws: config.aws.clone(),
        identity,
        tenant_limit: config.tenant_limit,
        caller_limit: config.caller_limit,
        patience: Patience::default(),
        sweep: config.sweep,
        audit_retention: config.audit_retention,
        demo,
    };
    Ok(Context::new(settings, store, ring, Arc::new(SystemClock)))
}

/// As whom customers' roles are taken on: whoever AWS's tools would find here, if an ARN says that roles are.
pub(super) fn own_identity(config: &Config) -> Option<SharedCredentialsProvider> {
    config.aws.principal_arn.as_ref()?;
    Some(SharedCredentialsProvider::new(DefaultChain::default()))
}

/// A use-case's refusal, in words for a terminal.
pub(super) fn refused(error: app::Error) -> super::Error {
    match error {
        app::Error::Store(error) => error.into(),
        app::Error::NotFound => "there is no such thing".into(),
        app::Error::RefTaken => "another tenant has that ref".into(),
        app::Error::Denied(denied) => denied.into(),
        app::Error::Unusable(unusable) => {
            format!("{} {}", unusable.message, unusable.remedy).into()
        }
        app::Error::TooManyTests(seconds) | app::Error::LockedOut(seconds) => {
            format!("it was tried too often: wait {seconds} seconds").into()
        }
        _ => "this cannot be done from the command line".into(),
    }
}
