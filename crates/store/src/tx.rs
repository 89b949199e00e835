//! Transactions, each of one tenant or of the platform: the only way to the pool.

use std::{io, time::Duration};

use domain::TenantId;
use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use time::OffsetDateTime;

use crate::{
    Error, Result,
    changes::{self, Change},
};

/// Longest a statement may run before Postgres ends it.
const STATEMENT_TIMEOUT: &str = "10s";
/// Longest a statement may wait for a row another transaction holds.
const LOCK_TIMEOUT: &str = "5s";
/// Longest a request waits for a connection of the pool.
pub(crate) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest a transaction may stand still between two statements. Whoever writes holds the change counter at its end, so a
/// process that stops right there, or a host that vanishes, would hold up every writer of every replica. Less than
/// [`LOCK_TIMEOUT`], so that those who wait get their turn.
const IDLE_TIMEOUT: &str = "3s";
/// What writes says so: a caller who goes away while a transaction begins may leave it begun on a connection that goes back to
/// the pool, and the next one goes on in it. It has seen nothing yet, but it may have been begun to read only.
const READ_WRITE: &str = "BEGIN READ WRITE";
/// Longest that a connection may take to answer when it comes back to the pool.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(2);

/// The database, as the runtime role sees it.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Opens the database that `url` names. Connects when first used, so that a database that is
    /// away at start is an ordinary [`Error::Unavailable`].
    ///
    /// # Errors
    /// [`Error::Refused`] if the URL cannot be read.
    pub fn open(url: &str, max_connections: u32) -> Result<Self> {
        let options = connect_options(url)?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_release(|connection, _| Box::pin(require_answer(connection)))
            .connect_lazy_with(options);
        Ok(Self { pool })
    }

    /// A read-only transaction that sees the rows of `tenant` and no others.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn read(&self, tenant: TenantId) -> Result<TenantTx> {
        let tx = self.begin("BEGIN READ ONLY").await?;
        TenantTx { tx, tenant }.set_tenant().await
    }

    /// A transaction that reads and writes the rows of `tenant` and no others. It holds off the
    /// tenant's deletion until it ends, so that nothing is written into a tenant that is gone.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::TenantGone`].
    pub async fn write(&self, tenant: TenantId) -> Result<TenantTx> {
        let tx = self.begin(READ_WRITE).await?;
        let mut tx = TenantTx { tx, tenant }.set_tenant().await?;
        if tenant != TenantId::PLATFORM {
            tx.hold_tenant().await?;
        }
        Ok(tx)
    }

    /// A transaction over the platform's tables. It sees no row of any tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn platform(&self) -> Result<PlatformTx> {
        let mut tx = self.begin(READ_WRITE).await?;
        set_limits(&mut tx, None).await?;
        Ok(PlatformTx { tx })
    }

    async fn begin(&self, statement: &'static str) -> Result<Transaction<'static, Postgres>> {
        // On the heap: sqlx's future takes 14 KiB, and every future that holds it would take that too, and be moved about.
        Ok(Box::pin(self.pool.begin_with(statement)).await?)
    }

    /// How many connections are open, and how many of them wait for work.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Waits for running transactions, then closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Options for every connection of this service.
pub(crate) fn connect_options(url: &str) -> Result<PgConnectOptions> {
    use sqlx::ConnectOptions;

    // sqlx would log every statement; what they are bound to it never logs, but neither is of use.
    let options: PgConnectOptions = url.parse().map_err(Error::Refused)?;
    Ok(options
        .application_name("bedrock-integrations")
        .disable_statement_logging())
}

/// A transaction of one tenant. Dropped without [`commit`](Self::commit), it leaves nothing.
#[derive(Debug)]
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    tenant: TenantId,
}

impl TenantTx {
    /// Whose rows this transaction sees.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Commits, and tells every replica what to forget.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: whether it was committed is then unknown.
    pub async fn commit(mut self, changes: &[Change], now: OffsetDateTime) -> Result<()> {
        changes::append(&mut self.tx, changes, now).await?;
        Ok(self.tx.commit().await?)
    }

    /// The same transaction, from now on in the rows of another tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn enter(self, tenant: TenantId) -> Result<Self> {
        Self {
            tx: self.tx,
            tenant,
        }
        .set_tenant()
        .await
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    async fn set_tenant(mut self) -> Result<Self> {
        set_limits(&mut self.tx, Some(self.tenant)).await?;
        Ok(self)
    }

    /// `FOR SHARE` waits for a deletion under way, and makes a later one wait.
    async fn hold_tenant(&mut self) -> Result<()> {
        let held: Option<bool> = sqlx::query_scalar(
            "SELECT true FROM tenants WHERE id = $1 AND state <> 'deleted' FOR SHARE",
        )
        .bind(self.tenant.uuid())
        .fetch_optional(&mut *self.tx)
        .await?;
        held.map(|_| ()).ok_or(Error::TenantGone)
    }
}

/// A transaction over the platform's tables. Dropped without a commit, it leaves nothing.
#[derive(Debug)]
pub struct PlatformTx {
    tx: Transaction<'static, Postgres>,
}

impl PlatformTx {
    /// The same transaction, from now on in the rows of one tenant.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn enter(self, tenant: TenantId) -> Result<TenantTx> {
        TenantTx {
            tx: self.tx,
            tenant,
        }
        .set_tenant()
        .await
    }

    /// Commits, and tells every replica what to forget.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: whether it was committed is then unknown.
    pub async fn commit(mut self, changes: &[Change], now: OffsetDateTime) -> Result<()> {
        changes::append(&mut self.tx, changes, now).await?;
        Ok(self.tx.commit().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

/// The pool waits for a connection that comes back to answer, for ever if its host vanished: then nobody would ever get
/// its place. So it has to answer here first, in time.
async fn require_answer(connection: &mut PgConnection) -> sqlx::Result<bool> {
    tokio::time::timeout(RELEASE_TIMEOUT, connection.ping())
        .await
        .map_err(|_| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))??;
    Ok(true)
}

/// Limits and the tenant hold for this transaction only, so a pooler in transaction mode is fine.
async fn set_limits(connection: &mut PgConnection, tenant: Option<TenantId>) -> Result<()> {
    let tenant = tenant
        .map(|tenant| tenant.uuid().to_string())
        .unwrap_or_default();
    sqlx::query(
        "SELECT set_config('bi.tenant', $1, true),
                set_config('statement_timeout', $2, true),
                set_config('lock_timeout', $3, true),
                set_config('idle_in_transaction_session_timeout', $4, true)",
    )
    .bind(tenant)
    .bind(STATEMENT_TIMEOUT)
    .bind(LOCK_TIMEOUT)
    .bind(IDLE_TIMEOUT)
    .execute(connection)
    .await?;
    Ok(())
}

/// One connection outside of the pool, for what outlives a request.
pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    Ok(PgConnection::connect_with(&connect_options(url)?).await?)
}
