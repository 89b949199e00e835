//! Registered models: the model selector.

use axum::{Json, extract::State};
use bedrock::catalogue::Capability;
use domain::{Alias, ConnectionId, ModelId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::models::Filter;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::connections::Modalities;
use crate::{
    Context,
    api::{
        input::{Bodiless, Fields, Mutation, PathId},
        page::{List, PageParams},
        problem::{Problem, Problems},
        query::Query,
    },
    app::{
        self, Caller,
        models::{Edit, MOST_AT_ONCE, NewModel, NewModels, RegisteredModel},
    },
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(read, edit, unregister))
}

/// A model that is offered for conversations.
#[derive(Serialize, ToSchema)]
pub(super) struct Model {
    #[schema(example = "mod_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    /// What callers name it by, unique in the tenant.
    #[schema(example = "claude-sonnet-4-5")]
    alias: String,
    /// Whether it is the tenant's default.
    is_default: bool,
    /// The connection that it is invoked over.
    #[schema(example = "con_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    connection_id: String,
    #[schema(example = "eu-west-1")]
    region: String,
    /// The id that it was registered by.
    #[schema(example = "anthropic.claude-sonnet-4-5-20250929-v1:0")]
    model_id: String,
    /// What is sent to AWS to invoke it: its id, or that of an inference profile.
    #[schema(example = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0")]
    invoke_id: String,
    /// AWS's or the owner's name for it; null if no list has it.
    #[schema(required, example = "Claude Sonnet 4.5")]
    name: Option<String>,
    #[schema(required, example = "Anthropic")]
    provider: Option<String>,
    /// `converse`, `stream`, `embed`, `invoke` (with a body of the model's own), or `unknown` before it is tried.
    #[schema(example = json!(["converse", "stream"]))]
    capabilities: Vec<String>,
    modalities: Modalities,
    /// How it is now. `available`; `legacy`: AWS will end it; `unverified`: nobody knows before it is tried;
    /// `unavailable`: not before somebody does something about `state_reason`.
    #[schema(
        example = "available",
        pattern = "^(available|legacy|unverified|unavailable)$"
    )]
    state: &'static str,
    /// Why: a code of test reports, `not_verified` or `ownership_lost`.
    #[schema(required)]
    state_reason: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl Model {
    /// A model as it is at `now`.
    fn at(registered: RegisteredModel, now: OffsetDateTime) -> Self {
        let standing = registered.standing(now);
        let RegisteredModel { model, over } = registered;
        Self {
            id: model.id.to_string(),
            alias: model.alias,
            is_default: model.is_default,
            connection_id: model.connection.to_string(),
            region: over.connection.region.to_string(),
            model_id: model.facts.model_id,
            invoke_id: model.facts.invoke_id,
            name: model.facts.name,
            provider: model.facts.provider,
            capabilities: model.facts.capabilities,
            modalities: Modalities {
                input: model.facts.input_modalities,
                output: model.facts.output_modalities,
            },
            state: standing.state.as_str(),
            state_reason: standing.reason,
            created_at: model.created_at,
            updated_at: model.updated_at,
        }
    }
}

/// Models to be registered, all of them or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelsInput {
    /// Over which connection; the default one if absent.
    connection_id: Option<String>,
    #[schema(min_items = 1, max_items = 50)]
    models: Vec<ModelInput>,
}

/// A model to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelInput {
    /// An id or ARN of a model or inference profile: one that can be invoked over the connection, or any that AWS will
    /// know.
    #[schema(example = "anthropic.claude-sonnet-4-5-20250929-v1:0")]
    model_id: String,
    /// What callers will name it by; made of the id if absent.
    #[schema(example = "sonnet", pattern = "^[a-z0-9][a-z0-9._-]{0,63}$")]
    alias: Option<String>,
}

/// What was registered, in the order of the request.
#[derive(Serialize, ToSchema)]
pub(super) struct RegisteredModels {
    items: Vec<Model>,
}

/// What is to be changed; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelEdit {
    #[schema(example = "sonnet", pattern = "^[a-z0-9][a-z0-9._-]{0,63}$")]
    alias: Option<String>,
    /// Whether it is the tenant's default, in place of another.
    is_default: Option<bool>,
}

