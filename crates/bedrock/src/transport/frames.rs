//! The event stream of an answer, event by event.

use std::time::Duration;

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use bytes::{Bytes, BytesMut};
use credential_provider::{AwsError, Error, Result, classify};

use super::{Answer, refusal};

/// More than any frame of AWS's has; what claims to be longer is nonsense.
const LONGEST_FRAME: u32 = 24 * 1_024 * 1_024;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its kind, such as `contentBlockDelta` or `chunk`.
    pub kind: String,
    /// Its payload; JSON.
    pub payload: Bytes,
}

/// The events of an answer.
pub struct Frames {
    answer: Answer,
    decoder: MessageFrameDecoder,
    buffer: BytesMut,
    /// Whether the buffer begins with a frame of which the decoder has seen nothing.
    is_between: bool,
}

impl Frames {
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            answer,
            decoder: MessageFrameDecoder::new(),
            buffer: BytesMut::new(),
            is_between: true,
        }
    }

    /// The next event, if one comes within `idle`; `None` when the stream has ended.
    ///
    /// # Errors
    /// What AWS says in mid-stream, silence, a connection that broke, or bytes that are no event.
    pub async fn next(&mut self, idle: Duration) -> Result<Option<Event>> {
        let operation = self.answer.operation();
        tokio::time::timeout(idle, self.read())
            .await
            .map_err(|_| Error::TimedOut {
                operation,
                limit: idle,
            })?
    }

    async fn read(&mut self) -> Result<Option<Event>> {
        loop {
            // A frame begins with its length, and what claims to be longer than any is not waited for.
            if self.is_between
                && let Some(length) = self.buffer.first_chunk()
            {
                self.is_between = false;
                if u32::from_be_bytes(*length) > LONGEST_FRAME {
                    return Err(self.answer.nonsense());
                }
            }
            let decoded = self.decoder.decode_frame(&mut self.buffer);
            match decoded.map_err(|_| self.answer.nonsense())? {
                DecodedFrame::Complete(message) => {
                    self.is_between = true;
                    return self.event(&message).map(Some);
                }
                DecodedFrame::Incomplete => {}
            }
            match self.answer.chunk().await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None if self.buffer.is_empty() => return Ok(None),
                None => {
                    return Err(Error::Unreachable {
                        operation: self.answer.operation(),
                    });
                }
            }
        }
    }

    fn event(&self, message: &Message) -> Result<Event> {
        let header = |name: &str| {
            let header = message
                .headers()
                .iter()
                .find(|header| header.name().as_str() == name)?;
            header
                .value()
                .as_string()
                .ok()
                .map(aws_smithy_types::str_bytes::StrBytes::as_str)
        };
        let payload = message.payload();
        match header(":message-type") {
            Some("event") => {
                let kind = header(":event-type").ok_or_else(|| self.answer.nonsense())?;
                Ok(Event {
                    kind: kind.to_owned(),
                    payload: payload.clone(),
                })
            }
            Some("exception") => {
                let (code, text) = refusal::read(header(":exception-type"), payload);
                Err(self.exception(&capitalised(&code), &text))
            }
            Some("error") => Err(self.exception(
                header(":error-code").unwrap_or_default(),
                header(":error-message").unwrap_or_default(),
            )),
            _ => Err(self.answer.nonsense()),
        }
    }

    /// A refusal in mid-stream, with the status that it would have had before.
    fn exception(&self, code: &str, message: &str) -> Error {
        let status = match code {
            "ThrottlingException" => 429,
            "ModelTimeoutException" => 408,
            "ModelStreamErrorException" => 424,
            "ServiceUnavailableException" => 503,
            "InternalServerException" => 500,
            _ => 400,
        };
        classify(AwsError::new(
            self.answer.operation(),
            status,
            code,
            message,
            self.answer.request_id(),
        ))
    }
}

/// Exceptions in a stream are written like fields: `throttlingException`.
fn capitalised(code: &str) -> String {
    let mut letters = code.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}
