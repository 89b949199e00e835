//! The change feed: what replicas must forget, in the order of commit.
//!
//! A number comes from one counter row, as the last statement before the commit. The row's lock is
//! held until the commit, so numbers are gapless and become visible in order. (A sequence read with
//! `id > last` skips whoever drew a number early and committed late.)

use domain::{AccessId, ConnectionId, KeyId, ModelId, SessionId, TenantId};
use sqlx::{PgConnection, PgPool, postgres::PgListener};
use time::OffsetDateTime;
use uuid::Uuid;
use vault::{KeyRing, Version};

use crate::{Error, PlatformTx, Result, master_keys, tx};

/// The most changes that one poll returns.
const BATCH: i64 = 1_000;
/// The channel that hastens the poll. Its payload is empty: the truth is in the table.
const CHANNEL: &str = "bi_changes";

/// Something that replicas may have cached and must forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A tenant's name or state, and with it whatever its callers may do.
    Tenant(TenantId),
    /// An API key was made or revoked.
    ApiKey(TenantId, KeyId),
    /// A console session ended.
    Session(TenantId, SessionId),
    /// An AWS access was edited, lost its proof or its account, or is gone: its leases are void.
    Access(TenantId, AccessId),
    /// A connection was made, changed or disconnected.
    Connection(TenantId, ConnectionId),
    /// A model was registered, changed or unregistered.
    Model(TenantId, ModelId),
    /// Another master-key version is active.
    MasterKey,
    /// A kind that a newer version writes: forget everything.
    Unknown,
}

impl Change {
    fn columns(self) -> (&'static str, Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Tenant(tenant) => ("tenant", Some(tenant.uuid()), None),
            Self::ApiKey(tenant, key) => ("api_key", Some(tenant.uuid()), Some(key.uuid())),
            Self::Session(tenant, session) => {
                ("session", Some(tenant.uuid()), Some(session.uuid()))
            }
            Self::Access(tenant, access) => ("access", Some(tenant.uuid()), Some(access.uuid())),
            Self::Connection(tenant, connection) => {
                ("connection", Some(tenant.uuid()), Some(connection.uuid()))
            }
            Self::Model(tenant, model) => ("model", Some(tenant.uuid()), Some(model.uuid())),
            Self::MasterKey => ("master_key", None, None),
            Self::Unknown => ("unknown", None, None),
        }
    }

    fn from_columns(kind: &str, tenant: Option<Uuid>, subject: Option<Uuid>) -> Self {
        let tenant = tenant.map(TenantId::from);
        match (kind, tenant, subject) {
            ("tenant", Some(tenant), _) => Self::Tenant(tenant),
            ("api_key", Some(tenant), Some(key)) => Self::ApiKey(tenant, key.into()),
            ("session", Some(tenant), Some(session)) => Self::Session(tenant, session.into()),
            ("access", Some(tenant), Some(access)) => Self::Access(tenant, access.into()),
            ("connection", Some(tenant), Some(connection)) => {
                Self::Connection(tenant, connection.into())
            }
            ("model", Some(tenant), Some(model)) => Self::Model(tenant, model.into()),
            ("master_key", ..) => Self::MasterKey,
            _ => Self::Unknown,
        }
    }
}

/// What a poll found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// These changes, oldest first; empty if nothing happened.
    Changes(Vec<Change>),
    /// Changes were pruned unread, or the database is another one: forget everything.
    Missed,
}

/// A reader of the feed, with a connection of its own, so that a full pool does not blind it.
#[derive(Debug)]
pub struct Feed {
    connection: PgConnection,
    cursor: i64,
}

