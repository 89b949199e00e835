//! A completion in chunks, and an event with an error for a stream that breaks, so that no client takes a part for the whole.

use std::convert::Infallible;

use axum::body::Bytes;
use bedrock::transport::{Batch, Operation};
use credential_provider::Error as AwsFailure;
use dialects::openai::{Chunks, DONE};
use futures_util::{Stream, stream};
use tokio::time::Instant;

use super::form;
use crate::api::{
    data::stream::{Events, Next},
    problem::Problem,
};

/// The chunks as they come; what came together goes together.
pub(super) fn server_sent(
    events: Events,
    chunks: Chunks,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let streamed = Streamed {
        events,
        chunks,
        told: Instant::now(),
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
    /// When the client was told something last.
    told: Instant,
    is_over: bool,
}

impl Streamed {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut bytes = self.heard().await?;
            // Some events say nothing to the client, and what may not be the answer is held back: that may not look like
            // the end of it either.
            if bytes.is_empty() && self.told.elapsed() >= self.events.sign_every() {
                bytes = Bytes::from_static(ALIVE);
            }
            if !bytes.is_empty() {
                self.told = Instant::now();
                return Some(bytes);
            }
        }
    }

    async fn heard(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        Some(match self.events.next().await {
            Next::Batch(batch, problem) => self.write(batch, problem),
            Next::Silence => Bytes::from_static(ALIVE),
            Next::Failed(problem) => self.end(&problem).into(),
            Next::End if self.chunks.is_finished() => {
                self.is_over = true;
                Bytes::from_static(DONE)
            }
            Next::End => {
                let problem = self.events.fail(&broken());
                self.end(&problem).into()
            }
        })
    }

    fn write(&mut self, batch: Batch, problem: Option<Problem>) -> Bytes {
        let mut bytes = Vec::new();
        let written = batch.flatten().try_for_each(|event| {
            self.chunks
                .write(event.kind(), &event.payload(), &mut bytes)
        });
        let broken = || written.is_err().then(|| self.events.fail(&broken()));
        if let Some(problem) = problem.or_else(broken) {
            bytes.extend(self.end(&problem));
        }
        bytes.into()
    }

    fn end(&mut self, problem: &Problem) -> Vec<u8> {
        self.is_over = true;
        form::event(problem)
    }
}

/// That a stream ended without its last event, or with what is none.
const fn broken() -> AwsFailure {
    AwsFailure::Broken {
        operation: Operation::ConverseStream.name(),
    }
}
