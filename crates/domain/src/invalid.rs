//! A value that breaks a rule, told to the person who typed it.

/// Why a value was refused: a sentence a customer understands. Never repeats the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub &'static str);
