//! What a role's trust policy demands of us, so that nobody can point us at somebody else's role (the confused deputy).
//! Not a secret: whoever may read the role can read it.

use std::{fmt, str::FromStr};

use domain::{Entropy, Invalid};

/// An external ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

impl ExternalId {
    /// What those we generate begin with.
    pub const PREFIX: &'static str = "bi-";

    /// A new one that nobody can guess: 160 random bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 20];
        entropy.fill(&mut bytes);
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{}{digits}", Self::PREFIX))
    }

    /// The external ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it looks like one of ours. One that a customer enters must not, unless it is the customer's own.
    pub fn has_our_prefix(&self) -> bool {
        self.0.starts_with(Self::PREFIX)
    }
}

impl FromStr for ExternalId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
        if (2..=1_224).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(
                "must be 2 to 1,224 of the characters A-Z a-z 0-9 _ + = , . @ : / -",
            ))
        }
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(0..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_generated_one_has_our_prefix_and_reads_back() {
        let generated = ExternalId::generate(&Counting);
        assert!(generated.has_our_prefix());
        assert_eq!(generated.as_str().len(), 43);
        assert_eq!(generated.as_str().parse(), Ok(generated));
    }

    #[test]
    fn what_sts_would_refuse_is_refused_here() {
        for bad in [
            "",
            "a",
            "a b",
            "ä-1",
            "a\u{0}b",
            "a&ExternalId=b",
            &"a".repeat(1_225),
        ] {
            assert!(bad.parse::<ExternalId>().is_err(), "{bad:?}");
        }
        let entered: ExternalId = " acme:prod/7 ".parse().unwrap();
        assert_eq!(
            (entered.as_str(), entered.has_our_prefix()),
            ("acme:prod/7", false)
        );
    }
}
