//! What is told of a secret's end when it comes near and when it is there: once each.

use store::accesses::Access;
use time::OffsetDateTime;

use crate::app::connections::Expiry;

/// What happened to a connection from `since` to `now`, as the audit log calls it, and when the
/// secret ends. Of two things only the later.
pub(super) fn crossed(
    access: &Access,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Option<(&'static str, OffsetDateTime)> {
    let expiry = Expiry::of(access)?;
    let is_between = |at: OffsetDateTime| since < at && at <= now;
    if is_between(expiry.end) {
        Some(("connection.expired", expiry.end))
    } else if is_between(expiry.told_from) {
        Some(("connection.expiring", expiry.end))
    } else {
        None
    }
}
