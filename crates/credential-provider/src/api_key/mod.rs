//! A Bedrock API key: nothing has to be asked for it, it is the lease.

mod facts;

use std::{fmt, str::FromStr};

use aws_credential_types::Token;
use domain::{Invalid, Method, Region};
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

pub use facts::{KeyFacts, Kind};

use crate::{Aws, Identity, Lease, Proof, Result, Strategy, Unfit};

/// A Bedrock API key, and what it says about itself. `Debug` does not show it.
#[derive(Clone)]
pub struct ApiKey {
    text: Zeroizing<String>,
    facts: KeyFacts,
}

/// A short-term key embeds a session token, which AWS lets grow.
const LONGEST: usize = 16 * 1_024;

/// What keys begin with that people take for a Bedrock API key: AWS's access keys, and those of this service. They must not
/// be sent to where they do not belong.
const OTHERS: [&str; 3] = ["AKIA", "ASIA", "bi_"];

impl ApiKey {
    /// What it says about itself. Best effort: AWS does not promise the form.
    pub const fn facts(&self) -> &KeyFacts {
        &self.facts
    }

    /// The key in the clear: for sealing it, and for the calls.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Its last four characters, to tell keys apart; none of a text so short that they would be much of it.
    pub fn last_four(&self) -> &str {
        const SHORT: usize = 16;
        match self.text.len() {
            ..SHORT => "",
            length => &self.text[length - 4..],
        }
    }
}

impl FromStr for ApiKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty()
            || text.len() > LONGEST
            || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(Invalid(
                "must be a Bedrock API key, copied whole and without spaces",
            ));
        }
        if OTHERS.iter().any(|start| text.starts_with(start)) {
            return Err(Invalid(
                "is a key of another kind: a Bedrock API key is made in the Amazon Bedrock console, API keys",
            ));
        }
        Ok(Self {
            facts: KeyFacts::read(text),
            text: Zeroizing::new(text.to_owned()),
        })
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

impl Strategy for ApiKey {
    fn method(&self) -> Method {
        Method::ApiKey
    }

    fn check(&self, aws: &Aws, region: &Region) -> Result<(), Unfit> {
        let now = aws.clock().now();
        if self.facts.expires_at.is_some_and(|at| at <= now) {
            return Err(Unfit::KeyExpired);
        }
        match &self.facts.region {
            Some(own) if own != region => Err(Unfit::KeyOfAnotherRegion),
            _ => Ok(()),
        }
    }

    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(async move {
            self.check(aws, region)?;
            let token = Token::new(self.text.as_str(), None);
            let lease = Lease::new(Identity::Bearer(token), self.facts.expires_at);
            Ok(lease.reached(self.facts.account, None, Vec::new()))
        })
    }

    fn prove<'a>(&'a self, _: &'a Aws, _: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        Box::pin(std::future::ready(Ok(Proof::NotNeeded)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_trimmed_and_never_shown() {
        let key: ApiKey = " ABSKsesamsesam1234\n".parse().unwrap();
        assert_eq!(key.expose(), "ABSKsesamsesam1234");
        assert_eq!(key.last_four(), "1234");
        assert!(!format!("{key:?}").contains("sesam"));
        let password: ApiKey = "sesam1234".parse().unwrap();
        assert_eq!(password.last_four(), "");
    }

    #[test]
    fn what_cannot_be_a_header_is_no_key() {
        for bad in [
            "",
            "  ",
            "a b",
            "a\nb",
            "a\u{0}",
            "AKIAIOSFODNN7EXAMPLE",
            "bi_op_0198",
            "ä",
            &"a".repeat(LONGEST + 1),
        ] {
            assert!(bad.parse::<ApiKey>().is_err());
        }
    }
}
