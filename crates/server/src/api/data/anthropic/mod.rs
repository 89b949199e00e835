//! Anthropic's Messages for Claude models: Anthropic's own clients find what they know below `/anthropic`, and Bedrock's
//! InvokeModel is asked. What is said in between is `dialects::anthropic`.

mod claude;
mod count_tokens;
pub(in crate::api) mod form;
mod messages;
mod models;
mod streamed;

use dialects::anthropic::{Betas, Refusal, Usage};
use http::{HeaderMap, HeaderName};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::problem::{Code, Problem},
    app::{self, usage::Tokens},
};

const BETAS: HeaderName = HeaderName::from_static("anthropic-beta");

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(messages::create))
        .routes(routes!(count_tokens::count))
        .routes(routes!(models::list))
        .routes(routes!(models::read))
}

impl From<Refusal> for Problem {
    fn from(Refusal(why): Refusal) -> Self {
        Self::new(Code::ValidationFailed).detail(why)
    }
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
        }
    }
}

fn betas(headers: &HeaderMap) -> Result<Betas, Refusal> {
    Betas::read(headers.get_all(BETAS).iter().map(AsRef::as_ref))
}

/// Bedrock does not tell which beta it does not know: those that it was told of are named beside its words.
fn naming(betas: &Betas, mut error: app::Error) -> app::Error {
    if let app::Error::Model(failure) = &mut error
        && let Some(aws) = &mut failure.diagnosis.aws
        && aws.message.contains("invalid beta flag")
    {
        aws.message = format!("{}; `anthropic-beta` names {betas}", aws.message);
    }
    error
}
