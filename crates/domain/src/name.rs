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
        // Postgres cannot store NUL, and what nobody sees only serves to make one name look like another.
        if text.chars().any(|c| c.is_control() || is_unseen(c)) {
            return Err(Invalid(
                "must not contain control characters, nor others that nobody sees",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Overrides of the writing direction, marks of it, separators, and characters without width; not the joiners, which
/// scripts and emoji need.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}'
    )
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
        assert!("می‌خواهم 👩‍💻".parse::<Name>().is_ok());
        assert!("é".repeat(128).parse::<Name>().is_ok());
    }

    #[test]
    fn empty_long_and_unseen_characters_are_refused() {
        for bad in [
            "",
            "  ",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{202E}b",
            "a\u{200B}b",
            "\u{FEFF}ab",
            "ab\u{2060}",
            &"é".repeat(129),
            "ABSKQmVkcm9jaw==",
            "bi_op_0198",
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}
