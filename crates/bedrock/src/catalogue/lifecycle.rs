//! How long AWS keeps a model.

use aws_sdk_bedrock::types::FoundationModelLifecycle;
use aws_smithy_types::DateTime;
use serde::Serialize;
use time::OffsetDateTime;

/// How long AWS keeps a model. While it is `LEGACY`, accounts that did not use it lately may be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lifecycle {
    /// As AWS says it: `ACTIVE` or `LEGACY`.
    pub status: String,
    /// Since when it is offered.
    #[serde(with = "time::serde::rfc3339::option")]
    pub start_of_life: Option<OffsetDateTime>,
    /// When it becomes legacy, or did.
    #[serde(with = "time::serde::rfc3339::option")]
    pub legacy: Option<OffsetDateTime>,
    /// From when on it is dearer.
    #[serde(with = "time::serde::rfc3339::option")]
    pub extended_access: Option<OffsetDateTime>,
    /// When requests begin to fail.
    #[serde(with = "time::serde::rfc3339::option")]
    pub end_of_life: Option<OffsetDateTime>,
}

impl Lifecycle {
    pub(super) fn of(lifecycle: &FoundationModelLifecycle) -> Self {
        Self {
            status: lifecycle.status.as_str().to_owned(),
            start_of_life: at(lifecycle.start_of_life_time),
            legacy: at(lifecycle.legacy_time),
            extended_access: at(lifecycle.public_extended_access_time),
            end_of_life: at(lifecycle.end_of_life_time),
        }
    }

    /// Whether new customers may be refused already.
    pub(super) fn is_legacy(&self) -> bool {
        self.status == "LEGACY"
    }

    /// Whether it is gone at `now`, though still listed.
    pub(super) fn has_ended(&self, now: OffsetDateTime) -> bool {
        self.end_of_life.is_some_and(|end| end <= now)
    }
}

fn at(time: Option<DateTime>) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(time?.secs()).ok()
}