impl Feed {
    /// Starts to read after `cursor`, or at the end if there is none. Whoever starts at the end
    /// must have empty caches.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn open(url: &str, cursor: Option<i64>) -> Result<Self> {
        let mut connection = tx::connect(url).await?;
        let cursor = match cursor {
            Some(cursor) => cursor,
            None => {
                sqlx::query_scalar("SELECT value FROM change_counter")
                    .fetch_one(&mut connection)
                    .await?
            }
        };
        Ok(Self { connection, cursor })
    }

    /// The number of the last change read.
    pub const fn cursor(&self) -> i64 {
        self.cursor
    }

    /// The master-key version that seals; see [`master_keys::active`].
    ///
    /// # Errors
    /// As there.
    pub async fn master_key(&mut self, ring: &KeyRing) -> Result<Version> {
        master_keys::sealing_version(&mut self.connection, ring).await
    }

    /// What happened since the last poll.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: open the feed again at [`cursor`](Self::cursor).
    pub async fn poll(&mut self) -> Result<News> {
        // One statement, so one snapshot: the counter and the rows belong together.
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT counter.value, c.number, c.kind, c.tenant_id, c.subject
             FROM change_counter counter LEFT JOIN changes c ON c.number > $1
             ORDER BY c.number LIMIT $2",
        )
        .bind(self.cursor)
        .bind(BATCH)
        .fetch_all(&mut self.connection)
        .await?;
        let last = rows
            .first()
            .map(|row| row.value)
            .ok_or(Error::Unreadable("change_counter"))?;
        let changes: Vec<_> = rows.iter().filter_map(Row::change).collect();
        // Numbers have no gap: where one is missing, or the counter moved on without a row, something was pruned unread.
        let numbers = changes.iter().map(|(number, _)| *number);
        let is_gapless = numbers.eq((self.cursor + 1..).take(changes.len()));
        if !is_gapless || (changes.is_empty() && last != self.cursor) {
            self.cursor = last;
            return Ok(News::Missed);
        }
        self.cursor = changes.last().map_or(self.cursor, |(number, _)| *number);
        Ok(News::Changes(
            changes.into_iter().map(|(_, change)| change).collect(),
        ))
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    value: i64,
    number: Option<i64>,
    kind: Option<String>,
    tenant_id: Option<Uuid>,
    subject: Option<Uuid>,
}

impl Row {
    fn change(&self) -> Option<(i64, Change)> {
        let (number, kind) = (self.number?, self.kind.as_deref()?);
        Some((
            number,
            Change::from_columns(kind, self.tenant_id, self.subject),
        ))
    }
}

/// Wakes the reader early. Behind a pooler in transaction mode it never fires, and the poll alone carries.
pub struct Hints {
    listener: PgListener,
    pool: PgPool,
}

impl Hints {
    /// Starts to listen.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn open(url: &str) -> Result<Self> {
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(tx::ACQUIRE_TIMEOUT)
            .connect_lazy_with(tx::connect_options(url)?);
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self { listener, pool })
    }

    /// Ends the connection in order.
    pub async fn close(self) {
        drop(self.listener);
        self.pool.close().await;
    }

    /// Returns when something may have changed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the connection is lost: open it again.
    pub async fn next(&mut self) -> Result<()> {
        match self.listener.try_recv().await? {
            Some(_) => Ok(()),
            None => Err(Error::Unavailable(sqlx::Error::WorkerCrashed)),
        }
    }
}

/// Appends to the feed. Must be the transaction's last statement: the counter's lock holds up every other writer.
pub(crate) async fn append(
    connection: &mut PgConnection,
    changes: &[Change],
    now: OffsetDateTime,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let (kinds, (tenants, subjects)): (Vec<_>, (Vec<_>, Vec<_>)) = changes
        .iter()
        .map(|change| {
            let (kind, tenant, subject) = change.columns();
            (kind, (tenant, subject))
        })
        .unzip();
    sqlx::query(
        "WITH counter AS (
           UPDATE change_counter SET value = value + cardinality($1::text[])
           RETURNING value - cardinality($1::text[]) AS before
         ), appended AS (
           INSERT INTO changes (number, kind, tenant_id, subject, at)
           SELECT counter.before + c.position, c.kind, c.tenant_id, c.subject, $4
           FROM counter, unnest($1::text[], $2::uuid[], $3::uuid[])
             WITH ORDINALITY AS c (kind, tenant_id, subject, position)
           RETURNING number
         )
         SELECT pg_notify($5, '') FROM appended LIMIT 1",
    )
    .bind(kinds)
    .bind(tenants)
    .bind(subjects)
    .bind(now)
    .bind(CHANNEL)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets changes older than `before`; a reader that was away longer starts over. Only from the front: a writer whose
/// clock is wrong makes no gap.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn prune(tx: &mut PlatformTx, before: OffsetDateTime) -> Result<u64> {
    let pruned = sqlx::query(
        "DELETE FROM changes WHERE number < coalesce(
           (SELECT min(number) FROM changes WHERE at >= $1),
           (SELECT max(number) + 1 FROM changes))",
    )
    .bind(before)
    .execute(tx.connection())
    .await?;
    Ok(pruned.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_back() {
        let tenant = TenantId::from(Uuid::from_u128(1));
        for change in [
            Change::Tenant(tenant),
            Change::ApiKey(tenant, Uuid::from_u128(2).into()),
            Change::Session(tenant, Uuid::from_u128(3).into()),
            Change::MasterKey,
        ] {
            let (kind, tenant, subject) = change.columns();
            assert_eq!(Change::from_columns(kind, tenant, subject), change);
        }
    }

    #[test]
    fn a_kind_of_a_newer_version_empties_everything() {
        assert_eq!(
            Change::from_columns("connection", None, None),
            Change::Unknown
        );
        assert_eq!(Change::from_columns("tenant", None, None), Change::Unknown);
    }
}
