//! Registered models: what a tenant offers for conversations, under an alias.

use std::str::FromStr;

use domain::{Alias, ConnectionId, Cursor, Limit, ModelId, Page};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Error, Result, TenantTx};

/// The constraint that keeps aliases apart.
pub const ALIAS_TAKEN: &str = "models_tenant_id_alias_key";
/// The constraint that registers a model once per connection.
pub const REGISTERED: &str = "models_tenant_id_connection_id_invoke_id_key";

/// A registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its id.
    pub id: ModelId,
    /// The connection through which it is invoked.
    pub connection: ConnectionId,
    /// What it is and how it is called.
    pub facts: Facts,
    /// What callers name it by.
    pub alias: String,
    /// Whether it is the tenant's default.
    pub is_default: bool,
    /// How it is, as far as it was ever told.
    pub state: State,
    /// Why, as a code.
    pub state_reason: Option<String>,
    /// Since when.
    pub state_since: OffsetDateTime,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// How a registered model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can be invoked, as far as AWS's lists tell.
    Available,
    /// It can, but AWS will end it.
    Legacy,
    /// No list has it: nobody knows before it is tried.
    Unverified,
    /// It cannot.
    Unavailable,
}

/// Which models are looked for; what is not set admits all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Registered over this connection.
    pub connection: Option<ConnectionId>,
    /// That can do this.
    pub capability: Option<&'a str>,
}

/// What a model is and how it is called, as AWS told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The id it was registered by.
    pub model_id: String,
    /// The id of the base model that it is, reaches or was made from, if a list told.
    pub base_model_id: Option<String>,
    /// The id or ARN to send to AWS.
    pub invoke_id: String,
    /// AWS's name for it.
    pub name: Option<String>,
    /// Who makes it.
    pub provider: Option<String>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// What it takes.
    pub input_modalities: Vec<String>,
    /// What it gives.
    pub output_modalities: Vec<String>,
}

impl Facts {
    /// The id that says what it takes and gives: an ARN hides that.
    pub fn telling_id(&self) -> &str {
        self.base_model_id.as_deref().unwrap_or(&self.model_id)
    }
}

/// A model to be registered.
#[derive(Debug)]
pub struct NewModel<'a> {
    /// Its id.
    pub id: ModelId,
    /// The connection.
    pub connection: ConnectionId,
    /// What it is.
    pub facts: &'a Facts,
    /// What callers name it by.
    pub alias: &'a Alias,
    /// How it is.
    pub state: State,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    model_id: String,
    base_model_id: Option<String>,
    invoke_id: String,
    alias: String,
    name: Option<String>,
    provider: Option<String>,
    capabilities: Vec<String>,
    input_modalities: Vec<String>,
    output_modalities: Vec<String>,
    state: String,
    state_reason: Option<String>,
    state_since: OffsetDateTime,
    is_default: bool,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl State {
    const ALL: [Self; 4] = [
        Self::Available,
        Self::Legacy,
        Self::Unverified,
        Self::Unavailable,
    ];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Legacy => "legacy",
            Self::Unverified => "unverified",
            Self::Unavailable => "unavailable",
        }
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(Error::Unreadable("models.state"))
    }
}

impl TryFrom<Row> for Model {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            connection: row.connection_id.into(),
            facts: Facts {
                model_id: row.model_id,
                base_model_id: row.base_model_id,
                invoke_id: row.invoke_id,
                name: row.name,
                provider: row.provider,
                capabilities: row.capabilities,
                input_modalities: row.input_modalities,
                output_modalities: row.output_modalities,
            },
            alias: row.alias,
            is_default: row.is_default,
            state: row.state.parse()?,
            state_reason: row.state_reason,
            state_since: row.state_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The columns of a model.
macro_rules! columns {
    () => {
        "id, connection_id, model_id, base_model_id, invoke_id, alias, name, provider, capabilities, state, \
         input_modalities, output_modalities, state_reason, state_since, is_default, created_at, updated_at"
    };
}

/// Registers a model.
///
/// # Errors
/// [`Error::Conflict`] on [`ALIAS_TAKEN`] or [`REGISTERED`], or if there is no such connection;
/// [`Error::Unavailable`].
pub async fn insert(tx: &mut TenantTx, new: &NewModel<'_>, now: OffsetDateTime) -> Result<Model> {
    let row: Row = sqlx::query_as(
        concat!(
            "INSERT INTO models
           (tenant_id, id, connection_id, model_id, base_model_id, invoke_id, alias, name, provider, capabilities,
            input_modalities, output_modalities, state, state_since, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14)
         RETURNING ",
            columns!()
        )
    )
    .bind(tx.tenant().uuid())
    .bind(new.id.uuid())
    .bind(new.connection.uuid())
    .bind(&new.facts.model_id)
    .bind(&new.facts.base_model_id)
    .bind(&new.facts.invoke_id)
    .bind(new.alias.as_str())
    .bind(&new.facts.name)
    .bind(&new.facts.provider)
    .bind(&new.facts.capabilities)
    .bind(&new.facts.input_modalities)
    .bind(&new.facts.output_modalities)
    .bind(new.state.as_str())
    .bind(now)
    .fetch_one(tx.connection())
    .await?;
    row.try_into()
}

/// The model of that id.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(tx: &mut TenantTx, id: ModelId) -> Result<Option<Model>> {
    let row: Option<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM models WHERE tenant_id = $1 AND id = $2"
    ))
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(Model::try_from).transpose()
}

