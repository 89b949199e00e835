//! What the runtime can be asked about a model.

/// An operation of Bedrock Runtime whose body is forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A conversation, answered whole.
    Converse,
    /// A conversation, answered in events.
    ConverseStream,
    /// A request in the model's own form, answered whole.
    InvokeModel,
    /// A request in the model's own form, answered in events.
    InvokeModelWithResponseStream,
    /// How many tokens a request would read. Free of charge, of few models, and by their own ids alone.
    CountTokens,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Converse,
        Self::ConverseStream,
        Self::InvokeModel,
        Self::InvokeModelWithResponseStream,
        Self::CountTokens,
    ];

    /// AWS's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::CountTokens => "CountTokens",
        }
    }

    /// Whether it is answered in events.
    pub const fn streams(self) -> bool {
        match self {
            Self::ConverseStream | Self::InvokeModelWithResponseStream => true,
            Self::Converse | Self::InvokeModel | Self::CountTokens => false,
        }
    }

    /// What its path ends with.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::ConverseStream => "converse-stream",
            Self::InvokeModel => "invoke",
            Self::InvokeModelWithResponseStream => "invoke-with-response-stream",
            Self::CountTokens => "count-tokens",
        }
    }

    /// The media type that it answers with.
    pub(crate) const fn accepts(self) -> &'static str {
        if self.streams() {
            "application/vnd.amazon.eventstream"
        } else {
            "application/json"
        }
    }
}
