//! How many tokens a request would read, by Bedrock's CountTokens.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use bedrock::transport::Operation;
use dialects::anthropic::{Request, counted};

use super::{betas, claude, naming};
use crate::{
    Context,
    api::{data::payload::Payload, problem::Problem},
    app::conversations::Converser,
};

/// The longest that a count may take to arrive once it has begun.
const WHOLE: std::time::Duration = std::time::Duration::from_secs(30);

/// Count tokens
///
/// How many tokens a message would read; free of charge. AWS counts for some Claude models only, in their own regions.
#[utoipa::path(post, path = "/anthropic/v1/messages/count_tokens",
    operation_id = "anthropic_count_tokens", tag = "anthropic",
    security(("bearer" = []), ("x-api-key" = []), ("session" = [])),
    params(("anthropic-beta" = Option<String>, Header, description = "Betas, separated by commas.")),
    request_body(content = Object, content_type = "application/json", description = "A message's body."),
    responses((status = 200, description = "`input_tokens`.", body = Object),
        (status = "default", description = "Anthropic's error.", body = Object)))]
pub(super) async fn count(
    State(context): State<Context>,
    converser: Converser,
    mut payload: Payload,
) -> Result<Response, Problem> {
    let request = Request::read(&payload.bytes)?;
    let betas = betas(&payload.headers)?;
    let body = request.count(&betas);
    let model = request.model.into_owned();
    payload.replace(body.into())?;
    let route = claude::find(&context, &converser, &model).await?;
    let asking = payload.ask(context, converser, route, Operation::CountTokens);
    let asked = asking.await.map_err(|error| naming(&betas, error));
    let (answer, mut call) = asked?;
    let nonsense = answer.nonsense();
    let answer = answer.bytes(WHOLE).await;
    let counted = answer.and_then(|answer| counted(&answer).ok_or(nonsense));
    let count = counted.map_err(|error| call.fail(&error))?;
    call.finish();
    Ok(Json(count).into_response())
}
