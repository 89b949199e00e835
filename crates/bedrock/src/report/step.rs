//! One step of a test, and how it ended.

use serde::Serialize;

use crate::diagnosis::Diagnosis;

/// A step and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which.
    pub name: Name,
    /// How it ended.
    pub status: Status,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// What there is to say, unless it passed.
    #[serde(flatten)]
    pub diagnosis: Option<Diagnosis>,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// What the fields alone tell.
    Fields,
    /// Whether a lease can be made.
    Credentials,
    /// Whether the role refuses everybody else.
    ExternalId,
    /// Which account and identity are reached.
    Identity,
    /// Whether models can be listed, and whether there are any.
    ListModels,
    /// Whether the account's own models can be listed.
    ListCustomModels,
    /// Whether inference profiles can be listed.
    ListInferenceProfiles,
    /// Whether a model can be invoked.
    Invoke,
    /// Whether it can be invoked so that the answer comes in a stream.
    InvokeStream,
}

impl Name {
    /// All of them, in the order in which they are taken.
    pub const ALL: [Self; 9] = [
        Self::Fields,
        Self::Credentials,
        Self::ExternalId,
        Self::Identity,
        Self::ListModels,
        Self::ListCustomModels,
        Self::ListInferenceProfiles,
        Self::Invoke,
        Self::InvokeStream,
    ];
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All is well.
    Passed,
    /// Something is missing that is not needed.
    Warning,
    /// Something is wrong.
    Failed,
    /// It was not tried.
    Skipped,
}
