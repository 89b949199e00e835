//! The time in a password's proof, `Mon Feb 3 08:05:01 UTC 2025`: in English, without a zero before the day.
//!
//! AWS reads the time leniently and makes the proof over its own spelling of it. So a time that is spelled otherwise is
//! read, and then the password seems to be wrong.

use time::{Date, Month, OffsetDateTime, Time};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads a time. None if it has not the form.
pub(super) fn read(text: &str) -> Option<OffsetDateTime> {
    let mut parts = text.split(' ');
    let mut next = || parts.next();
    let (weekday, month, day, clock, zone, year) =
        (next()?, next()?, next()?, next()?, next()?, next()?);
    if parts.next().is_some() || zone != "UTC" || !DAYS.contains(&weekday) {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let mut clock = clock.split(':');
    let mut next = || clock.next()?.parse().ok();
    let time = Time::from_hms(next()?, next()?, next()?).ok()?;
    clock
        .next()
        .is_none()
        .then(|| date.with_time(time).assume_utc())
}

/// Spells a time as AWS does.
pub(super) fn spell(at: OffsetDateTime) -> String {
    let weekday = DAYS[usize::from(at.weekday().number_days_from_monday())];
    let month = MONTHS[usize::from(u8::from(at.month())) - 1];
    let (hour, minute, second) = at.to_hms();
    format!(
        "{weekday} {month} {} {hour:02}:{minute:02}:{second:02} UTC {}",
        at.day(),
        at.year()
    )
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_spelled_by_the_book_is_read_and_spelled_the_same() {
        for (text, at) in [
            (
                "Mon Feb 3 08:05:01 UTC 2025",
                datetime!(2025-02-03 08:05:01 UTC),
            ),
            (
                "Wed Dec 31 23:59:59 UTC 2025",
                datetime!(2025-12-31 23:59:59 UTC),
            ),
            (
                "Thu Feb 29 00:00:00 UTC 2024",
                datetime!(2024-02-29 00:00:00 UTC),
            ),
        ] {
            assert_eq!(read(text), Some(at));
            assert_eq!(spell(at), text);
        }
    }

    #[test]
    fn a_zero_before_the_day_or_another_weekday_is_read_but_spelled_otherwise() {
        for text in [
            "Mon Feb 03 08:05:01 UTC 2025",
            "Tue Feb 3 08:05:01 UTC 2025",
        ] {
            assert_ne!(spell(read(text).unwrap()), text);
        }
    }

    #[test]
    fn what_has_another_form_is_not_read() {
        for text in [
            "",
            "2025-02-03T08:05:01Z",
            "Mo Feb 3 08:05:01 UTC 2025",
            "Mon Feb 3 08:05:01 GMT+1 2025",
            "Mon Feb 30 08:05:01 UTC 2025",
            "Mon Feb 3 08:05 UTC 2025",
            "Mon Feb 3 24:05:01 UTC 2025",
            "Mon Feb 3 08:05:01:00 UTC 2025",
            "Mon Feb 3 08:05:01 UTC 2025 ",
            "Mon  Feb 3 08:05:01 UTC 2025",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
