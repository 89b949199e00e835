//! Usage in pages. Rows have no id of their own: a cursor is the key of the row that the page before ended with.

use std::{fmt, str::FromStr};

use domain::{Invalid, Page};
use time::Date;
use uuid::Uuid;

use super::{Key, Sums, Usage};
use crate::{Error, Result, TenantTx};

/// How many rows at most: far more than of other lists, as they are read to be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// The most that can be asked for, and what is told if nobody asks for less.
    pub const MAX: u16 = 10_000;
}

impl Default for Limit {
    fn default() -> Self {
        Self(Self::MAX)
    }
}

impl FromStr for Limit {
    type Err = Invalid;

    fn from_str(text: &str) -> std::result::Result<Self, Invalid> {
        match text.parse() {
            Ok(n @ 1..=Self::MAX) => Ok(Self(n)),
            _ => Err(Invalid("must be a whole number from 1 to 10000")),
        }
    }
}

/// Where the page before ended. Opaque to callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The last day of the list. Where callers name none it is the day of the first page, or midnight between two pages
    /// would move the first day, and lose what is left of it.
    pub to: Date,
    /// The last row's.
    pub last: Key,
}

impl FromStr for Cursor {
    type Err = Invalid;

    fn from_str(text: &str) -> std::result::Result<Self, Invalid> {
        read(text).ok_or(Invalid("must be a next_cursor of this list, unchanged"))
    }
}

fn read(text: &str) -> Option<Cursor> {
    let mut parts = text.strip_prefix("c1-")?.splitn(5, '-');
    let mut part = || parts.next();
    // Postgres does not know all other years.
    let day = |part: &str| {
        let day = Date::from_julian_day(part.parse().ok()?).ok()?;
        (1..=9_999).contains(&day.year()).then_some(day)
    };
    let id = |part: &str| Uuid::try_parse(part).ok();
    Some(Cursor {
        to: day(part()?)?,
        last: Key {
            day: day(part()?)?,
            connection: id(part()?)?.into(),
            model: id(part()?)?.into(),
            outcome: part()?.parse().ok()?,
        },
    })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key {
            day,
            connection,
            model,
            outcome,
        } = self.last;
        write!(
            f,
            "c1-{:07}-{:07}-{}-{}-{}",
            self.to.to_julian_day(),
            day.to_julian_day(),
            connection.uuid().simple(),
            model.uuid().simple(),
            outcome.as_str()
        )
    }
}

/// What was used from one day to another, both included, the latest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn page(
    tx: &mut TenantTx,
    from: Date,
    to: Date,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Usage, Cursor>> {
    let last = after.map(|cursor| cursor.last);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT day, connection_id, model_id, outcome, alias, invoke_id, requests, input_tokens, output_tokens,
                cache_read_tokens, cache_write_tokens, latency_ms
         FROM usage_days WHERE tenant_id = $1 AND day BETWEEN $2 AND LEAST($3, $4)
           AND ($4 IS NULL OR day < $4 OR (connection_id, model_id, outcome) > ($5, $6, $7))
         ORDER BY day DESC, connection_id, model_id, outcome LIMIT $8",
    )
    .bind(tx.tenant().uuid())
    .bind(from)
    .bind(to)
    .bind(last.map(|key| key.day))
    .bind(last.map(|key| key.connection.uuid()))
    .bind(last.map(|key| key.model.uuid()))
    .bind(last.map(|key| key.outcome.as_str()))
    .bind(i64::from(limit.0) + 1)
    .fetch_all(tx.connection())
    .await?;
    let usages = rows
        .into_iter()
        .map(Usage::try_from)
        .collect::<Result<_>>()?;
    Ok(Page::cut(usages, limit.0, |usage: &Usage| Cursor {
        to,
        last: usage.key,
    }))
}

#[derive(sqlx::FromRow)]
struct Row {
    day: Date,
    connection_id: Uuid,
    model_id: Uuid,
    outcome: String,
    alias: String,
    invoke_id: String,
    requests: i64,
    input_tokens: i64,
    output_tokens: i64,
    cache_read_tokens: i64,
    cache_write_tokens: i64,
    latency_ms: i64,
}

impl TryFrom<Row> for Usage {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            key: Key {
                day: row.day,
                connection: row.connection_id.into(),
                model: row.model_id.into(),
                outcome: row.outcome.parse()?,
            },
            alias: row.alias,
            invoke_id: row.invoke_id,
            sums: Sums {
                requests: row.requests,
                input_tokens: row.input_tokens,
                output_tokens: row.output_tokens,
                cache_read_tokens: row.cache_read_tokens,
                cache_write_tokens: row.cache_write_tokens,
                latency_ms: row.latency_ms,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{super::Outcome, *};

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        for outcome in Outcome::ALL {
            let cursor = Cursor {
                to: date!(2026 - 12 - 31),
                last: Key {
                    day: date!(2026 - 11 - 22),
                    connection: Uuid::from_u128(1).into(),
                    model: Uuid::max().into(),
                    outcome,
                },
            };
            let text = cursor.to_string();
            assert_eq!(text.parse(), Ok(cursor), "{text}");
            for bad in [&text[1..], &text[..text.len() - 1], &format!("{text}-")] {
                assert!(bad.parse::<Cursor>().is_err(), "{bad}");
            }
        }
        let of_another_list = domain::Cursor::from(Uuid::max()).to_string();
        for bad in [
            "",
            "c1-",
            "c1----",
            "c1-9999999-0-0-0-failed",
            &of_another_list,
        ] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }

    #[test]
    fn limits_are_bounded() {
        for bad in ["0", "10001", "-1", "", "ten", "1e2", "99999999999"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
        assert_eq!("10000".parse(), Ok(Limit::default()));
    }
}
