//! The data plane: conversations. Bodies pass through; nothing here waits for Postgres once caches are warm.

pub(super) mod anthropic;
pub(super) mod bedrock;
mod converse;
pub(super) mod openai;
mod payload;
mod standing;
mod stream;
mod watched;
mod whole;
mod written;

use utoipa_axum::router::OpenApiRouter;

use crate::Context;

/// The routes, whose bodies are bounded where they are read, and which may take minutes to answer.
pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(converse::routes())
        .merge(bedrock::routes())
        .merge(anthropic::routes())
        .merge(openai::routes())
}
