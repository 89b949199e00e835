//! Connections: an AWS access used for Bedrock in one region.

use std::str::FromStr;

use domain::{AccessId, ConnectionId, Cursor, Limit, Name, Page, Region};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Result, TenantTx};

/// The index that keeps names apart.
pub const NAME_TAKEN: &str = "connections_name";

/// An access used for one integration in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The access it uses.
    pub access: AccessId,
    /// A name for people; none while it is only reserved.
    pub name: Option<String>,
    /// The region of its calls.
    pub region: Region,
    /// How it is.
    pub state: State,
    /// Why, as a code.
    pub state_reason: Option<String>,
    /// Since when.
    pub state_since: OffsetDateTime,
    /// Whether it is the tenant's default.
    pub is_default: bool,
    /// Counts changes.
    pub etag: i64,
    /// When it was last tested, and whether that passed.
    pub last_test: Option<(OffsetDateTime, bool)>,
    /// When the reservation lapses, while it is one.
    pub reserved_until: Option<OffsetDateTime>,
    /// When it was reserved or saved.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// How a connection is. `expiring` and `expired` are told when it is read, from the access's expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Reserved: its external ID is given out, nothing is saved.
    Pending,
    /// Saved without a test.
    Unverified,
    /// The last test passed.
    Healthy,
    /// It does not work.
    Failing,
}

/// A connection to be added.
#[derive(Debug)]
pub struct NewConnection<'a> {
    /// Its id.
    pub id: ConnectionId,
    /// The access it uses.
    pub access: AccessId,
    /// A name for people; none for a reservation.
    pub name: Option<&'a Name>,
    /// The region of its calls.
    pub region: &'a Region,
    /// How it is.
    pub state: State,
    /// When the reservation lapses.
    pub reserved_until: Option<OffsetDateTime>,
}

/// What an edit leaves of a connection.
#[derive(Debug)]
pub struct Update<'a> {
    /// Its name, if it gets another one.
    pub name: Option<&'a Name>,
    /// The region of its calls.
    pub region: &'a Region,
    /// How it is.
    pub state: State,
    /// Why, as a code.
    pub state_reason: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    access_id: Uuid,
    name: Option<String>,
    region: String,
    state: String,
    state_reason: Option<String>,
    state_since: OffsetDateTime,
    is_default: bool,
    etag: i64,
    last_test_at: Option<OffsetDateTime>,
    last_test_ok: Option<bool>,
    reserved_until: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl State {
    const ALL: [Self; 4] = [
        Self::Pending,
        Self::Unverified,
        Self::Healthy,
        Self::Failing,
    ];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Unverified => "unverified",
            Self::Healthy => "healthy",
            Self::Failing => "failing",
        }
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(Error::Unreadable("connections.state"))
    }
}

impl TryFrom<Row> for Connection {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            access: row.access_id.into(),
            name: row.name,
            region: row
                .region
                .parse()
                .map_err(|_| Error::Unreadable("connections.region"))?,
            state: row.state.parse()?,
            state_reason: row.state_reason,
            state_since: row.state_since,
            is_default: row.is_default,
            etag: row.etag,
            last_test: row.last_test_at.zip(row.last_test_ok),
            reserved_until: row.reserved_until,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The columns of a connection.
macro_rules! columns {
    () => {
        "id, access_id, name, region, state, state_reason, state_since, is_default, etag, \
         last_test_at, last_test_ok, reserved_until, created_at, updated_at"
    };
}

/// Adds a connection.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_TAKEN`], or if there is no such access; [`Error::Unavailable`].
pub async fn insert(
    tx: &mut TenantTx,
    new: &NewConnection<'_>,
    now: OffsetDateTime,
) -> Result<Connection> {
    let row: Row = sqlx::query_as(
        concat!(
            "INSERT INTO connections
           (tenant_id, id, access_id, integration, name, region, state, state_since, reserved_until, created_at, updated_at)
         VALUES ($1, $2, $3, 'bedrock', $4, $5, $6, $7, $8, $7, $7)
         RETURNING ",
            columns!()
        )
    )
    .bind(tx.tenant().uuid())
    .bind(new.id.uuid())
    .bind(new.access.uuid())
    .bind(new.name.map(Name::as_str))
    .bind(new.region.as_str())
    .bind(new.state.as_str())
    .bind(now)
    .bind(new.reserved_until)
    .fetch_one(tx.connection())
    .await?;
    row.try_into()
}

/// The connection of that id.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(tx: &mut TenantTx, id: ConnectionId) -> Result<Option<Connection>> {
    let row: Option<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM connections WHERE tenant_id = $1 AND id = $2"
    ))
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Connection::try_from).transpose()
}

/// Connections, oldest first; reserved ones only if asked for.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(
    tx: &mut TenantTx,
    with_pending: bool,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Connection>> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM connections
         WHERE tenant_id = $1 AND id > $2 AND ($3 OR state <> 'pending') ORDER BY id LIMIT $4"
    ))
    .bind(tx.tenant().uuid())
    .bind(after.map_or(Uuid::nil(), Cursor::after))
    .bind(with_pending)
    .bind(i64::from(limit.get()) + 1)
    .fetch_all(tx.connection())
    .await?;
    let rows = connections(rows)?;
    Ok(Page::from_rows(rows, limit, |connection| {
        connection.id.uuid()
    }))
}

/// All connections over an access, oldest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_access(tx: &mut TenantTx, access: AccessId) -> Result<Vec<Connection>> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM connections WHERE tenant_id = $1 AND access_id = $2 ORDER BY id"
    ))
    .bind(tx.tenant().uuid())
    .bind(access.uuid())
    .fetch_all(tx.connection())
    .await?;
    connections(rows)
}

