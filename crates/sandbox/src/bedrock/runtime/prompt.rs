//! What a model is asked, whatever body it came in.

use serde_json::Value;

/// What a model is asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prompt {
    /// The system prompt.
    pub(crate) system: Option<String>,
    /// What the user said last.
    pub(crate) text: String,
    /// What came along with it, such as `image`.
    pub(crate) attachments: Vec<String>,
    /// What tools answered, in the last message.
    pub(crate) results: Vec<String>,
    /// The tools that may be called.
    pub(crate) tools: Vec<Tool>,
    /// Which tool has to be called, if any.
    pub(crate) choice: Choice,
    /// Whether it may make no more than one call at a time.
    pub(crate) one_call: bool,
    /// The JSON schema that its answer follows.
    pub(crate) format: Option<Value>,
    /// The most tokens it may give.
    pub(crate) max_tokens: usize,
    /// Where it stops.
    pub(crate) stop_sequences: Vec<String>,
    /// Whether it thinks aloud.
    pub(crate) thinks: bool,
    /// How many tokens it reads.
    pub(crate) input_tokens: usize,
    /// The beginning that it may keep for the next time, and how many of the tokens it has.
    pub(crate) kept: Option<(String, usize)>,
}

/// A tool that may be called.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    /// The JSON schema of its input.
    pub(crate) schema: Value,
}

/// Which tool has to be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Whichever fits, or none.
    #[default]
    Free,
    /// Some tool.
    Any,
    /// This one.
    Named(String),
    /// None.
    Never,
}
