//! When keys come and go. Pure: what a key does at a moment follows from when it and the next one begin to sign.
//!
//! ```text
//!            published               signs                          retired        gone
//!  one ──────── AHEAD ────────┬──── SIGNS_FOR ────┬──────── BEHIND ────────┤
//!  the next                   └─ … published ─────┴──── signs … ──────────
//! ```
//!
//! STS keeps an issuer's keys for a time that AWS does not tell, and other caches for as long as our answer says. Days
//! are far beyond both, and beyond the minutes that a token lives.

use domain::SigningKeyId;
use store::signing_keys::SigningKey;
use time::{Duration, OffsetDateTime};

use super::Key;

/// How long a key is published before it signs.
const AHEAD: Duration = Duration::days(3);
/// How long a key signs.
const SIGNS_FOR: Duration = Duration::days(90);
/// How long a key stays published after the next one signs.
const BEHIND: Duration = Duration::days(3);

/// The key that signs at `now`. One whose time is a moment ahead does if there is no other: it is the first key that
/// there ever was, and was made by a clock that is ahead.
pub(super) fn signing(keys: &[Key], now: OffsetDateTime) -> Option<&Key> {
    let due = keys.iter().rev().find(|key| key.signs_from <= now);
    due.or_else(|| keys.first())
}

/// What is to be changed about the keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// From when on a key signs that is to be made now.
    pub(crate) next: Option<OffsetDateTime>,
    /// Which keys nobody needs any more.
    pub(crate) outlived: Vec<SigningKeyId>,
}

impl Plan {
    /// What is to be done at `now`; `keys` are in the order in which they sign.
    pub(crate) fn of(keys: &[SigningKey], now: OffsetDateTime) -> Self {
        let outlived = keys
            .windows(2)
            .filter(|pair| is_over(pair[1].signs_from, BEHIND, now))
            .map(|pair| pair[0].id);
        Self {
            next: match keys.last() {
                // Before the first key nobody can have fetched a set that lacks it.
                None => Some(now),
                Some(last) => is_over(last.signs_from, SIGNS_FOR - AHEAD, now)
                    .then(|| (now + AHEAD).max(last.signs_from.saturating_add(SIGNS_FOR))),
            },
            outlived: outlived.collect(),
        }
    }

    /// Whether there is nothing to do.
    pub(crate) const fn is_empty(&self) -> bool {
        self.next.is_none() && self.outlived.is_empty()
    }
}

/// Whether so long a time after `from` is over. After the end of time none is.
fn is_over(from: OffsetDateTime, lasting: Duration, now: OffsetDateTime) -> bool {
    from.checked_add(lasting).is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::random;

    fn day(days: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::days(20_000 + days)
    }

    /// Keys that sign from these days on.
    fn keys(days: &[i64]) -> Vec<SigningKey> {
        let key = |days: &i64| SigningKey {
            id: SigningKeyId::new(day(*days), &mut random()),
            published_at: day(*days),
            signs_from: day(*days),
            private_key: Vec::new().into(),
        };
        days.iter().map(key).collect()
    }

    fn next(days: &[i64], now: i64) -> Option<OffsetDateTime> {
        Plan::of(&keys(days), day(now)).next
    }

    #[test]
    fn the_first_key_signs_at_once() {
        assert_eq!(next(&[], 0), Some(day(0)));
    }

    #[test]
    fn the_next_key_is_published_three_days_before_it_signs_and_once() {
        assert_eq!(next(&[0], 86), None);
        assert_eq!(next(&[0], 87), Some(day(90)));
        assert_eq!(next(&[0, 90], 87), None);
        assert_eq!(next(&[0, 90], 177), Some(day(180)));
    }

    #[test]
    fn after_a_long_absence_a_key_is_published_as_long_ahead_and_the_old_one_signs_on() {
        assert_eq!(next(&[0], 400), Some(day(403)));
        assert_eq!(Plan::of(&keys(&[0, 403]), day(405)), Plan::default());
    }

    #[test]
    fn a_key_goes_three_days_after_the_next_one_signs() {
        let keys = keys(&[0, 90]);
        assert!(Plan::of(&keys, day(92)).is_empty());
        assert_eq!(Plan::of(&keys, day(93)).outlived, [keys[0].id]);
        assert!(Plan::of(&keys[1..], day(93)).is_empty());
    }

    #[test]
    fn the_latest_key_whose_time_has_come_signs() {
        let keys = [day(0), day(90)].map(Key::at);
        for (now, signs) in [(-1, 0), (0, 0), (89, 0), (90, 1), (500, 1)] {
            let found = signing(&keys, day(now)).unwrap();
            assert_eq!(found.id, keys[signs].id, "{now}");
        }
        assert!(signing(&[], day(0)).is_none());
    }
}
