//! A stream: what Bedrock's frames carry are Anthropic's events, in base64.
//!
//! They go on as they are, Bedrock's metrics in the last one included: clients pass over members that they do not know,
//! and who asks for latency finds it nowhere else.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{ErrorKind, error};

/// A sign of life.
pub const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

/// A payload that holds no event.
#[derive(Debug, PartialEq, Eq)]
pub struct Nonsense;

/// A stream under way.
#[derive(Debug, Default)]
pub struct Events {
    event: Vec<u8>,
    usage: Usage,
    is_over: bool,
}

/// What an answer used, as far as it has told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read anew.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from a prompt cache.
    pub cache_read: u64,
    /// Tokens written to a prompt cache.
    pub cache_write: u64,
}

impl Events {
    /// Writes the event that the payload of a frame holds, as a server-sent event.
    ///
    /// # Errors
    /// That it holds none; nothing is written then.
    pub fn write(&mut self, payload: &[u8], to: &mut Vec<u8>) -> Result<(), Nonsense> {
        let Payload { bytes } = serde_json::from_slice(payload).map_err(|_| Nonsense)?;
        self.event.clear();
        BASE64_STANDARD
            .decode_vec(&*bytes, &mut self.event)
            .map_err(|_| Nonsense)?;
        let Event { kind } = serde_json::from_slice(&self.event).map_err(|_| Nonsense)?;
        let is_word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        if !kind.bytes().all(is_word) {
            return Err(Nonsense);
        }
        match &*kind {
            "message_start" => self.usage.learn(told::<Start>(&self.event)),
            "message_delta" => self.usage.learn(told::<Delta>(&self.event)),
            "message_stop" | "error" => self.is_over = true,
            _ => {}
        }
        write(&kind, &self.event, to);
        Ok(())
    }

    /// What was used until now.
    pub const fn usage(&self) -> Usage {
        self.usage
    }

    /// Whether the event that ends a stream has been written.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }
}

/// What a whole answer says that it used.
pub fn used(answer: &[u8]) -> Usage {
    let mut usage = Usage::default();
    usage.learn(told::<Delta>(answer));
    usage
}

/// An error in mid-stream, as an event.
pub fn error_event(kind: ErrorKind, message: &str, request_id: &str) -> Vec<u8> {
    let mut event = Vec::new();
    write("error", &error(kind, message, request_id), &mut event);
    event
}

fn write(kind: &str, data: &[u8], to: &mut Vec<u8>) {
    to.extend_from_slice(b"event: ");
    to.extend_from_slice(kind.as_bytes());
    to.extend_from_slice(b"\ndata: ");
    // JSON on the wire has no line breaks of its own, but nobody promised that.
    for line in data.split(|byte| *byte == b'\n' || *byte == b'\r') {
        to.extend_from_slice(line);
    }
    to.extend_from_slice(b"\n\n");
}

/// Best effort: what does not tell is an answer all the same.
fn told<'a, T: Deserialize<'a> + Into<Told>>(event: &'a [u8]) -> Told {
    serde_json::from_slice::<T>(event).map_or_else(|_| Told::default(), Into::into)
}

impl Usage {
    /// Counts grow: each replaces what was told before.
    fn learn(&mut self, told: Told) {
        for (count, told) in [
            (&mut self.input, told.input_tokens),
            (&mut self.output, told.output_tokens),
            (&mut self.cache_read, told.cache_read_input_tokens),
            (&mut self.cache_write, told.cache_creation_input_tokens),
        ] {
            *count = told.unwrap_or(*count);
        }
    }
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    bytes: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Start {
    message: Delta,
}

#[derive(Deserialize)]
struct Delta {
    usage: Told,
}

#[derive(Clone, Copy, Default, Deserialize)]
struct Told {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

impl From<Start> for Told {
    fn from(start: Start) -> Self {
        start.message.usage
    }
}

impl From<Delta> for Told {
    fn from(delta: Delta) -> Self {
        delta.usage
    }
}
