//! An AWS account.

use std::{fmt, str::FromStr};

use crate::Invalid;

/// The 12 digits that name an AWS account. Not secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account that owns what this ARN names, if it says so.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':');
        (parts.next() == Some("arn"))
            .then(|| parts.nth(3))?
            .and_then(|account| account.parse().ok())
    }
}

impl FromStr for AccountId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(Invalid("must be the 12 digits of an AWS account")),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_twelve_digits() {
        let account: AccountId = "012345678901".parse().unwrap();
        assert_eq!(account.to_string(), "012345678901");
        for bad in ["", "12345678901", "1234567890123", "12345678901x", "１２３"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_arn_names_its_owner_or_nobody() {
        let arn = "arn:aws:sts::012345678901:assumed-role/Bedrock/session";
        assert_eq!(
            AccountId::of_arn(arn),
            Some("012345678901".parse().unwrap())
        );
        for bad in [
            "",
            "arn",
            "arn:aws:bedrock:eu-west-1::foundation-model/x",
            "urn:a:b:c:012345678901:x",
        ] {
            assert_eq!(AccountId::of_arn(bad), None, "{bad}");
        }
    }
}
