//! Converse with a registered model: Bedrock's body and answer as they are, whole or as server-sent events.

use std::convert::Infallible;

use axum::{
    body::Bytes,
    extract::{Extension, State},
    response::{IntoResponse, Response},
};
use bedrock::transport::{Batch, Operation};
use bytes::{BufMut, BytesMut};
use futures_util::stream;
use http::header;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    payload::Payload,
    stream::{Events, Next},
    watched::watched,
    whole::whole,
    written::written,
};
use crate::{
    Context,
    api::{
        events::wants_events,
        input::PathText,
        problem::{self, Problem, Problems},
    },
    app::conversations::{Converser, tokens},
    http::RequestId,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(converse))
}

/// Converse
///
/// The body and the answer are those of Bedrock's Converse, unknown members included; with `Accept: text/event-stream` the
/// events of ConverseStream, named as Bedrock names them. What fails before the first event has a status of its own; what
/// fails later, or after AWS was waited for in vain for 15 seconds and for an event for another 5, is an event `error` with a
/// problem. `{id}` is a registered model's id, what AWS calls it, or its alias.
#[utoipa::path(post, path = "/v1/models/{id}/converse",
    operation_id = "converse", tag = "conversations", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path)),
    request_body(content = Object, content_type = "application/json",
        description = "As in Bedrock's API reference: `messages`, `system`, `inferenceConfig`, `toolConfig`, …"),
    responses((status = 200, description = "The model's answer.",
        content((Object = "application/json"), (String = "text/event-stream")),
        headers(("server-timing" = String, description = "`own`: this service's share until the answer began; `upload`: waiting for what the client sent; `lease`: waiting for AWS credentials; `upstream`: waiting for AWS."))), Problems))]
async fn converse(
    State(context): State<Context>,
    converser: Converser,
    PathText(model): PathText,
    Extension(request_id): Extension<RequestId>,
    payload: Payload,
) -> Result<Response, Problem> {
    let route = converser.find(&context, &model).await?;
    Ok(if wants_events(&payload.headers) {
        let whose = converser.whose();
        let asking = payload.ask(context.clone(), converser, route, Operation::ConverseStream);
        let events = Events::begin(context, request_id, whose, Box::pin(asking)).await?;
        let body = watched(events.watch(), server_sent(events));
        ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
    } else {
        let asking = payload.ask(context.clone(), converser, route, Operation::Converse);
        let (answer, mut call) = asking.await?;
        let body = whole(answer, &mut call, |body| tokens::of_converse(body)).await?;
        written(&context, call.converser(), request_id, &body)
    })
}

/// What came together goes together.
fn server_sent(events: Events) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(events, async |mut events| {
        let bytes = match events.next().await {
            Next::Batch(batch, problem) => {
                // An event is shorter than its frame.
                let mut bytes = BytesMut::with_capacity(batch.bytes().len());
                write(&mut bytes, batch);
                if let Some(problem) = problem {
                    write_error(&mut bytes, &problem, events.request_id());
                }
                bytes.freeze()
            }
            Next::Silence => Bytes::from_static(b": still thinking\n\n"),
            Next::Failed(problem) => {
                let mut bytes = BytesMut::new();
                write_error(&mut bytes, &problem, events.request_id());
                bytes.freeze()
            }
            Next::End => return None,
        };
        Some((Ok(bytes), events))
    })
}

/// Events by Bedrock's names, with Bedrock's own payloads.
fn write(bytes: &mut BytesMut, batch: Batch) {
    for event in batch.flatten() {
        bytes.put_slice(b"event: ");
        bytes.put_slice(event.kind().as_bytes());
        bytes.put_slice(b"\ndata: ");
        // JSON on the wire has no line breaks of its own, but nobody promised that.
        for line in event
            .payload()
            .split(|byte| *byte == b'\n' || *byte == b'\r')
        {
            bytes.put_slice(line);
        }
        bytes.put_slice(b"\n\n");
    }
}

fn write_error(bytes: &mut BytesMut, problem: &Problem, request_id: &str) {
    let body = problem::Body::of(problem, request_id);
    bytes.put_slice(b"event: error\ndata: ");
    bytes.put_slice(&serde_json::to_vec(&body).unwrap_or_default());
    bytes.put_slice(b"\n\n");
}
