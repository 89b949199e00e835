//! What callers name a registered model by.

use std::{fmt, str::FromStr};

use crate::{Invalid, ModelId};

/// `[a-z0-9][a-z0-9._-]{0,63}`, and neither an id of ours nor of AWS's: those are looked up first, and an alias must not
/// be hidden by one. AWS's ids have a dot before a letter (`amazon.nova-lite-v1:0`), so an alias has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(String);

impl Alias {
    /// The longest alias, in characters.
    pub const MAX_CHARS: usize = 64;

    /// The alias as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Alias {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        if !(1..=Self::MAX_CHARS).contains(&bytes.len())
            || !bytes.first().is_some_and(is_plain)
            || !bytes
                .iter()
                .all(|byte| is_plain(byte) || b"._-".contains(byte))
        {
            return Err(Invalid(
                "must be 1 to 64 lower-case letters, digits, dots, hyphens and underscores, and begin with a letter or digit",
            ));
        }
        if text.starts_with(ModelId::PREFIX) {
            return Err(Invalid("must not begin with mod_, as ids do"));
        }
        if bytes
            .windows(2)
            .any(|pair| pair[0] == b'.' && pair[1].is_ascii_lowercase())
        {
            return Err(Invalid(
                "must not have a dot before a letter, as AWS's model ids do",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_a_short_plain_word() {
        for good in [
            "sonnet",
            "claude-sonnet-4.5",
            "gpt_oss",
            "4",
            "a.",
            "v1.2-x",
            "model",
            &"a".repeat(64),
        ] {
            assert_eq!(good.parse::<Alias>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            " sonnet",
            "Sonnet",
            "-sonnet",
            ".5",
            "_x",
            "a b",
            "a/b",
            "a:0",
            "größe",
            "a\n",
            "a\0",
            &"a".repeat(65),
        ] {
            assert!(bad.parse::<Alias>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_alias_is_never_taken_for_an_id() {
        for id in [
            "mod_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
            "mod_x",
            "amazon.nova-lite-v1",
            "deepseek.r1",
        ] {
            assert!(id.parse::<Alias>().is_err(), "{id}");
        }
    }
}
