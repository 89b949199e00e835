//! Whether a caller wants server-sent events.

use http::{HeaderMap, header};

/// Whether `Accept` names them, and not to refuse them.
pub(super) fn wants_events(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|kind| {
            let mut parts = kind.split(';').map(str::trim);
            let is_named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("text/event-stream"));
            is_named && !parts.any(|part| ["q=0", "q=0.0"].contains(&part))
        })
}
