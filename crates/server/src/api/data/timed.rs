//! What every answer of the data plane carries besides its own: where its time went, and that nobody keeps it.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderName, HeaderValue, header::CACHE_CONTROL};

use crate::app::conversations::Timing;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// An answer that tells its client and the log where the time went until it began, and is kept by no cache on the way.
pub(super) fn timed(mut response: Response, timing: Timing) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&server_timing(&timing)) {
        headers.insert(SERVER_TIMING, value);
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
