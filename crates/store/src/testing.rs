//! A database per test on a real Postgres of the test process's own. Only with the feature `testing`.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use local_postgres::{Cluster, Options};
use sqlx::{
    AssertSqlSafe, Connection, FromRow, PgConnection, PgPool,
    postgres::{PgPoolOptions, PgRow},
};
use tokio::sync::OnceCell;

use crate::{PlatformTx, RuntimeRole, Store, TenantTx, migrate};

/// The runtime role of every test database.
pub const ROLE: &str = "bi_runtime";
const TEMPLATE: &str = "bi_template";

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A migrated database that no other test sees.
pub struct Database {
    /// As the owner of its tables, a superuser.
    pub owner_url: String,
    /// As the role that serves.
    pub url: String,
}

impl Database {
    /// A migrated database.
    pub async fn new() -> Self {
        Self::copy(TEMPLATE).await
    }

    /// A database without any table.
    pub async fn empty() -> Self {
        Self::copy("template0").await
    }

    #[expect(
        clippy::unwrap_used,
        reason = "a test cannot go on without its database"
    )]
    async fn copy(template: &str) -> Self {
        let cluster = CLUSTER.get_or_init(cluster).await;
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&cluster.url("postgres").expose())
            .await
            .unwrap();
        let statement = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
        let url = cluster.url(&name);
        Self {
            owner_url: url.expose().to_string(),
            url: url.as_role(ROLE).expose().to_string(),
        }
    }

    /// The store as the service uses it.
    #[expect(
        clippy::unwrap_used,
        reason = "a test cannot go on without its database"
    )]
    pub fn store(&self) -> Store {
        Store::open(&self.url, 5).unwrap()
    }

    /// As the owner, past every barrier: for looking at what is really there.
    #[expect(
        clippy::unwrap_used,
        reason = "a test cannot go on without its database"
    )]
    pub fn owner(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(3)
            .connect_lazy(&self.owner_url)
            .unwrap()
    }
}

/// What a query answers to the owner of a database: for tests above the store, which has the only SQL.
#[expect(
    clippy::unwrap_used,
    reason = "a test cannot go on without its database"
)]
pub async fn ask<T>(owner_url: &str, query: &'static str) -> Vec<T>
where
    T: for<'row> FromRow<'row, PgRow> + Send + Unpin,
{
    let mut connection = PgConnection::connect(owner_url).await.unwrap();
    sqlx::query_as(query)
        .fetch_all(&mut connection)
        .await
        .unwrap()
}

/// What lies under a tenant's transaction: for statements without a filter of their own.
pub fn beneath(tx: &mut TenantTx) -> &mut PgConnection {
    tx.connection()
}

/// What lies under a transaction of the platform.
pub fn beneath_platform(tx: &mut PlatformTx) -> &mut PgConnection {
    tx.connection()
}

#[expect(
    clippy::unwrap_used,
    reason = "a test cannot go on without its database"
)]
async fn cluster() -> Cluster {
    let cluster = tokio::task::spawn_blocking(|| {
        #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
        let path = std::env::var_os("PATH");
        #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
        let bin = std::env::var_os("BI_POSTGRES_BIN").map(PathBuf::from);
        let temp = std::env::temp_dir();
        // Not in the target folder, which may be below a home that Postgres's user cannot enter.
        let cache = local_postgres::cache_in(&temp);
        let options = Options {
            bin,
            path,
            max_connections: 500,
            ..Options::new(cache)
        };
        Cluster::throwaway(&temp, &options)
    });
    let cluster = cluster.await.unwrap().unwrap();
    let admin = cluster.url("postgres");
    let mut connection = PgConnection::connect(&admin.expose()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {TEMPLATE}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let role = RuntimeRole {
        name: ROLE.to_owned(),
        password: Some(admin.password()),
    };
    migrate(&cluster.url(TEMPLATE).expose(), &role)
        .await
        .unwrap();
    cluster
}
