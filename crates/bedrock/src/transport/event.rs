//! What a frame says: an event, or why there are no more.

use bytes::Bytes;
use credential_provider::{AwsError, Error, Result, classify};
use http::HeaderValue;

use super::{frame::Frame, refusal};

const EVENT_TYPE: &str = ":event-type";

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event(Frame);

impl Event {
    /// Its kind, such as `contentBlockDelta` or `chunk`.
    pub fn kind(&self) -> &str {
        self.0.header(EVENT_TYPE).unwrap_or_default()
    }

    /// Its payload, as AWS wrote it; JSON.
    pub fn payload(&self) -> Bytes {
        self.0.payload()
    }
}

/// Whose frames they are, for what is told of a failure.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) operation: &'static str,
    pub(super) request_id: Option<HeaderValue>,
}

impl Source {
    /// AWS's id of the request.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.request_id.as_ref()?.to_str().ok()
    }

    /// What a frame says.
    pub(super) fn event(&self, frame: Frame) -> Result<Event> {
        match frame.header(":message-type") {
            Some("event") if frame.header(EVENT_TYPE).is_some() => Ok(Event(frame)),
            Some("exception") => {
                let (code, text) = refusal::read(frame.header(":exception-type"), &frame.payload());
                Err(self.exception(&capitalised(&code), &text))
            }
            Some("error") => Err(self.exception(
                &capitalised(frame.header(":error-code").unwrap_or_default()),
                frame.header(":error-message").unwrap_or_default(),
            )),
            _ => Err(self.nonsense(200)),
        }
    }

    /// That the answer is not what AWS answers.
    pub(super) fn nonsense(&self, status: u16) -> Error {
        let words = "the answer could not be understood";
        Error::Faulty(self.error(status, "", words))
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
        classify(self.error(status, code, message))
    }

    /// What AWS says against the request.
    pub(super) fn error(&self, status: u16, code: &str, message: &str) -> AwsError {
        AwsError::new(self.operation, status, code, message, self.request_id())
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
