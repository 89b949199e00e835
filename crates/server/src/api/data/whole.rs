//! An answer that is read whole.

use std::time::Duration;

use axum::body::Bytes;
use bedrock::transport::Answer;

use crate::app::{self, conversations::Call, usage::Tokens};

/// The longest that a whole answer may take to arrive once it has begun.
const LIMIT: Duration = Duration::from_secs(120);

/// The whole answer. What it used is what `count` finds in it.
pub(super) async fn whole(
    answer: Answer,
    call: &mut Call,
    count: impl FnOnce(&Bytes) -> Tokens,
) -> Result<Bytes, app::Error> {
    let lost = call.lost();
    let body = tokio::select! {
        body = answer.bytes(LIMIT) => body,
        () = lost.cancelled() => return Err(app::Error::Interrupted),
    };
    let body = body.map_err(|error| call.fail(&error))?;
    call.used(count(&body));
    call.finish();
    Ok(body)
}
