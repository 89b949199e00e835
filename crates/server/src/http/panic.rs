//! A panic in a handler is a fault of ours: one 500, and the process goes on.

use std::{convert::Infallible, panic::AssertUnwindSafe};

use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::api::problem::{Code, Problem};

/// The answer, or that there was a panic instead. The panic's own text is written by the panic hook, not into the answer.
pub(super) fn caught(
    answer: impl Future<Output = Result<Response, Infallible>>,
) -> impl Future<Output = Response> {
    let answer = AssertUnwindSafe(answer).catch_unwind();
    answer.map(|answer| match answer {
        Ok(Ok(response)) => response,
        Err(_panic) => Problem::new(Code::Internal).into_response(),
    })
}
