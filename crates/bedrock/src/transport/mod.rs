//! The one way to Bedrock Runtime: bodies go through as they are, in both directions, so that nothing a client says or
//! a model answers depends on what this crate knows.
//!
//! The host comes from partition and region alone, or from the operator. Nothing is sent again once an answer has begun, nor
//! when it may have been heard and cost something. Deliberately absent: any look into the body, and a limit of calls.

mod answer;
mod attempt;
mod budgets;
mod connections;
mod event;
mod frame;
mod frames;
mod operation;
mod refusal;
mod request;
mod retry;
mod sign;
mod skew;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use credential_provider::{Aws, Error, Lease, Result};
use domain::{AccessId, Region};
use futures_util::{FutureExt, TryFutureExt};
use http::HeaderMap;
use tokio::time::Instant;

pub use self::{
    answer::Answer,
    connections::UNREAD,
    event::Event,
    frames::{Batch, Frames},
    operation::Operation,
    request::is_own,
};
use self::{
    attempt::{Call, Failed},
    budgets::Budgets,
    connections::Connections,
    skew::Skew,
};

/// What is asked of a model.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Which operation.
    pub operation: Operation,
    /// The model's id or ARN, as AWS writes it.
    pub model_id: &'a str,
    /// The body, in AWS's form for the operation.
    pub body: &'a Bytes,
    /// The headers of who asks: those that are Bedrock's own go along, such as which guardrail is to be applied.
    pub headers: Option<&'a HeaderMap>,
    /// The longest that the answer may take to begin. What is answered whole begins when the model has finished.
    pub begin_within: Duration,
}

/// The way to Bedrock Runtime for all tenants: its connections, what retries are paid from, and how far AWS's clock is from
/// this machine's. Cheap to clone.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    aws: Aws,
    connections: Connections,
    budgets: Budgets,
    skew: Skew,
}

impl Transport {
    /// A way to AWS as `aws` says, without a connection yet.
    pub fn new(aws: Aws) -> Self {
        Self(Arc::new(Inner {
            aws,
            connections: Connections::new(),
            budgets: Budgets::default(),
            skew: Skew::default(),
        }))
    }

    /// Sends a request for an access, and comes back when the answer begins. Until then it is sent again where AWS says
    /// that this may help or nothing was sent at all, as long as the access has retries left.
    ///
    /// # Errors
    /// AWS's refusal, or that there was no answer; a model id that would change the path is refused as AWS refuses it.
    pub async fn send(
        &self,
        access: AccessId,
        lease: &Lease,
        region: &Region,
        request: Request<'_>,
    ) -> Result<Answer> {
        let call = Call {
            aws: &self.0.aws,
            connections: &self.0.connections,
            lease,
            region,
            request: &request,
        };
        within_limit(&request, self.attempts(access, &call)).await
    }

    async fn attempts(&self, access: AccessId, call: &Call<'_>) -> Result<Answer> {
        let Inner {
            aws, budgets, skew, ..
        } = &*self.0;
        let clock = &**aws.clock();
        let deadline = Instant::now() + call.request.begin_within;
        let mut retries = 0;
        let mut is_corrected = false;
        loop {
            let (signed, since) = (skew.now(clock), clock.elapsed());
            let failed = match call.attempt(signed).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            // What it was signed with counts, also where another request has learned better meanwhile.
            let believed = signed + (clock.elapsed() - since);
            if call.is_signed()
                && !is_corrected
                && let Some(date) = failed.date_of_rejection()
                && skew.learn(clock, believed, date)
            {
                is_corrected = true;
                continue;
            }
            match retry::pause(&failed, retries, aws.entropy()) {
                Some(pause)
                    if Instant::now() + pause < deadline
                        && budgets.take(access, clock.elapsed()) =>
                {
                    tokio::time::sleep(pause).await;
                    retries += 1;
                }
                _ => return Err(failed.into_error()),
            }
        }
    }
}

/// Sends a request once, over a connection of its own, and comes back when the answer begins: for tests, which tell what
/// happened and not what a third attempt made of it.
///
/// # Errors
/// As for [`Transport::send`].
pub async fn send(
    aws: &Aws,
    lease: &Lease,
    region: &Region,
    request: Request<'_>,
) -> Result<Answer> {
    let call = Call {
        aws,
        connections: &Connections::new(),
        lease,
        region,
        request: &request,
    };
    let attempt = call.attempt(aws.clock().now());
    within_limit(&request, attempt.map_err(Failed::into_error)).await
}

fn within_limit(
    request: &Request<'_>,
    answer: impl Future<Output = Result<Answer>>,
) -> impl Future<Output = Result<Answer>> {
    let limit = request.begin_within;
    let operation = request.operation.name();
    tokio::time::timeout(limit, answer)
        .map(move |answer| answer.unwrap_or(Err(Error::TimedOut { operation, limit })))
}

#[cfg(test)]
mod tests;
