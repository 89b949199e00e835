//! A body that goes through as it is, and its share of what may be under way at a time.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
};
use http::{StatusCode, header::CONTENT_LENGTH};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    Context,
    api::problem::{Code, Problem},
};

/// The longest body: Bedrock takes documents and images of some 20 MB.
pub(crate) const LONGEST: usize = 25 * 1024 * 1024;
/// Bodies of requests that have not been answered yet, all together, in KiB.
const UNDER_WAY: usize = 512 * 1024;
/// Longest that a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
const KIB: usize = 1024;

/// The room for bodies under way on this replica.
#[derive(Debug, Clone)]
pub struct Payloads(Arc<Semaphore>);

impl Default for Payloads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(UNDER_WAY)))
    }
}

impl Payloads {
    /// Room for a body of that length.
    fn take(&self, length: usize) -> Option<OwnedSemaphorePermit> {
        let kib = u32::try_from(length / KIB + 1).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(kib).ok()
    }
}

/// A body, and its share.
pub(super) struct Payload {
    pub(super) bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

impl FromRequest<Context> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Problem> {
        let length = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > LONGEST) {
            return Err(too_long());
        }
        // What does not say how long it is may be as long as any.
        let share = context
            .payloads
            .take(length.unwrap_or(LONGEST))
            .ok_or_else(|| Problem::new(Code::Overloaded).retry_after(1))?;
        match tokio::time::timeout(PATIENCE, Bytes::from_request(request, context)).await {
            Ok(Ok(bytes)) => Ok(Self {
                bytes,
                _share: share,
            }),
            Ok(Err(BytesRejection::FailedToBufferBody(rejection)))
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Err(too_long())
            }
            Ok(Err(_)) => {
                Err(Problem::new(Code::MalformedBody).at("", "could not be read to its end"))
            }
            Err(_) => Err(Problem::new(Code::BodyTimeout).at("", "must arrive within 60 seconds")),
        }
    }
}

fn too_long() -> Problem {
    Problem::new(Code::BodyTooLarge).at("", "must be at most 25 MiB")
}
