//! A body that goes through as it is, and its share of what may be under way at a time.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{FromRequest, Request},
};
use bytes::BytesMut;
use futures_util::StreamExt;
use http::header::{CONTENT_LENGTH, EXPECT};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    Context,
    api::problem::{Code, Problem},
};

/// The longest body: Bedrock takes documents and images of some 20 MB.
const LONGEST: usize = 25 * 1024 * 1024;
/// Bodies that have not been sent to AWS yet, all together, in KiB.
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

/// A body, and its share until it was sent on.
pub(super) struct Payload {
    pub(super) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

/// Read only once the caller is known and may converse: the extractor before it sees to that.
impl FromRequest<Context> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Problem> {
        let length = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        // Who wants to be asked for the body has sent nothing of it yet.
        let waits = request.headers().contains_key(EXPECT);
        let body = request.into_body();
        let payload = async {
            if length.is_none_or(|length| length <= LONGEST) {
                return read(body, &context.payloads).await;
            }
            if !waits {
                discard(body.into_data_stream()).await;
            }
            Err(too_long())
        };
        tokio::time::timeout(PATIENCE, payload)
            .await
            .map_err(|_| too_slow())?
    }
}

/// What has arrived takes room, and nothing else does.
async fn read(body: Body, payloads: &Payloads) -> Result<Payload, Problem> {
    let mut stream = body.into_data_stream();
    let mut share: Option<OwnedSemaphorePermit> = None;
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(Code::MalformedBody).at("", "could not be read to its end")
        })?;
        length += chunk.len();
        if length > LONGEST {
            discard(stream).await;
            return Err(too_long());
        }
        let needed =
            length.div_ceil(KIB) - share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if needed > 0 {
            let more = u32::try_from(needed).unwrap_or(u32::MAX);
            let more = Arc::clone(&payloads.0)
                .try_acquire_many_owned(more)
                .map_err(|_| Problem::new(Code::Overloaded).retry_after(1))?;
            match &mut share {
                Some(share) => share.merge(more),
                None => share = Some(more),
            }
        }
        // Most bodies come in one piece, which is not copied.
        if first.is_empty() && rest.is_empty() {
            first = chunk;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&chunk);
        }
    }
    Ok(Payload {
        bytes: if rest.is_empty() {
            first
        } else {
            rest.freeze()
        },
        _share: share,
    })
}

/// Reads on and keeps nothing, as far again as a body may be long: who is still sending hears no answer.
async fn discard(mut stream: BodyDataStream) {
    let mut length = 0;
    while length <= LONGEST
        && let Some(Ok(chunk)) = stream.next().await
    {
        length += chunk.len();
    }
}

fn too_long() -> Problem {
    Problem::new(Code::BodyTooLarge)
        .detail("A conversation's body is at most 25 MiB long.")
        .at("", "must be at most 25 MiB")
}

fn too_slow() -> Problem {
    Problem::new(Code::BodyTimeout)
        .detail("A conversation's body has 60 seconds to arrive.")
        .at("", "must arrive within 60 seconds")
}
