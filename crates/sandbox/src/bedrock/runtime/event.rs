//! Frames of the runtime's event streams.

use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::frame;

/// What AWS fills events up with, so that their lengths tell nothing.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

/// An event of this type.
pub(crate) fn event(kind: &'static str, mut payload: Value) -> Bytes {
    let text = |text: &'static str| HeaderValue::String(text.into());
    let length = payload.to_string().len() % PADDING.len();
    payload["p"] = json!(&PADDING[..length]);
    let message = Message::new(payload.to_string())
        .add_header(Header::new(":event-type", text(kind)))
        .add_header(Header::new(":content-type", text("application/json")))
        .add_header(Header::new(":message-type", text("event")));
    frame(&message)
}

/// A part of a model's own stream.
pub(crate) fn chunk(payload: &Value) -> Bytes {
    let bytes = BASE64_STANDARD.encode(payload.to_string());
    event("chunk", json!({ "bytes": bytes }))
}
