//! OpenAI's chat completions and embeddings: OpenAI's own clients find what they know below `/openai/v1`, and Bedrock's
//! Converse and InvokeModel are asked. What is said in between is `dialects::openai`.

mod chat;
mod embeddings;
pub(in crate::api) mod form;
mod models;
mod streamed;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(models::list))
        .routes(routes!(models::read))
        .routes(routes!(chat::complete))
        .routes(routes!(embeddings::embed))
}
