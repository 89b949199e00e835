//! Where the time of a conversation went until its answer began, or there was none: for the client, in a header.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header::CACHE_CONTROL};

use crate::app::conversations::Timing;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Tells it, of an answer that no cache on the way keeps.
pub(super) fn tell(headers: &mut HeaderMap, timing: &Timing) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&server_timing(timing)) {
        headers.insert(SERVER_TIMING, value);
    }
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
