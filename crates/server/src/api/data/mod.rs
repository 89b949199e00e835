//! The data plane: conversations. Bodies pass through; nothing here waits for Postgres once caches are warm.

mod anthropic;
mod bedrock;
mod converse;
mod openai;
mod payload;
mod stream;
mod timed;
mod watched;
mod whole;

use axum::{Router, extract::DefaultBodyLimit};
use utoipa_axum::router::OpenApiRouter;

use crate::Context;

pub(crate) use payload::Payloads;

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
    Router::from(routes()).layer(DefaultBodyLimit::disable())
}
