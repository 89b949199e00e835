//! A name that people give to things.

use std::{fmt, str::FromStr};

use crate::Invalid;

/// 1 to 128 characters on one line; white space around it is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// What keys begin with: Bedrock's, AWS's and this service's own.
const KEYS: [&str; 5] = ["ABSK", "bedrock-api-key-", "AKIA", "ASIA", "bi_"];

impl Name {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 128;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > Self::MAX_CHARS {
            return Err(Invalid("must be 1 to 128 characters long"));
        }
        // People paste keys into the wrong field, and names are shown.
        if KEYS.iter().any(|start| text.starts_with(start)) {
            return Err(Invalid("looks like a key: enter a name here"));
        }
        // Postgres cannot store NUL, and control characters or overrides of the writing direction
        // only serve to make one name look like another.
        if text
            .chars()
            .any(|c| c.is_control() || is_direction_override(c))
        {
            return Err(Invalid("must not contain control characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_may_be_in_any_language() {
        assert_eq!(
            " Größe 東京 🦀 ".parse::<Name>().unwrap().as_str(),
            "Größe 東京 🦀"
        );
        assert!("é".repeat(128).parse::<Name>().is_ok());
    }

    #[test]
    fn empty_long_and_control_characters_are_refused() {
        for bad in [
            "",
            "  ",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{202E}b",
            &"é".repeat(129),
            "ABSKQmVkcm9jaw==",
            "bi_op_0198",
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}
