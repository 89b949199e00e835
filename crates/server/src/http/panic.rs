//! A panic in a handler is a fault of ours: one 500, and the process goes on.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::problem::{Code, Problem};

type Handler = fn(Box<dyn Any + Send>) -> Response;

/// The layer that catches it. The panic's own text is written by the panic hook, not into the answer.
pub(crate) fn layer() -> CatchPanicLayer<Handler> {
    CatchPanicLayer::custom(internal as Handler)
}

fn internal(_panic: Box<dyn Any + Send>) -> Response {
    Problem::new(Code::Internal).into_response()
}
