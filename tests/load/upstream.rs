//! What answers for Bedrock Runtime: always the same, as fast as it can, so that the rest can be measured.

use std::{convert::Infallible, error::Error, sync::Arc};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use serde_json::{Value, json};

use crate::server::serve;

/// The model that answers in Anthropic's form.
pub(crate) const CLAUDE: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
/// The model whose streams do not end.
pub(crate) const ENDLESS: &str = "amazon.nova-micro-v1:0";
/// The events of a stream that ends, and those among them that say something.
const EVENTS: usize = 50;
const DELTAS: usize = EVENTS - 4;

/// What a model answers.
struct Form {
    whole: Bytes,
    frames: Arc<[Bytes]>,
}

/// Serves it; the URL.
pub(crate) async fn run() -> String {
    let forms = Arc::new([converse(), messages()]);
    serve(move |request| answer(request, Arc::clone(&forms))).await
}

async fn answer(
    request: Request<Incoming>,
    forms: Arc<[Form; 2]>,
) -> Response<impl Body<Data = Bytes, Error = Box<dyn Error + Send + Sync>>> {
    let path = request.uri().path();
    let streams = path.ends_with("stream");
    let is_asked = |model: &str| path.contains(model.trim_end_matches(":0"));
    let times = if is_asked(ENDLESS) { usize::MAX } else { 1 };
    let form = &forms[usize::from(is_asked(CLAUDE))];
    request.into_body().collect().await.unwrap();
    let (content_type, body) = if streams {
        let frames = Arc::clone(&form.frames);
        let frames = stream::iter(0..frames.len().saturating_mul(times)).then(move |n| {
            let frame = frames[n % frames.len()].clone();
            async {
                // Each is written before the next one is there.
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(Frame::data(frame))
            }
        });
        let body = Either::Left(StreamBody::new(frames));
        ("application/vnd.amazon.eventstream", body)
    } else {
        let whole = Full::new(form.whole.clone());
        ("application/json", Either::Right(whole))
    };
    Response::builder()
        .header(CONTENT_TYPE, content_type)
        .header("x-amzn-requestid", "0b6c2a34-6d0e-4b57-9e2a-0c4c5f5e3f3b")
        .body(body)
        .unwrap()
}

/// As Converse answers.
fn converse() -> Form {
    let usage = json!({ "inputTokens": 12, "outputTokens": 22, "totalTokens": 34 });
    let metrics = json!({ "latencyMs": 1 });
    let content = [json!({ "text": "word ".repeat(20) })];
    let whole = json!({
        "metrics": metrics,
        "output": { "message": { "role": "assistant", "content": content } },
        "stopReason": "end_turn",
        "usage": usage,
    });
    let delta = |n| json!({ "contentBlockIndex": 0, "delta": { "text": format!(" word{n}") }, "p": "abcdefghijklmnop" });
    let start = frame("messageStart", &json!({ "role": "assistant" }));
    let deltas = (0..DELTAS).map(|n| frame("contentBlockDelta", &delta(n)));
    let end = [
        frame("contentBlockStop", &json!({ "contentBlockIndex": 0 })),
        frame("messageStop", &json!({ "stopReason": "end_turn" })),
        frame("metadata", &json!({ "metrics": metrics, "usage": usage })),
    ];
    Form {
        whole: whole.to_string().into(),
        frames: [start].into_iter().chain(deltas).chain(end).collect(),
    }
}

/// As InvokeModel answers for Claude.
fn messages() -> Form {
    let message = |content: Value, stop_reason: Value| {
        json!({
            "id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude",
            "content": content, "stop_reason": stop_reason, "stop_sequence": null,
            "usage": { "input_tokens": 12, "output_tokens": 22 },
        })
    };
    let content = json!([{ "type": "text", "text": "word ".repeat(20) }]);
    let whole = message(content, "end_turn".into());
    let delta = |n| json!({ "type": "text_delta", "text": format!(" word{n}") });
    let start = json!({ "type": "message_start", "message": message(json!([]), Value::Null) });
    let block = json!({ "type": "text", "text": "" });
    let begins = json!({ "type": "content_block_start", "index": 0, "content_block": block });
    // A block that begins takes the place of one delta.
    let deltas = (1..DELTAS)
        .map(|n| json!({ "type": "content_block_delta", "index": 0, "delta": delta(n) }));
    let end = [
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": { "output_tokens": 22 } }),
        json!({
            "type": "message_stop",
            "amazon-bedrock-invocationMetrics": { "inputTokenCount": 12, "outputTokenCount": 22 },
        }),
    ];
    let events = [start, begins].into_iter().chain(deltas).chain(end);
    let chunk = |event: Value| {
        let bytes = STANDARD.encode(event.to_string());
        frame("chunk", &json!({ "bytes": bytes, "p": "abcdefghijklmnop" }))
    };
    Form {
        whole: whole.to_string().into(),
        frames: events.map(chunk).collect(),
    }
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
