//! Messages: a request becomes InvokeModel's, and the answer goes back as it is.

use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Response},
};
use bedrock::transport::Operation;
use dialects::anthropic::{Request, used};
use futures_util::TryFutureExt;
use http::header;

use super::{betas, claude, naming, streamed::server_sent};
use crate::{
    Context,
    api::{
        data::{
            payload::Payload, stream::Events, watched::watched, whole::whole, written::written,
        },
        problem::Problem,
    },
    app::conversations::Converser,
    http::RequestId,
};

/// Create a message
///
/// Anthropic's Messages, for Claude models: body, answer and events are Anthropic's own, as far as Bedrock has them.
#[utoipa::path(post, path = "/anthropic/v1/messages",
    operation_id = "anthropic_create_message", tag = "anthropic",
    security(("bearer" = []), ("x-api-key" = []), ("session" = [])),
    params(("anthropic-beta" = Option<String>, Header, description = "Betas, separated by commas.")),
    request_body(content = Object, content_type = "application/json",
        description = "As in Anthropic's API reference; `model` is a registered model's alias, its id, or what AWS calls it."),
    responses((status = 200, description = "The message, or its events if `stream` is true.",
        content((Object = "application/json"), (String = "text/event-stream"))),
        (status = "default", description = "Anthropic's error.", body = Object)))]
pub(super) async fn create(
    State(context): State<Context>,
    converser: Converser,
    Extension(request_id): Extension<RequestId>,
    mut payload: Payload,
) -> Result<Response, Problem> {
    let request = Request::read(&payload.bytes)?;
    let betas = betas(&payload.headers)?;
    let body = request.body(&betas);
    let (model, streams) = (request.model.into_owned(), request.streams);
    payload.replace(body.into())?;
    let route = claude::find(&context, &converser, &model).await?;
    let named = move |error| naming(&betas, error);
    Ok(if streams {
        let whose = converser.whose();
        let operation = Operation::InvokeModelWithResponseStream;
        let asking = payload.ask(context.clone(), converser, route, operation);
        let asking = Box::pin(asking.map_err(named));
        let events = Events::begin(context, request_id, whose, asking).await?;
        let body = watched(events.watch(), server_sent(events));
        ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
    } else {
        let asking = payload.ask(context.clone(), converser, route, Operation::InvokeModel);
        let (answer, mut call) = asking.await.map_err(named)?;
        let body = whole(answer, &mut call, |body| used(body).into()).await?;
        written(&context, call.converser(), request_id, &body)
    })
}
