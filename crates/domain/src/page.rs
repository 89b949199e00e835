//! Lists in pages. A cursor is where the page before ended, so that rows added meanwhile shift nothing.

use std::str::FromStr;

use uuid::Uuid;

use crate::Invalid;

/// How many items at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// The most that can be asked for.
    pub const MAX: u16 = 200;

    /// The limit as a number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl FromStr for Limit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.parse() {
            Ok(n @ 1..=Self::MAX) => Ok(Self(n)),
            _ => Err(Invalid("must be a whole number from 1 to 200")),
        }
    }
}

/// The last item of the page before. Opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(Uuid);

impl Cursor {
    /// The id after which the page starts.
    pub const fn after(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for Cursor {
    fn from(last: Uuid) -> Self {
        Self(last)
    }
}

impl FromStr for Cursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix("c1-").filter(|digits| digits.len() == 32);
        digits
            .and_then(|digits| Uuid::try_parse(digits).ok())
            .map(Self)
            .ok_or(Invalid("must be a next_cursor of this list, unchanged"))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "c1-{}", self.0.simple())
    }
}

/// Part of a list; `C` is the cursor of a list whose items have no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C = Cursor> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<C>,
}

impl<T> Page<T> {
    /// A page from `limit + 1` rows with ids.
    pub fn from_rows(rows: Vec<T>, limit: Limit, id: impl Fn(&T) -> Uuid) -> Self {
        Self::cut(rows, limit.get(), |last| Cursor(id(last)))
    }
}

impl<T, C> Page<T, C> {
    /// A page from `most + 1` rows: the surplus row only tells that there is more.
    pub fn cut(mut rows: Vec<T>, most: u16, after: impl Fn(&T) -> C) -> Self {
        let more = rows.len() > usize::from(most);
        rows.truncate(usize::from(most));
        let next = rows.last().filter(|_| more).map(after);
        Self { items: rows, next }
    }

    /// The same page of other items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, C> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: u128) -> Vec<Uuid> {
        (1..=n).map(Uuid::from_u128).collect()
    }

    #[test]
    fn the_surplus_row_becomes_a_cursor() {
        let limit: Limit = "2".parse().unwrap();
        let page = Page::from_rows(rows(3), limit, |id| *id);
        assert_eq!(page.items, rows(2));
        assert_eq!(page.next.map(Cursor::after), Some(Uuid::from_u128(2)));
        assert_eq!(Page::from_rows(rows(2), limit, |id| *id).next, None);
    }

    #[test]
    fn limits_are_bounded() {
        for bad in ["0", "201", "-1", "", "ten", "1e2", "99999999999"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
        assert_eq!("200".parse::<Limit>().unwrap().get(), 200);
    }

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let cursor = Cursor(Uuid::from_u128(9));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "c1-", "c1-zz", "0198", "c1-\0"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad:?}");
        }
    }
}