/// Register models
///
/// A base model is invoked in the way that the connection's region needs, such as by an inference profile. An id that no
/// list has is registered as `unverified`. The first model of a tenant becomes its default.
#[utoipa::path(post, path = "/v1/models",
    operation_id = "register_models", tag = "models", request_body = ModelsInput,
    security(("bearer" = []), ("session" = [])),
    params(("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 201, description = "Registered.", body = RegisteredModels), Problems))]
async fn register(
    State(context): State<Context>,
    caller: Caller,
    Mutation { input, once }: Mutation<ModelsInput>,
) -> Result<(StatusCode, Json<RegisteredModels>), Problem> {
    let mut fields = Fields::default();
    let connection =
        fields.parse_optional::<ConnectionId>("/connection_id", input.connection_id.as_deref());
    if !(1..=MOST_AT_ONCE).contains(&input.models.len()) {
        fields.note("/models", "must be 1 to 50 models");
    }
    let mut models = Vec::with_capacity(input.models.len());
    for (n, model) in input.models.into_iter().enumerate() {
        let alias =
            fields.parse_optional::<Alias>(&format!("/models/{n}/alias"), model.alias.as_deref());
        models.push(NewModel {
            model_id: model.model_id.trim().to_owned(),
            alias,
        });
    }
    fields.finish()?;
    let new = NewModels { connection, models };
    let registered = app::models::register(&context, &caller, new, once).await?;
    let now = context.now();
    let items = registered.into_iter().map(|model| Model::at(model, now));
    Ok((
        StatusCode::CREATED,
        Json(RegisteredModels {
            items: items.collect(),
        }),
    ))
}

/// List registered models
///
/// Oldest first, each as it is now.
#[utoipa::path(get, path = "/v1/models",
    operation_id = "list_models", tag = "models", security(("bearer" = []), ("session" = [])),
    params(PageParams,
        ("connection_id" = Option<String>, Query, description = "Registered over this connection."),
        ("capability" = Option<String>, Query, description = "`converse`, `stream`, `embed`, `invoke` or `unknown`.")),
    responses((status = 200, description = "Done.", body = List<Model>), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
    mut query: Query,
) -> Result<Json<List<Model>>, Problem> {
    let page = query.page();
    let filter = Filter {
        connection: query.parse("connection_id"),
        capability: query
            .parse::<Capability>("capability")
            .map(Capability::as_str),
    };
    query.finish()?;
    let page = app::models::list(&context, &caller, filter, page.after, page.limit).await?;
    let now = context.now();
    Ok(Json(List::from_page(
        page.map(|model| Model::at(model, now)),
    )))
}

/// Read a registered model
#[utoipa::path(get, path = "/v1/models/{id}",
    operation_id = "read_model", tag = "models", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = Model), Problems))]
async fn read(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ModelId>,
) -> Result<Json<Model>, Problem> {
    let model = app::models::read(&context, &caller, id).await?;
    Ok(Json(Model::at(model, context.now())))
}

/// Edit a registered model
///
/// Its alias, and whether it is the default.
#[utoipa::path(patch, path = "/v1/models/{id}",
    operation_id = "edit_model", tag = "models", request_body = ModelEdit,
    security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 200, description = "Done.", body = Model), Problems))]
async fn edit(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ModelId>,
    Mutation { input, once }: Mutation<ModelEdit>,
) -> Result<Json<Model>, Problem> {
    let mut fields = Fields::default();
    let alias = fields.parse_optional::<Alias>("/alias", input.alias.as_deref());
    fields.finish()?;
    let edit = Edit {
        alias,
        is_default: input.is_default,
    };
    let model = app::models::edit(&context, &caller, id, edit, once).await?;
    Ok(Json(Model::at(model, context.now())))
}

/// Unregister a model
///
/// Nothing is offered under its alias any more. If it was the default, there is none then.
#[utoipa::path(delete, path = "/v1/models/{id}",
    operation_id = "unregister_model", tag = "models", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 204, description = "Done; there is nothing to tell."), Problems))]
async fn unregister(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ModelId>,
    Bodiless(once): Bodiless,
) -> Result<StatusCode, Problem> {
    app::models::unregister(&context, &caller, id, once).await?;
    Ok(StatusCode::NO_CONTENT)
}
