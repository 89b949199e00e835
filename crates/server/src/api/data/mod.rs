//! The data plane: conversations. Bodies pass through; nothing here waits for Postgres once caches are warm.

mod anthropic;
mod bedrock;
mod converse;
mod openai;
mod payload;
mod standing;
mod stream;
mod watched;
mod whole;

use axum::{Router, extract::DefaultBodyLimit, routing::any};
use utoipa_axum::router::OpenApiRouter;

use super::problem;
use crate::Context;

/// What the document describes.
pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(converse::routes())
        .merge(bedrock::routes())
        .merge(anthropic::routes())
        .merge(openai::routes())
}

/// The routes, whose bodies are bounded where they are read, and which may take minutes to answer.
pub(super) fn router() -> Router<Context> {
    Router::from(converse::routes())
        .merge(bedrock::router())
        .merge(anthropic::router())
        .merge(openai::router())
        .layer(DefaultBodyLimit::disable())
}

/// The routes of a door, and whatever else somebody looks for behind it: that is refused in the door's own form, too.
fn door(path: &str, routes: OpenApiRouter<Context>) -> Router<Context> {
    Router::from(routes)
        .route(&format!("{path}/{{*rest}}"), any(problem::no_such_path))
        .method_not_allowed_fallback(problem::no_such_method)
}
