//! When the secret of a connection ends, and from when on that is told.

use credential_provider::api_key::Kind;
use store::accesses::Access;
use time::{Duration, OffsetDateTime};

/// The end of a connection's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expiry {
    /// From when on it is told.
    pub(crate) told_from: OffsetDateTime,
    /// The end.
    pub(crate) end: OffsetDateTime,
}

impl Expiry {
    /// How long before its end a key that lasts is told to end …
    const AHEAD: Duration = Duration::hours(72);
    /// … and one that lasts half a day at most.
    pub(crate) const AHEAD_OF_SHORT_TERM: Duration = Duration::hours(1);

    /// None if no secret of the access says when it ends.
    pub(crate) fn of(access: &Access) -> Option<Self> {
        let end = access.secret_expires_at?;
        let is_short = access
            .secret_hints
            .values()
            .any(|hint| hint.kind == Kind::ShortTerm.as_str());
        let ahead = if is_short {
            Self::AHEAD_OF_SHORT_TERM
        } else {
            Self::AHEAD
        };
        Some(Self {
            told_from: end - ahead,
            end,
        })
    }
}
