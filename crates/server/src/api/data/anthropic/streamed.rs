//! A message in events: Anthropic's own, and an event `error` for a stream that breaks, so that no client takes a part for
//! the whole.

use std::convert::Infallible;

use axum::body::Bytes;
use bedrock::transport::{Batch, Operation};
use credential_provider::Error as AwsFailure;
use dialects::anthropic::{self, PING, error_event};
use futures_util::{Stream, stream};

use super::form::words;
use crate::{
    api::{
        data::stream::{Events, Next},
        problem::Problem,
    },
    app,
    http::RequestId,
};

/// The events as they come; what came together goes together.
pub(super) fn server_sent(
    events: Events,
    request_id: RequestId,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let streamed = Streamed {
        events,
        told: anthropic::Events::default(),
        request_id,
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
    request_id: RequestId,
    is_over: bool,
}

impl Streamed {
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        match self.events.next().await {
            Next::Batch(batch, failure) => Some(self.write(batch, failure)),
            Next::Silence => Some(Bytes::from_static(PING)),
            Next::Failed(failure) => Some(self.fail(&failure).into()),
            Next::Ended(error) => Some(self.end(error).into()),
            Next::End if self.told.is_over() => None,
            Next::End => Some(self.fail(&broken()).into()),
        }
    }

    fn write(&mut self, batch: Batch, failure: Option<AwsFailure>) -> Bytes {
        let mut bytes = Vec::new();
        let written = batch
            .flatten()
            .try_for_each(|event| self.told.write(&event.payload(), &mut bytes));
        self.events.used(self.told.usage().into());
        let failure = failure.or_else(|| written.is_err().then(broken));
        if let Some(failure) = failure {
            bytes.extend(self.fail(&failure));
        }
        bytes.into()
    }

    fn fail(&mut self, failure: &AwsFailure) -> Vec<u8> {
        let error = self.events.fail(failure);
        self.end(error)
    }

    fn end(&mut self, error: app::Error) -> Vec<u8> {
        self.is_over = true;
        let (kind, message) = words(&Problem::from(error));
        error_event(kind, &message, &self.request_id.0)
    }
}

/// That a stream ended without its last event, or with what is none.
const fn broken() -> AwsFailure {
    AwsFailure::Broken {
        operation: Operation::InvokeModelWithResponseStream.name(),
    }
}
