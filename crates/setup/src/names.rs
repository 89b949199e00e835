//! What things are called that a customer makes.

use std::{fmt, str::FromStr};

use domain::Invalid;

/// A name that IAM, Cognito and CloudFormation all take, and that no shell and no template reads anything into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// What things are called that a customer makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The permissions policy.
    pub policy: Name,
    /// The role, or the user behind a key, or the pools; and the stack that makes them.
    pub identity: Name,
}

impl Names {
    /// The policy for inference profiles, which stands beside the other.
    pub(crate) fn profiles_policy(&self) -> String {
        format!("{}InferenceProfiles", self.policy)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self {
            policy: Name("BedrockAccess".to_owned()),
            // GovCloud (US-East) takes no more than 20 characters for an identity pool's role.
            identity: Name("BedrockIntegration".to_owned()),
        }
    }
}

impl FromStr for Name {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins_well && text.len() <= 64 && text.bytes().all(is_allowed) {
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
