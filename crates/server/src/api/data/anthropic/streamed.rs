//! A message in events: Anthropic's own, and an event `error` for a stream that breaks, so that no client takes a part for
//! the whole.

use std::convert::Infallible;

use axum::body::Bytes;
use bedrock::transport::{Batch, Operation};
use credential_provider::Error as AwsFailure;
use dialects::anthropic::{self, PING, error_event};
use futures_util::{Stream, stream};

use super::form::words;
use crate::api::{
    data::stream::{Events, Next},
    problem::Problem,
};

/// The events as they come; what came together goes together.
pub(super) fn server_sent(events: Events) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let streamed = Streamed {
        events,
        told: anthropic::Events::default(),
        is_over: false,
    };
    stream::unfold(streamed, async |mut streamed| {
        let bytes = streamed.next().await?;
        Some((Ok(bytes), streamed))
    })
}

/// A stream under way.
struct Streamed {
    events: Events,
    told: anthropic::Events,
    is_over: bool,
}

impl Streamed {
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        match self.events.next().await {
            Next::Batch(batch, problem) => Some(self.write(batch, problem)),
            Next::Silence => Some(Bytes::from_static(PING)),
            Next::Failed(problem) => Some(self.end(&problem).into()),
            Next::End if self.told.is_over() => None,
            Next::End => {
                let problem = self.events.fail(&broken());
                Some(self.end(&problem).into())
            }
        }
    }

    fn write(&mut self, batch: Batch, problem: Option<Problem>) -> Bytes {
        let mut bytes = Vec::new();
        let written = batch
            .flatten()
            .try_for_each(|event| self.told.write(&event.payload(), &mut bytes));
        self.events.used(self.told.usage().into());
        let broken = || written.is_err().then(|| self.events.fail(&broken()));
        if let Some(problem) = problem.or_else(broken) {
            bytes.extend(self.end(&problem));
        }
        bytes.into()
    }

    fn end(&mut self, problem: &Problem) -> Vec<u8> {
        self.is_over = true;
        let (kind, message) = words(problem);
        error_event(kind, &message, self.events.request_id())
    }
}

/// That a stream ended without its last event, or with what is none.
const fn broken() -> AwsFailure {
    AwsFailure::Broken {
        operation: Operation::InvokeModelWithResponseStream.name(),
    }
}
