//! The one way to Bedrock Runtime: bodies go through as they are, in both directions, so that nothing a client says or
//! a model answers depends on what this crate knows.
//!
//! The host comes from partition and region alone, or from the operator. Deliberately absent: retries (the caller knows
//! whether a prompt may be sent twice) and any look into the body.

mod answer;
mod connections;
mod event;
mod frame;
mod frames;
mod operation;
mod refusal;
mod request;
mod sign;

use std::time::Duration;

use bytes::Bytes;
use credential_provider::{Aws, Error, Lease, Result};
use domain::Region;

pub use answer::Answer;
use connections::Connections;
pub use event::Event;
pub use frames::{Batch, Frames};
pub use operation::Operation;

/// What is asked of a model.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Which operation.
    pub operation: Operation,
    /// The model's id or ARN, as AWS writes it.
    pub model_id: &'a str,
    /// The body, in AWS's form for the operation.
    pub body: &'a Bytes,
    /// The longest that the answer may take to begin. What is answered whole begins when the model has finished.
    pub begin_within: Duration,
}

/// Sends a request, and comes back when the answer begins.
///
/// # Errors
/// AWS's refusal, or that there was no answer; a model id that would change the path is refused as AWS refuses it.
pub async fn send(
    aws: &Aws,
    lease: &Lease,
    region: &Region,
    request: Request<'_>,
) -> Result<Answer> {
    let operation = request.operation.name();
    let signed = request::signed(aws, lease, region, &request, aws.clock().now())?;
    let place = request::place(aws, &signed).ok_or(Error::Unreachable { operation })?;
    let connections = Connections::new();
    let response = tokio::time::timeout(request.begin_within, connections.send(&place, signed))
        .await
        .map_err(|_| Error::TimedOut {
            operation,
            limit: request.begin_within,
        })?
        .map_err(|_| Error::Unreachable { operation })?;
    let answer = Answer::new(operation, response);
    if answer.is_refusal() {
        Err(answer.refusal().await)
    } else {
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
