//! What answers for Bedrock Runtime: always the same, as fast as it can, so that the rest can be measured.

use std::{convert::Infallible, error::Error, sync::Arc};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use serde_json::{Value, json};

use crate::{process::report, server::serve};

/// The events of a stream.
const CHUNKS: usize = 50;

pub(crate) async fn run() {
    let (whole, frames) = (Bytes::from(whole().to_string()), frames());
    let url = serve(move |request| answer(request, whole.clone(), Arc::clone(&frames))).await;
    report(&json!({ "url": url }));
}

async fn answer(
    request: Request<Incoming>,
    whole: Bytes,
    frames: Arc<[Bytes]>,
) -> Response<impl Body<Data = Bytes, Error = Box<dyn Error + Send + Sync>>> {
    let streams = request.uri().path().ends_with("stream");
    request.into_body().collect().await.unwrap();
    let (content_type, body) = if streams {
        let frames = stream::iter(0..frames.len()).then(move |n| {
            let frame = frames[n].clone();
            async {
                // Each is written before the next one is there.
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(Frame::data(frame))
            }
        });
        let body = Either::Left(StreamBody::new(frames));
        ("application/vnd.amazon.eventstream", body)
    } else {
        ("application/json", Either::Right(Full::new(whole)))
    };
    Response::builder()
        .header(CONTENT_TYPE, content_type)
        .header("x-amzn-requestid", "0b6c2a34-6d0e-4b57-9e2a-0c4c5f5e3f3b")
        .body(body)
        .unwrap()
}

fn whole() -> Value {
    json!({
        "metrics": { "latencyMs": 1 },
        "output": { "message": { "role": "assistant", "content": [{ "text": "word ".repeat(20) }] } },
        "stopReason": "end_turn",
        "usage": usage(),
    })
}

fn usage() -> Value {
    json!({ "inputTokens": 12, "outputTokens": 22, "totalTokens": 34 })
}

/// Deltas, and at last what was used.
fn frames() -> Arc<[Bytes]> {
    let delta = |n| json!({ "contentBlockIndex": 0, "delta": { "text": format!(" word{n}") }, "p": "abcdefghijklmnop" });
    let deltas = (1..CHUNKS).map(|n| frame("contentBlockDelta", &delta(n)));
    let last = frame(
        "metadata",
        &json!({ "metrics": { "latencyMs": 1 }, "usage": usage() }),
    );
    deltas.chain([last]).collect()
}

fn frame(event: &'static str, payload: &Value) -> Bytes {
    let header = |name: &'static str, value: &'static str| {
        Header::new(name, HeaderValue::String(value.into()))
    };
    let message = Message::new(payload.to_string())
        .add_header(header(":event-type", event))
        .add_header(header(":content-type", "application/json"))
        .add_header(header(":message-type", "event"));
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes.into()
}
