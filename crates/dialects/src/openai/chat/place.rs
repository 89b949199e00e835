//! Where in a request something stands, as OpenAI writes it.

use std::fmt;

/// A message, or a part of its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) message: usize,
    pub(super) part: Option<usize>,
}

impl Place {
    /// One of its members.
    pub(super) fn member(self, name: &str) -> String {
        format!("{self}.{name}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages[{}]", self.message)?;
        match self.part {
            Some(part) => write!(f, ".content[{part}]"),
            None => Ok(()),
        }
    }
}
