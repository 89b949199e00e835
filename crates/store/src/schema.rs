//! What the database must look like before it is served: migrated to this version, and a role that owns nothing.

use sqlx::{PgConnection, migrate::Migrator};

use crate::{PlatformTx, Result};

/// The migrations, in the repository's root.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Tables of which every row is one tenant's, with what the runtime role may do there.
pub const TENANT_TABLES: [(&str, &str); 9] = [
    ("accesses", "SELECT, INSERT, UPDATE, DELETE"),
    ("api_keys", "SELECT, INSERT, UPDATE, DELETE"),
    // Appended and aged out, never changed.
    ("audit_events", "SELECT, INSERT, DELETE"),
    ("connections", "SELECT, INSERT, UPDATE, DELETE"),
    ("idempotency_keys", "SELECT, INSERT, UPDATE, DELETE"),
    ("models", "SELECT, INSERT, UPDATE, DELETE"),
    ("secrets", "SELECT, INSERT, UPDATE, DELETE"),
    ("sessions", "SELECT, INSERT, DELETE"),
    ("usage_days", "SELECT, INSERT, UPDATE, DELETE"),
];

/// Tables without tenant data, with what the runtime role may do there.
pub const PLATFORM_TABLES: [(&str, &str); 12] = [
    ("_sqlx_migrations", "SELECT"),
    ("change_counter", "SELECT, UPDATE"),
    ("changes", "SELECT, INSERT, DELETE"),
    ("claims", "SELECT, INSERT, UPDATE, DELETE"),
    // A generated external ID is its tenant's for ever.
    ("external_ids", "SELECT, INSERT"),
    ("leases", "SELECT, INSERT, UPDATE"),
    ("master_keys", "SELECT, INSERT, UPDATE"),
    ("password_attempts", "SELECT, INSERT, UPDATE, DELETE"),
    ("password_refusals", "SELECT, INSERT, UPDATE, DELETE"),
    ("platform_secrets", "SELECT, INSERT, UPDATE"),
    ("signing_keys", "SELECT, INSERT, UPDATE, DELETE"),
    // A deleted tenant stays as a tombstone.
    ("tenants", "SELECT, INSERT, UPDATE"),
];

/// Why this database must not be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Migrations are missing.
    #[error("the database's schema is older than this program: run `bedrock-integrations migrate`")]
    Older,
    /// It has migrations that this program does not know.
    #[error("the database's schema is newer than this program: start the newer program")]
    Newer,
    /// A migration was changed after it was applied.
    #[error(
        "migration {0} of the database is not the one this program knows: \
         start the program that made this database, or restore a backup"
    )]
    Different(i64),
    /// The role could switch the tenant barrier off.
    #[error(
        "the database role {role} {why}, so the tenant barrier would not hold: name a plain role in DATABASE_URL, \
         the owner in BI_MIGRATE_DATABASE_URL, and run `bedrock-integrations migrate`"
    )]
    Privileged {
        /// The role.
        role: String,
        /// What makes it too powerful.
        why: &'static str,
    },
    /// A table's rows are not kept apart by tenant any more.
    #[error(
        "the table {table} does not keep tenants apart: as its owner, run \
         `ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY` and leave it one policy, \
         `CREATE POLICY tenant ON {table} USING (tenant_id = current_tenant())`"
    )]
    Barrier {
        /// The table.
        table: String,
    },
}

/// Holds role, schema and the tenant barrier against what may be served.
///
/// # Errors
/// [`Error::Unfit`](crate::Error::Unfit); [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn check(tx: &mut PlatformTx) -> Result<()> {
    require_plain(tx.connection(), None).await?;
    compare(&applied(tx.connection()).await?)?;
    barrier(tx.connection()).await
}

/// Version and checksum of each migration that was applied, in order.
pub(crate) async fn applied(connection: &mut PgConnection) -> Result<Vec<(i64, Vec<u8>)>> {
    let migrated: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !migrated {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as(
        "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version",
    )
    .fetch_all(connection)
    .await?)
}

