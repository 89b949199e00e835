//! A panic in a handler is a fault of ours: one 500, and the process goes on. After the answer's head, it ends the connection.

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

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_and_an_answer_an_answer() {
        let answer = caught(async { Ok(StatusCode::NO_CONTENT.into_response()) }).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let answer = caught(async { panic!("at work on hunter2") }).await;
        let problem = answer.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.code(), Code::Internal);
        assert!(!format!("{problem:?}").contains("hunter2"));
    }
}
