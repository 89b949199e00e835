//! The control plane's limits: closed at once while the database is away, and nothing takes longer than it may.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};

use super::problem::{Code, Problem, database_unavailable};
use crate::Context;

/// How often a request under way looks whether the database is still there.
const LOOK: Duration = Duration::from_millis(150);

pub(super) async fn control_plane(
    State((context, limit)): State<(Context, Duration)>,
    request: Request,
    next: Next,
) -> Response {
    if !context.pulse.control_plane_open() {
        return if context.hash_key().is_none() {
            Problem::new(Code::Starting).retry_after(1).into_response()
        } else {
            database_unavailable().into_response()
        };
    }
    let mut response = tokio::select! {
        response = next.run(request) => response,
        () = tokio::time::sleep(limit) => Problem::new(Code::TimedOut).retry_after(1).into_response(),
        () = database_lost(&context) => database_unavailable().into_response(),
    };
    // What a tenant sees is nobody else's, and some of it is shown once.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns when the database was away at two looks in a row: a request that waits inside of it has no answer to expect,
/// while one that met a moment of trouble may still get its own.
async fn database_lost(context: &Context) {
    let mut away = 0;
    while away < 2 {
        tokio::time::sleep(LOOK).await;
        away = if context.pulse.database().is_up() {
            0
        } else {
            away + 1
        };
    }
}
