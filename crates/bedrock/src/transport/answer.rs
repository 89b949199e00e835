//! An answer of Bedrock Runtime that has begun.

use std::time::Duration;

use bytes::Bytes;
use credential_provider::{Error, Result};
use http::{HeaderMap, Response, response::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{
    Frames,
    connections::Body,
    event::Source,
    refusal::{self, Refusal},
};

/// Longest answer that is read whole: images come as text.
const LONGEST: usize = 32 * 1_024 * 1_024;
/// Longest refusal that is read, and how long that may take.
const LONGEST_REFUSAL: usize = 64 * 1_024;
const REFUSAL_LIMIT: Duration = Duration::from_secs(5);
/// The header that names what went wrong.
const ERROR_TYPE: &str = "x-amzn-errortype";
const REQUEST_ID: &str = "x-amzn-requestid";

/// An answer. Its body arrives while it is read; dropping it ends the call.
pub struct Answer {
    source: Source,
    head: Parts,
    body: Body,
}

impl Answer {
    pub(super) fn new(operation: &'static str, response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let source = Source {
            operation,
            request_id: head.headers.get(REQUEST_ID).cloned(),
        };
        Self { source, head, body }
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// AWS's id of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.source.request_id()
    }

    /// The whole body, if it arrives within `limit`.
    ///
    /// # Errors
    /// That it did not, that the connection broke, or that it is longer than any answer.
    pub async fn bytes(mut self, limit: Duration) -> Result<Bytes> {
        let operation = self.operation();
        tokio::time::timeout(limit, self.read(LONGEST))
            .await
            .map_err(|_| Error::TimedOut { operation, limit })?
    }

    /// The body as the event stream that it is.
    pub fn frames(self) -> Frames {
        Frames::new(self)
    }

    /// That the answer is not what AWS answers.
    pub fn nonsense(&self) -> Error {
        self.source.nonsense(self.status())
    }

    /// What was asked.
    pub const fn operation(&self) -> &'static str {
        self.source.operation
    }

    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    /// Some refusals come with status 200.
    pub(super) fn is_refusal(&self) -> bool {
        !self.head.status.is_success() || self.head.headers.contains_key(ERROR_TYPE)
    }

    /// What AWS says against the request.
    pub(super) async fn refusal(mut self) -> Refusal {
        let body = tokio::time::timeout(REFUSAL_LIMIT, self.read(LONGEST_REFUSAL))
            .await
            .ok()
            .and_then(Result::ok)
            .unwrap_or_default();
        let kind = self.head.headers.get(ERROR_TYPE);
        let (code, message) = refusal::read(kind.and_then(|kind| kind.to_str().ok()), &body);
        let aws = self.source.error(self.status(), &code, &message);
        Refusal::new(aws, &self.head.headers)
    }

    /// The next bytes of the body, however long they take; `None` at its end.
    ///
    /// # Errors
    /// That the connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(_)) => {
                    return Err(Error::Broken {
                        operation: self.operation(),
                    });
                }
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    async fn read(&mut self, longest: usize) -> Result<Bytes> {
        match Limited::new(&mut self.body, longest).collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(self.nonsense()),
            Err(_) => Err(Error::Broken {
                operation: self.operation(),
            }),
        }
    }
}
