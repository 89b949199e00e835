//! What things are called that a customer makes.

use std::{fmt, str::FromStr};

use domain::{AccessId, Invalid};

/// A name that IAM, Cognito and CloudFormation all take, and that no shell and no template reads anything into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// What the names of things begin with that a customer makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The permissions policy.
    pub policy: Name,
    /// The role, or the user behind a key, or the pools; and the stack that makes them.
    pub identity: Name,
}

impl Name {
    /// IAM takes so many characters for a role or a user.
    pub(crate) const LONGEST: usize = 64;
    /// How much of an access's id is in a name: by chance no two of an account's are the same.
    const TAIL: usize = 8;

    /// The name of something of one access. An account may be connected several times, by other tenants and platforms too:
    /// what is made for one must not replace what another uses.
    pub(crate) fn of_access(&self, access: AccessId, longest: usize) -> String {
        let id = access.to_string();
        let (_, tail) = id.split_at(id.len() - Self::TAIL);
        let begin: String = self.0.chars().take(longest - 1 - Self::TAIL).collect();
        format!("{begin}-{tail}")
    }
}

impl Default for Names {
    fn default() -> Self {
        Self {
            policy: Name("BedrockAccess".to_owned()),
            identity: Name("BedrockIntegration".to_owned()),
        }
    }
}

impl FromStr for Name {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins_well && text.len() <= Self::LONGEST && text.bytes().all(is_allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(
                "must be a letter and then at most 63 letters, digits and hyphens",
            ))
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_for_an_access_has_a_name_of_its_own_that_is_never_too_long() {
        let of = |name: &str, access: &str, longest| {
            let name: Name = name.parse().unwrap();
            name.of_access(access.parse().unwrap(), longest)
        };
        let (one, two) = (
            "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c",
            "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4d",
        );
        assert_eq!(of("Acme", one, 64), "Acme-9e1f2a4c");
        assert_eq!(of("Acme", two, 64), "Acme-9e1f2a4d");
        assert_eq!(of("BedrockIntegration", one, 20), "BedrockInte-9e1f2a4c");
        assert_eq!(of(&"a".repeat(64), one, 64).len(), 64);
    }

    #[test]
    fn a_name_is_good_everywhere_or_refused() {
        for good in ["BedrockAccess", "a", "Acme-Bedrock-2", &"a".repeat(64)] {
            assert_eq!(good.parse::<Name>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "1a",
            "-a",
            "a b",
            "a'b",
            "a$b",
            "a_b",
            "ä",
            "a\n",
            &"a".repeat(65),
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}
