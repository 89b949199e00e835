//! An answer that is read whole.

use std::time::Duration;

use axum::body::Bytes;
use bedrock::transport::Answer;
use credential_provider::Error as AwsFailure;
use tokio::time::timeout;

use crate::app::{
    self,
    conversations::{Arriving, Call, tokens},
    usage::Tokens,
};

/// The longest that a whole answer may take to arrive once it has begun.
const LIMIT: Duration = Duration::from_secs(120);
/// The longest answer that is read whole: images come as text.
pub(super) const LONGEST: usize = 32 * 1024 * 1024;

/// The whole answer, which takes room until it is written. What it used is what `count` finds in it.
pub(super) async fn whole(
    answer: Answer,
    call: &mut Call,
    count: impl FnOnce(&Bytes) -> Tokens,
) -> Result<Bytes, app::Error> {
    call.used(tokens::of_headers(&answer));
    let ends = call.ends();
    let operation = answer.operation();
    let limit = LIMIT;
    let body = tokio::select! {
        biased;
        body = timeout(limit, read(answer, call)) => body,
        error = ends.withdrawn() => return Err(error),
    };
    let body = body.unwrap_or_else(|_| {
        let late = AwsFailure::TimedOut { operation, limit };
        Err(call.fail(&late))
    })?;
    call.used(count(&body));
    call.finish();
    Ok(body)
}

async fn read(mut answer: Answer, call: &mut Call) -> Result<Bytes, app::Error> {
    let mut arriving = Arriving::new(call.share());
    while let Some(chunk) = answer.chunk().await.map_err(|error| call.fail(&error))? {
        if arriving.length() + chunk.len() > LONGEST {
            return Err(call.fail(&answer.nonsense()));
        }
        arriving.push(chunk).inspect_err(|_| call.broke())?;
    }
    let (bytes, share) = arriving.end();
    Ok(share.hold(bytes)?)
}
