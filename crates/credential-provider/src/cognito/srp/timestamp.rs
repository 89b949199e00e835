//! The time in a proof, as `java.text.SimpleDateFormat` writes it: `Mon Feb 3 08:05:01 UTC 2025`.

use time::{OffsetDateTime, UtcOffset, format_description::FormatItem, macros::format_description};

const FORM: &[FormatItem<'_>] = format_description!(
    "[weekday repr:short] [month repr:short] [day padding:none] [hour]:[minute]:[second] UTC [year]"
);

pub(super) fn timestamp(at: OffsetDateTime) -> Result<String, time::error::Format> {
    at.to_offset(UtcOffset::UTC).format(FORM)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn days_have_no_leading_zero_and_hours_have() {
        for (at, text) in [
            (
                datetime!(2025-02-03 08:05:01 UTC),
                "Mon Feb 3 08:05:01 UTC 2025",
            ),
            (
                datetime!(2025-02-10 18:30:12 UTC),
                "Mon Feb 10 18:30:12 UTC 2025",
            ),
            (
                datetime!(2026-12-31 23:30:00 -2),
                "Fri Jan 1 01:30:00 UTC 2027",
            ),
        ] {
            assert_eq!(timestamp(at).unwrap(), text);
        }
    }
}
