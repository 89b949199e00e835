//! AWS's refusals, in its own words. How they look on the wire depends on the service's protocol: `answer.rs`.

/// A refusal: the status, the code and the message that AWS would give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// AWS's code.
    pub code: &'static str,
    /// AWS's message.
    pub message: String,
}

impl Refusal {
    /// A refusal of any kind.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// A parameter breaks its rules.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationException", message)
    }

    /// A body that is no JSON.
    pub fn serialization() -> Self {
        Self::new(400, "SerializationException", "")
    }

    /// An operation that the sandbox, or AWS, does not have.
    pub fn unknown_operation() -> Self {
        Self::new(404, "UnknownOperationException", "")
    }
}
