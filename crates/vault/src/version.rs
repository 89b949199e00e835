//! The number of a master key: what its line in the key file, the `wrapped_by` column and `keys rotate --to` name.

use std::fmt;
use std::str::FromStr;

use crate::error::InvalidVersion;

/// A master key's version, from 1 to `i32::MAX`: a positive Postgres `integer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i32);

impl Version {
    /// The version of the first key ever made.
    pub const FIRST: Self = Self(1);

    /// As the associated data writes it: four bytes, most significant first.
    pub(crate) fn to_be_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl TryFrom<i32> for Version {
    type Error = InvalidVersion;

    fn try_from(number: i32) -> Result<Self, InvalidVersion> {
        if number < 1 {
            return Err(InvalidVersion);
        }
        Ok(Self(number))
    }
}

impl From<Version> for i32 {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        // `parse` alone takes a leading `+`.
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidVersion);
        }
        text.parse::<i32>().map_err(|_| InvalidVersion)?.try_into()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_positive_integer() {
        for number in [1, 2, i32::MAX] {
            let version = Version::try_from(number).unwrap();
            assert_eq!(i32::from(version), number);
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        for number in [0, -1, i32::MIN] {
            assert_eq!(Version::try_from(number), Err(InvalidVersion));
        }
    }

    #[test]
    fn is_written_in_digits() {
        for text in [
            "",
            "0",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1.0",
            "0x1",
            "٣",
            "2147483648",
        ] {
            assert_eq!(text.parse::<Version>(), Err(InvalidVersion), "{text:?}");
        }
    }
}
