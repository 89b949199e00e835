//! The tenant's registered models, as OpenAI lists its own.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use dialects::openai::{ModelList, ModelObject};

use super::form::Refused;
use crate::{
    Context,
    api::input::PathText,
    app::{
        Caller,
        conversations::{self, Route},
    },
};

/// List models
///
/// All registered models, oldest first, by their aliases.
#[utoipa::path(get, path = "/openai/v1/models",
    operation_id = "openai_list_models", tag = "openai", security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "The models.", body = Object),
        (status = "default", description = "OpenAI's error.", body = Object)))]
pub(super) async fn list(
    State(context): State<Context>,
    caller: Caller,
) -> Result<Response, Refused> {
    let models = conversations::models(&context, &caller).await?;
    let list: ModelList<'_> = models.iter().map(|route| told(route)).collect();
    Ok(Json(list).into_response())
}

/// Read a model
#[utoipa::path(get, path = "/openai/v1/models/{id}",
    operation_id = "openai_read_model", tag = "openai", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path, description = "A registered model's alias, its id, or what AWS calls it.")),
    responses((status = 200, description = "The model.", body = Object),
        (status = "default", description = "OpenAI's error.", body = Object)))]
pub(super) async fn read(
    State(context): State<Context>,
    caller: Caller,
    PathText(name): PathText,
) -> Result<Response, Refused> {
    let route = conversations::model(&context, &caller, &name).await?;
    Ok(Json(told(&route)).into_response())
}

fn told(route: &Route) -> ModelObject<'_> {
    let model = &route.model;
    let provider = model.facts.provider.as_deref();
    ModelObject::new(
        &model.alias,
        model.created_at.unix_timestamp(),
        provider.unwrap_or("unknown"),
    )
}