pub(crate) fn compare(applied: &[(i64, Vec<u8>)]) -> Result<(), Unfit> {
    for (version, checksum) in applied {
        match MIGRATIONS.iter().find(|known| known.version == *version) {
            None => return Err(Unfit::Newer),
            Some(known) if known.checksum.as_ref() != checksum.as_slice() => {
                return Err(Unfit::Different(*version));
            }
            Some(_) => {}
        }
    }
    if applied.len() < MIGRATIONS.iter().count() {
        Err(Unfit::Older)
    } else {
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Role {
    rolname: String,
    rolsuper: bool,
    rolbypassrls: bool,
    rolcreaterole: bool,
    migrates: bool,
    owns: bool,
}

/// Refuses a role that could switch the tenant barrier off: the one named, which need not be there yet and is none that
/// this connection may do the work of, or else the connection's own.
pub(crate) async fn require_plain(
    connection: &mut PgConnection,
    named: Option<&str>,
) -> Result<()> {
    // A role is as powerful as whatever it may become with SET ROLE; and who owns a schema may replace its tables.
    let role: Option<Role> = sqlx::query_as(
        "SELECT it.rolname::text, bool_or(other.rolsuper) AS rolsuper,
                bool_or(other.rolbypassrls) AS rolbypassrls, bool_or(other.rolcreaterole) AS rolcreaterole,
                $1 IS NOT NULL AND pg_has_role(it.oid, current_user, 'MEMBER') AS migrates,
                EXISTS (SELECT FROM pg_class
                        WHERE relnamespace = current_schema()::regnamespace
                          AND pg_has_role(it.oid, relowner, 'MEMBER'))
                  OR EXISTS (SELECT FROM pg_namespace
                             WHERE oid = current_schema()::regnamespace
                               AND pg_has_role(it.oid, nspowner, 'MEMBER')) AS owns
         FROM pg_roles AS it JOIN pg_roles AS other ON pg_has_role(it.oid, other.oid, 'MEMBER')
         WHERE it.rolname = coalesce($1::text, current_user)
         GROUP BY it.oid, it.rolname",
    )
    .bind(named)
    .fetch_optional(connection)
    .await?;
    let Some(role) = role else {
        return Ok(());
    };
    let why = if role.rolsuper {
        "is a superuser, or may become one"
    } else if role.rolbypassrls {
        "may bypass row-level security"
    } else if role.rolcreaterole {
        // Before version 16 such a role may make itself a member of any other.
        "may make roles"
    } else if role.migrates || role.owns {
        "owns the tables or their schema, or belongs to a role that does"
    } else {
        return Ok(());
    };
    Err(Unfit::Privileged {
        role: role.rolname,
        why,
    }
    .into())
}

/// Refuses a database where a tenant's table lost what keeps tenants apart, by a restore or by hand.
async fn barrier(connection: &mut PgConnection) -> Result<()> {
    let open: Option<String> = sqlx::query_scalar(
        "SELECT name FROM unnest($1::text[]) AS name
           LEFT JOIN pg_class ON pg_class.oid = to_regclass(quote_ident(name))
         WHERE NOT coalesce(
           relrowsecurity AND relforcerowsecurity AND (
             -- Permissive policies add up: one more would let more rows through.
             SELECT count(*) = 1 AND bool_and(
               polname = 'tenant' AND polpermissive AND polcmd = '*' AND polroles = '{0}'
               AND polwithcheck IS NULL
               AND pg_get_expr(polqual, polrelid) = '(tenant_id = current_tenant())')
             FROM pg_policy WHERE polrelid = pg_class.oid), false)
         ORDER BY name LIMIT 1",
    )
    .bind(TENANT_TABLES.map(|(table, _)| table))
    .fetch_optional(connection)
    .await?;
    match open {
        Some(table) => Err(Unfit::Barrier { table }.into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<(i64, Vec<u8>)> {
        MIGRATIONS
            .iter()
            .map(|m| (m.version, m.checksum.to_vec()))
            .collect()
    }

    #[test]
    fn older_newer_and_different_schemas_are_told_apart() {
        assert_eq!(compare(&known()), Ok(()));
        assert_eq!(compare(&known()[1..]), Err(Unfit::Older));
        assert_eq!(compare(&[]), Err(Unfit::Older));
        let mut newer = known();
        newer.push((9_999, vec![1]));
        assert_eq!(compare(&newer), Err(Unfit::Newer));
        let mut different = known();
        different[0].1[0] ^= 1;
        assert_eq!(compare(&different), Err(Unfit::Different(known()[0].0)));
    }
}
