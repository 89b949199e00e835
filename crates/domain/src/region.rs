//! An AWS region. It becomes part of host names, so only what has a region's exact form is one.

use std::{fmt, str::FromStr};

use crate::{Invalid, Partition};

/// A region of a known partition: `^[a-z]{2,4}(-[a-z]+){1,2}-[0-9]{1,2}$`, ASCII. Whether AWS has it, AWS decides.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// The longest region that is believed; the longest there is has 14 characters.
const MAX_LENGTH: usize = 32;

impl Region {
    /// The region as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition it belongs to.
    pub fn partition(&self) -> Partition {
        partition(&self.0).unwrap_or(Partition::Aws)
    }
}

impl FromStr for Region {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match partition(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(Invalid(
                "must be the code of an AWS region, such as us-east-1 or eu-central-1",
            )),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The partition of a text that has a region's form.
fn partition(text: &str) -> Option<Partition> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let (words, number) = text.rsplit_once('-')?;
    let is_number = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<&str> = words.split('-').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    (is_number && words.iter().all(is_word))
        .then(|| Partition::of_region(&words))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_know_their_partition() {
        for (region, partition) in [
            ("us-east-1", Partition::Aws),
            ("ap-southeast-7", Partition::Aws),
            ("mx-central-1", Partition::Aws),
            ("us-gov-west-1", Partition::GovCloud),
            ("cn-north-1", Partition::China),
            ("eusc-de-east-1", Partition::EuropeanSovereign),
            ("us-isob-east-1", Partition::IsoB),
        ] {
            assert_eq!(region.parse::<Region>().unwrap().partition(), partition);
        }
    }

    #[test]
    fn what_would_change_a_host_name_is_no_region() {
        for bad in [
            "",
            "us-east-1.evil.example",
            "us-east-1/",
            "us-east-1#",
            "us-east-1@evil.example",
            "us-east-1:80",
            "us-east-1\n",
            " us-east-1",
            "us-east-１",
            "US-EAST-1",
            "us-eäst-1",
            "us-east",
            "us--1",
            "us-east-100",
            "xx-east-1",
            "us-gov-east-west-1",
            "localhost",
            "127.0.0.1",
            "us-east-1%2eevil",
            &format!("us-{}-1", "e".repeat(64)),
        ] {
            assert!(bad.parse::<Region>().is_err(), "{bad:?}");
        }
    }
}
