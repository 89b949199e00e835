//! Brings a database to this version, as its owner, and makes the role that serves it.

use std::{fmt, time::Duration};

use postgres_protocol::password::scram_sha_256;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    migrate::{MigrateError, Migrator},
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    Error, Result,
    schema::{self, MIGRATIONS, PLATFORM_TABLES, TENANT_TABLES, Unfit},
    tx,
};

/// Names the advisory lock: "bi" and "migrate" would do, a number it must be.
const LOCK: i64 = 0x6269_6d69_6772;
/// How long to wait for another migration.
const LOCK_PATIENCE: Duration = Duration::from_secs(60);
/// How often to try. Waiting inside Postgres would hold a snapshot, and `CREATE INDEX CONCURRENTLY` waits for those.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// The role that serves: its name, and the password it gets if it has to be made.
#[derive(Clone)]
pub struct RuntimeRole {
    /// The role's name.
    pub name: String,
    /// Its password; a role that exists keeps the one it has.
    pub password: Option<Zeroizing<String>>,
}

impl fmt::Debug for RuntimeRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeRole")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// How many migrations were applied; 0 if there was nothing to do.
    pub applied: usize,
    /// Whether the runtime role was made.
    pub role_made: bool,
}

/// Applies missing migrations, makes the runtime role if there is none of that name, and grants it what it needs.
/// Any number of processes may do so at once.
///
/// # Errors
/// [`Error::Unavailable`], also when another migration holds the lock for a minute; [`Error::Unfit`] if the schema is not
/// one this program knows, or a role of that name could switch the tenant barrier off: then nothing is changed;
/// [`Error::Refused`] when the owner may not do what is needed.
pub async fn migrate(owner_url: &str, runtime: &RuntimeRole) -> Result<Migrated> {
    let mut connection = tx::connect(owner_url).await?;
    lock(&mut connection).await?;
    // The lock goes with the connection, whatever happens below.
    schema::require_plain(&mut connection, Some(&runtime.name)).await?;
    let before = schema::applied(&mut connection).await?;
    match schema::compare(&before) {
        Ok(()) | Err(Unfit::Older) => {}
        Err(unfit) => return Err(unfit.into()),
    }
    apply(&mut connection).await?;
    let after = schema::applied(&mut connection).await?;
    // All at once: who is served meanwhile never finds a privilege missing, and neither does who comes after a kill.
    let mut tx = connection.begin().await?;
    let role_made = make_role(&mut tx, runtime).await?;
    grant(&mut tx, &runtime.name).await?;
    tx.commit().await?;
    Ok(Migrated {
        applied: after.len().saturating_sub(before.len()),
        role_made,
    })
}

async fn apply(connection: &mut PgConnection) -> Result<()> {
    let mut migrator = Migrator::with_migrations(MIGRATIONS.iter().cloned().collect());
    // The lock is ours already, and sqlx would wait for it inside Postgres.
    migrator.set_locking(false);
    migrator.run(connection).await.map_err(|error| match error {
        // What the database said tells whether to try again.
        MigrateError::Execute(cause) => cause.into(),
        MigrateError::ExecuteMigration(cause, migration) => {
            tracing::error!(migration, "a migration failed");
            cause.into()
        }
        other => Error::Refused(other.into()),
    })
}

async fn lock(connection: &mut PgConnection) -> Result<()> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        let locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await?;
        if locked {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Error::Unavailable(sqlx::Error::PoolTimedOut));
        }
        tokio::time::sleep(LOCK_POLL).await;
    }
}

async fn make_role(connection: &mut PgConnection, runtime: &RuntimeRole) -> Result<bool> {
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
            .bind(&runtime.name)
            .fetch_one(&mut *connection)
            .await?;
    if exists {
        return Ok(false);
    }
    // Hashed here, so that the password itself is in no statement that a server might log.
    let verifier = runtime
        .password
        .as_ref()
        .map(|password| scram_sha_256(password.as_bytes()));
    let statement: String = sqlx::query_scalar(
        "SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD %L', $1, $2)",
    )
    .bind(&runtime.name)
    .bind(verifier)
    .fetch_one(&mut *connection)
    .await?;
    run(connection, statement).await?;
    Ok(true)
}

async fn grant(connection: &mut PgConnection, role: &str) -> Result<()> {
    // Everybody has these, unless an administrator took them from PUBLIC.
    let ways: Vec<String> = sqlx::query_scalar(
        "VALUES (format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), $1)),
                (format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), $1)),
                (format('GRANT EXECUTE ON FUNCTION current_tenant() TO %I', $1))",
    )
    .bind(role)
    .fetch_all(&mut *connection)
    .await?;
    for statement in ways {
        run(connection, statement).await?;
    }
    for (table, privileges) in TENANT_TABLES.iter().chain(&PLATFORM_TABLES) {
        let statements: Vec<String> = sqlx::query_scalar(
            "VALUES (format('REVOKE ALL ON %I FROM %I', $1, $3)),
                    (format('GRANT %s ON %I TO %I', $2, $1, $3))",
        )
        .bind(table)
        .bind(privileges)
        .bind(role)
        .fetch_all(&mut *connection)
        .await?;
        for statement in statements {
            run(connection, statement).await?;
        }
    }
    Ok(())
}

/// Runs a statement whose names Postgres itself quoted: such statements take no parameters.
async fn run(connection: &mut PgConnection, quoted: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(quoted))
        .execute(connection)
        .await?;
    Ok(())
}