/// Models, oldest first, that `filter` admits.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(
    tx: &mut TenantTx,
    filter: Filter<'_>,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Model>> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM models
         WHERE tenant_id = $1 AND id > $2 AND ($3::uuid IS NULL OR connection_id = $3)
           AND ($4::text IS NULL OR $4 = ANY (capabilities))
         ORDER BY id LIMIT $5"
    ))
    .bind(tx.tenant().uuid())
    .bind(after.map_or(Uuid::nil(), Cursor::after))
    .bind(filter.connection.map(ConnectionId::uuid))
    .bind(filter.capability)
    .bind(i64::from(limit.get()) + 1)
    .fetch_all(tx.connection())
    .await?;
    let rows = models(rows)?;
    Ok(Page::from_rows(rows, limit, |model| model.id.uuid()))
}

/// All models of the tenant, oldest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn all(tx: &mut TenantTx) -> Result<Vec<Model>> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM models WHERE tenant_id = $1 ORDER BY id"
    ))
    .bind(tx.tenant().uuid())
    .fetch_all(tx.connection())
    .await?;
    models(rows)
}

/// All models registered over a connection, oldest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_connection(tx: &mut TenantTx, connection: ConnectionId) -> Result<Vec<Model>> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM models WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id"
    ))
    .bind(tx.tenant().uuid())
    .bind(connection.uuid())
    .fetch_all(tx.connection())
    .await?;
    models(rows)
}

/// Gives a model another alias. Returns it, or none if there is none of that id.
///
/// # Errors
/// [`Error::Conflict`] on [`ALIAS_TAKEN`]; [`Error::Unavailable`].
pub async fn rename(
    tx: &mut TenantTx,
    id: ModelId,
    alias: &Alias,
    now: OffsetDateTime,
) -> Result<Option<Model>> {
    let row: Option<Row> = sqlx::query_as(concat!(
        "UPDATE models SET alias = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2
         RETURNING ",
        columns!()
    ))
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(alias.as_str())
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    row.map(Model::try_from).transpose()
}

/// Says of all models registered over a connection that nobody knows whether they still work, since it goes to another
/// region. Returns them.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn doubt(
    tx: &mut TenantTx,
    connection: ConnectionId,
    now: OffsetDateTime,
) -> Result<Vec<ModelId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "UPDATE models SET state = 'unverified', state_reason = NULL, state_since = $3, updated_at = $3
         WHERE tenant_id = $1 AND connection_id = $2 RETURNING id",
    )
    .bind(tx.tenant().uuid())
    .bind(connection.uuid())
    .bind(now)
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(ModelId::from).collect())
}

/// Gives a model another id to be invoked by. Returns it, or none if there is none of that id, or another model is invoked
/// so over the same connection. The caller holds the [`lock`].
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn remap(
    tx: &mut TenantTx,
    id: ModelId,
    invoke_id: &str,
    now: OffsetDateTime,
) -> Result<Option<Model>> {
    let row: Option<Row> = sqlx::query_as(concat!(
        "UPDATE models AS it SET invoke_id = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2
           AND NOT EXISTS (SELECT FROM models other WHERE other.tenant_id = $1 AND other.id <> $2
                           AND other.connection_id = it.connection_id AND other.invoke_id = $3)
         RETURNING ",
        columns!()
    ))
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(invoke_id)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    row.map(Model::try_from).transpose()
}

/// Lets no other transaction register, rename, map anew or choose a default for the tenant until this one ends: aliases,
/// ids and the default concern all of its models.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn lock(tx: &mut TenantTx) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('models ' || $1::text, 0))")
        .bind(tx.tenant().uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Makes a model the tenant's default, in place of another; or none. The caller holds the [`lock`].
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn set_default(
    tx: &mut TenantTx,
    id: Option<ModelId>,
    now: OffsetDateTime,
) -> Result<()> {
    // Two statements: within one the index may see the new default before the old one is gone.
    sqlx::query(
        "UPDATE models SET is_default = false, updated_at = $3
         WHERE tenant_id = $1 AND is_default AND id IS DISTINCT FROM $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.map(ModelId::uuid))
    .bind(now)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "UPDATE models SET is_default = true, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND NOT is_default",
    )
    .bind(tx.tenant().uuid())
    .bind(id.map(ModelId::uuid))
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Changes how a model is. Returns whether that is news.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn set_state(
    tx: &mut TenantTx,
    id: ModelId,
    state: State,
    reason: Option<&str>,
    now: OffsetDateTime,
) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE models SET state = $3, state_reason = $4, state_since = $5, updated_at = $5
         WHERE tenant_id = $1 AND id = $2 AND (state <> $3 OR state_reason IS DISTINCT FROM $4)",
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

/// Unregisters a model. Returns its alias, or none if there is none of that id.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn delete(tx: &mut TenantTx, id: ModelId) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar("DELETE FROM models WHERE tenant_id = $1 AND id = $2 RETURNING alias")
            .bind(tx.tenant().uuid())
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?,
    )
}

fn models(rows: Vec<Row>) -> Result<Vec<Model>> {
    rows.into_iter().map(Model::try_from).collect()
}
