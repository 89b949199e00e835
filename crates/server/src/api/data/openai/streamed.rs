//! A completion in chunks, and an event with an error for a stream that breaks, so that no client takes a part for the whole.

use std::convert::Infallible;

use axum::body::Bytes;
use bedrock::transport::{Batch, Operation};
use credential_provider::Error as AwsFailure;
use dialects::openai::{Chunks, DONE};
use futures_util::{Stream, stream};

use super::form;
use crate::{
    api::data::stream::{Events, Next},
    app,
};

/// The chunks as they come; what came together goes together.
pub(super) fn server_sent(
    events: Events,
    chunks: Chunks,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let streamed = Streamed {
        events,
        chunks,
        is_over: false,
    };
    stream::unfold(streamed, async |mut streamed| {
        let bytes = streamed.next().await?;
        Some((Ok(bytes), streamed))
    })
}

/// A sign of life: a comment.
const ALIVE: &[u8] = b": still thinking\n\n";

/// A stream under way.
struct Streamed {
    events: Events,
    chunks: Chunks,
    is_over: bool,
}

impl Streamed {
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        Some(match self.events.next().await {
            Next::Batch(batch, failure) => self.write(batch, failure),
            Next::Silence => Bytes::from_static(ALIVE),
            Next::Failed(failure) => self.fail(&failure).into(),
            Next::Ended(error) => self.end(error).into(),
            Next::End if self.chunks.is_finished() => {
                self.is_over = true;
                Bytes::from_static(DONE)
            }
            Next::End => self.fail(&broken()).into(),
        })
    }

    fn write(&mut self, batch: Batch, failure: Option<AwsFailure>) -> Bytes {
        let mut bytes = Vec::new();
        let written = batch.flatten().try_for_each(|event| {
            self.chunks
                .write(event.kind(), &event.payload(), &mut bytes)
        });
        let failure = failure.or_else(|| written.is_err().then(broken));
        if let Some(failure) = failure {
            bytes.extend(self.fail(&failure));
        }
        // What is held back until it is known whether it is the answer is no silence.
        if bytes.is_empty() {
            return Bytes::from_static(ALIVE);
        }
        bytes.into()
    }

    fn fail(&mut self, failure: &AwsFailure) -> Vec<u8> {
        let error = self.events.fail(failure);
        self.end(error)
    }

    fn end(&mut self, error: app::Error) -> Vec<u8> {
        self.is_over = true;
        form::event(error)
    }
}

/// That a stream ended without its last event, or with what is none.
const fn broken() -> AwsFailure {
    AwsFailure::Broken {
        operation: Operation::ConverseStream.name(),
    }
}
