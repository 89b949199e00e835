//! Where the time of a conversation went until its answer began, or there was none: for the client, in a header.

use std::fmt::Write;

use http::{HeaderMap, HeaderName, HeaderValue, header::CACHE_CONTROL};

use crate::app::conversations::Timing;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Tells it, as far as it is known, of an answer that no cache on the way keeps.
pub(super) fn tell(headers: &mut HeaderMap, timing: Option<&Timing>) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let told = timing.map(server_timing);
    if let Some(Ok(value)) = told.map(HeaderValue::try_from) {
        headers.insert(SERVER_TIMING, value);
    }
}

/// In milliseconds, as the header's specification says.
fn server_timing(timing: &Timing) -> String {
    let mut text = String::with_capacity(96);
    for (name, took) in [
        ("own", timing.own()),
        (", upload", timing.upload),
        (", lease", timing.lease),
        (", upstream", timing.upstream),
    ] {
        // Whole numbers are written much faster than fractions. Writing to a string does not fail.
        let (ms, us) = (took.as_millis(), took.subsec_micros() % 1_000);
        let _ = write!(text, "{name};dur={ms}.{us:03}");
    }
    text
}
