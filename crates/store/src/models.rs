//! Registered models: what a tenant offers for conversations, under an alias.

use domain::{ConnectionId, Cursor, Limit, ModelId, Page};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, TenantTx};

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
    /// `available`, `unverified`, or why it cannot be used.
    pub state: String,
    /// Why, as a code.
    pub state_reason: Option<String>,
    /// Since when.
    pub state_since: OffsetDateTime,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// What a model is and how it is called, as AWS told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The id it was registered by.
    pub model_id: String,
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
    pub alias: &'a str,
    /// How it is.
    pub state: &'a str,
    /// Why, as a code.
    pub state_reason: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    model_id: String,
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

impl From<Row> for Model {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            connection: row.connection_id.into(),
            facts: Facts {
                model_id: row.model_id,
                invoke_id: row.invoke_id,
                name: row.name,
                provider: row.provider,
                capabilities: row.capabilities,
                input_modalities: row.input_modalities,
                output_modalities: row.output_modalities,
            },
            alias: row.alias,
            is_default: row.is_default,
            state: row.state,
            state_reason: row.state_reason,
            state_since: row.state_since,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Registers a model.
///
/// # Errors
/// [`Error::Conflict`](crate::Error::Conflict) on [`ALIAS_TAKEN`] or [`REGISTERED`], or if there is no such connection;
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn insert(tx: &mut TenantTx, new: &NewModel<'_>, now: OffsetDateTime) -> Result<Model> {
    let row: Row = sqlx::query_as(
        "INSERT INTO models
           (tenant_id, id, connection_id, model_id, invoke_id, alias, name, provider, capabilities,
            input_modalities, output_modalities, state, state_reason, state_since, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14)
         RETURNING id, connection_id, model_id, invoke_id, alias, name, provider, capabilities, input_modalities,
                   output_modalities, state, state_reason, state_since, is_default, created_at, updated_at",
    )
    .bind(tx.tenant().uuid())
    .bind(new.id.uuid())
    .bind(new.connection.uuid())
    .bind(&new.facts.model_id)
    .bind(&new.facts.invoke_id)
    .bind(new.alias)
    .bind(&new.facts.name)
    .bind(&new.facts.provider)
    .bind(&new.facts.capabilities)
    .bind(&new.facts.input_modalities)
    .bind(&new.facts.output_modalities)
    .bind(new.state)
    .bind(new.state_reason)
    .bind(now)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.into())
}

/// The model of that id.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn find(tx: &mut TenantTx, id: ModelId) -> Result<Option<Model>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, connection_id, model_id, invoke_id, alias, name, provider, capabilities, input_modalities,
                output_modalities, state, state_reason, state_since, is_default, created_at, updated_at
         FROM models WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(Model::from))
}

/// Models, oldest first; of one connection if one is named.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn page(
    tx: &mut TenantTx,
    connection: Option<ConnectionId>,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Model>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, connection_id, model_id, invoke_id, alias, name, provider, capabilities, input_modalities,
                output_modalities, state, state_reason, state_since, is_default, created_at, updated_at
         FROM models WHERE tenant_id = $1 AND id > $2 AND ($3::uuid IS NULL OR connection_id = $3)
         ORDER BY id LIMIT $4",
    )
    .bind(tx.tenant().uuid())
    .bind(after.map_or(Uuid::nil(), Cursor::after))
    .bind(connection.map(ConnectionId::uuid))
    .bind(i64::from(limit.get()) + 1)
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter().map(Model::from).collect();
    Ok(Page::from_rows(rows, limit, |model| model.id.uuid()))
}

/// All models registered over a connection, oldest first.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn of_connection(tx: &mut TenantTx, connection: ConnectionId) -> Result<Vec<Model>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, connection_id, model_id, invoke_id, alias, name, provider, capabilities, input_modalities,
                output_modalities, state, state_reason, state_since, is_default, created_at, updated_at
         FROM models WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id",
    )
    .bind(tx.tenant().uuid())
    .bind(connection.uuid())
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(Model::from).collect())
}

/// Gives a model another alias. Returns it, or none if there is none of that id.
///
/// # Errors
/// [`Error::Conflict`](crate::Error::Conflict) on [`ALIAS_TAKEN`]; [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn rename(
    tx: &mut TenantTx,
    id: ModelId,
    alias: &str,
    now: OffsetDateTime,
) -> Result<Option<Model>> {
    let row: Option<Row> = sqlx::query_as(
        "UPDATE models SET alias = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2
         RETURNING id, connection_id, model_id, invoke_id, alias, name, provider, capabilities, input_modalities,
                   output_modalities, state, state_reason, state_since, is_default, created_at, updated_at",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(alias)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(Model::from))
}

/// Makes a model the tenant's default, in place of another; or none.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
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
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn set_state(
    tx: &mut TenantTx,
    id: ModelId,
    state: &str,
    reason: Option<&str>,
    now: OffsetDateTime,
) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE models SET state = $3, state_reason = $4, state_since = $5, updated_at = $5
         WHERE tenant_id = $1 AND id = $2 AND (state <> $3 OR state_reason IS DISTINCT FROM $4)",
    )
    .bind(tx.tenant().uuid())
    .bind(id.uuid())
    .bind(state)
    .bind(reason)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Unregisters a model. Returns its alias, or none if there is none of that id.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn delete(tx: &mut TenantTx, id: ModelId) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar("DELETE FROM models WHERE tenant_id = $1 AND id = $2 RETURNING alias")
            .bind(tx.tenant().uuid())
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?,
    )
}
