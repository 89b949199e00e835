//! Where the time went until an answer began: for the client, who is told, and for the log.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderName, HeaderValue};

use crate::app::conversations::Timing;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// An answer that tells where its time went.
pub(super) fn timed(mut response: Response, timing: Timing) -> Response {
    if let Ok(value) = HeaderValue::from_str(&server_timing(&timing)) {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
    response.extensions_mut().insert(timing);
    response
}

/// In milliseconds, as the header's specification says.
fn server_timing(timing: &Timing) -> String {
    let ms = |duration: Duration| duration.as_secs_f64() * 1_000.0;
    format!(
        "own;dur={:.3}, upload;dur={:.3}, lease;dur={:.3}, upstream;dur={:.3}",
        ms(timing.own()),
        ms(timing.upload),
        ms(timing.lease),
        ms(timing.upstream)
    )
}
