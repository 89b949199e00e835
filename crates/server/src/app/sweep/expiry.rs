//! What is told of a secret's end when it comes near and when it is there: once each.

use store::{accesses::Access, sweep::Next};
use time::OffsetDateTime;

use crate::app::connections::Expiry;

/// What is to be told of a secret's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// It is near.
    Near(OffsetDateTime),
    /// It was there since the last look.
    There(OffsetDateTime),
}

impl News {
    /// What there is at `now`. Also of a secret whose end was near when it was entered; of two things only the later.
    pub(super) fn of(access: &Access, next: &Next, now: OffsetDateTime) -> Option<Self> {
        let Expiry { told_from, end } = Expiry::of(access)?;
        if end <= now {
            (next.since < end).then_some(Self::There(end))
        } else {
            (told_from <= now && next.told_end != Some(end)).then_some(Self::Near(end))
        }
    }

    /// As the audit log calls it, and when the secret ends.
    pub(super) const fn told(self) -> (&'static str, OffsetDateTime) {
        match self {
            Self::Near(end) => ("connection.expiring", end),
            Self::There(end) => ("connection.expired", end),
        }
    }
}
