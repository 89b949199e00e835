//! The tenant's Claude models, as Anthropic lists models.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use dialects::anthropic::{Model, Paging, page};
use http::Uri;
use store::models::State as Standing;
use time::format_description::well_known::Rfc3339;

use super::claude::is_claude;
use crate::{
    Context,
    api::{
        input::PathText,
        problem::{Code, Problem},
    },
    app::{
        Caller,
        conversations::{self, Route},
    },
};

/// List Claude models
///
/// The registered models that speak Messages, the newest first, by their aliases.
#[utoipa::path(get, path = "/anthropic/v1/models",
    operation_id = "anthropic_list_models", tag = "anthropic",
    security(("bearer" = []), ("x-api-key" = []), ("session" = [])),
    params(("limit" = Option<u16>, Query, description = "1 to 1000; 20 if absent."),
        ("after_id" = Option<String>, Query, description = "The models behind this one."),
        ("before_id" = Option<String>, Query, description = "The models before this one.")),
    responses((status = 200, description = "A page.", body = Object),
        (status = "default", description = "Anthropic's error.", body = Object)))]
pub(super) async fn list(
    State(context): State<Context>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, Problem> {
    let query = uri.query().unwrap_or_default();
    let paging = Paging::read(url::form_urlencoded::parse(query.as_bytes()))?;
    let models = conversations::models(&context, &caller).await?;
    let claudes = models.iter().rev().filter(|it| is_claude(&it.model.facts));
    let claudes: Vec<_> = claudes.map(|route| told(route)).collect();
    Ok(Json(page(&claudes, &paging)?).into_response())
}

/// Read a Claude model
#[utoipa::path(get, path = "/anthropic/v1/models/{id}",
    operation_id = "anthropic_read_model", tag = "anthropic",
    security(("bearer" = []), ("x-api-key" = []), ("session" = [])),
    params(("id" = String, Path, description = "A registered model's alias, its id, or what AWS calls it.")),
    responses((status = 200, description = "The model.", body = Object),
        (status = "default", description = "Anthropic's error.", body = Object)))]
pub(super) async fn read(
    State(context): State<Context>,
    caller: Caller,
    PathText(name): PathText,
) -> Result<Response, Problem> {
    let route = conversations::model(&context, &caller, &name).await?;
    if !is_claude(&route.model.facts) {
        return Err(Problem::new(Code::NotFound).detail("It is no Claude model."));
    }
    Ok(Json(told(&route)).into_response())
}

fn told(route: &Route) -> Model {
    let model = &route.model;
    let name = model.facts.name.as_ref().unwrap_or(&model.alias);
    Model::new(
        model.alias.clone(),
        name.clone(),
        // Whatever the database can hold is a time that can be written.
        model.created_at.format(&Rfc3339).unwrap_or_default(),
        model.state == Standing::Legacy,
    )
}