/// How many connections there are of each state.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count_by_state(tx: &mut TenantTx) -> Result<Vec<(State, u32)>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state, count(*) FROM connections WHERE tenant_id = $1 GROUP BY state ORDER BY state",
    )
    .bind(tx.tenant().uuid())
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|(state, count)| Ok((state.parse()?, u32::try_from(count).unwrap_or(u32::MAX))))
        .collect()
}

/// The tenant's default connection.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn default(tx: &mut TenantTx) -> Result<Option<ConnectionId>> {
    let id: Option<Uuid> = sqlx::query_scalar(
        "SELECT id FROM connections WHERE tenant_id = $1 AND integration = 'bedrock' AND is_default",
    )
    .bind(tx.tenant().uuid())
    .fetch_optional(tx.connection())
    .await?;
    Ok(id.map(ConnectionId::from))
}

/// How many reservations have not lapsed. Until the transaction ends nobody else counts them, so that of two that come at
/// once each sees the other.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count_pending(tx: &mut TenantTx, now: OffsetDateTime) -> Result<i64> {
    lock(tx).await?;
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM connections WHERE tenant_id = $1 AND state = 'pending' AND reserved_until > $2",
    )
    .bind(tx.tenant().uuid())
    .bind(now)
    .fetch_one(tx.connection())
    .await?)
}

/// Changes a connection; a reservation becomes a saved one. Returns it with its new etag, or none if there is none of
/// that id.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_TAKEN`]; [`Error::Unavailable`].
pub async fn update(
    tx: &mut TenantTx,
    id: ConnectionId,
    update: &Update<'_>,
    now: OffsetDateTime,
) -> Result<Option<Connection>> {
    let row: Option<Row> = sqlx::query_as(
        concat!(
            "UPDATE connections SET name = coalesce($3, name), region = $4, state = $5, state_reason = $6,
           state_since = CASE WHEN state = $5 AND state_reason IS NOT DISTINCT FROM $6 THEN state_since ELSE $7 END,
           reserved_until = NULL, updated_at = $7, etag = etag + 1, sweep_at = NULL, refusals = 0
         WHERE tenant_id = $1 AND id = $2
         RETURNING ",
            columns!()
        )
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(update.name.map(Name::as_str))
    .bind(update.region.as_str())
    .bind(update.state.as_str())
    .bind(update.state_reason)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    row.map(Connection::try_from).transpose()
}

/// Changes how a saved connection is. Returns whether that is news. Its etag stays: nobody edited it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn set_state(
    tx: &mut TenantTx,
    id: ConnectionId,
    state: State,
    reason: Option<&str>,
    now: OffsetDateTime,
) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE connections SET state = $3, state_reason = $4, state_since = $5, updated_at = $5
         WHERE tenant_id = $1 AND id = $2 AND state <> 'pending'
           AND (state <> $3 OR state_reason IS DISTINCT FROM $4)",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(state.as_str())
    .bind(reason)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Says that a connection is another one than who read it has seen: its access was edited over another one.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn raise_etag(tx: &mut TenantTx, id: ConnectionId) -> Result<()> {
    sqlx::query(
        "UPDATE connections SET etag = etag + 1, sweep_at = NULL, refusals = 0
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes a test.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn note_test(
    tx: &mut TenantTx,
    id: ConnectionId,
    passed: bool,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE connections SET last_test_at = $3, last_test_ok = $4, sweep_at = NULL, refusals = 0
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(now)
    .bind(passed)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes a saved connection the default, in place of another; or none. Returns which was it before.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn set_default(
    tx: &mut TenantTx,
    id: Option<ConnectionId>,
    now: OffsetDateTime,
) -> Result<Option<ConnectionId>> {
    lock(tx).await?;
    // Two statements: within one the index may see the new default before the old one is gone.
    let before: Option<Uuid> = sqlx::query_scalar(
        "UPDATE connections SET is_default = false, updated_at = $3, etag = etag + 1
         WHERE tenant_id = $1 AND is_default AND id IS DISTINCT FROM $2 RETURNING id",
    )
    .bind(tx.tenant().uuid())
    .bind(id.map(ConnectionId::uuid))
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    sqlx::query(
        "UPDATE connections SET is_default = true, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND state <> 'pending' AND NOT is_default",
    )
    .bind(tx.tenant().uuid())
    .bind(id.map(ConnectionId::uuid))
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(before.map(ConnectionId::from))
}

/// Makes a connection that was just saved the default, unless there is one.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn set_first_default(tx: &mut TenantTx, id: ConnectionId) -> Result<()> {
    lock(tx).await?;
    sqlx::query(
        "UPDATE connections SET is_default = true
         WHERE tenant_id = $1 AND id = $2
           AND NOT EXISTS (SELECT FROM connections WHERE tenant_id = $1 AND is_default)",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Deletes a connection and its registered models. The access stays.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn delete(tx: &mut TenantTx, id: ConnectionId) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM connections WHERE tenant_id = $1 AND id = $2")
        .bind(tx.tenant().uuid())
        .bind(id.uuid())
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// What concerns a tenant's connections is done by one transaction at a time, until it ends. Taken before any row of theirs
/// or of their accesses, and after a claim: one order, so that nobody waits in a circle.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('connections ' || $1::text, 0))")
        .bind(tx.tenant().uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

fn connections(rows: Vec<Row>) -> Result<Vec<Connection>> {
    rows.into_iter().map(Connection::try_from).collect()
}
