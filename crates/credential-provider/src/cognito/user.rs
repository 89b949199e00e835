//! The user of a user pool as whom the service signs in: a service account that the customer made for it.

use std::{fmt, str::FromStr};

use domain::Invalid;

use super::secret::Secret;

/// The name that a user signs in with: the user name itself, or an alias such as an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

/// A user's password.
#[derive(Debug, Clone)]
pub struct Password(Secret);

impl Username {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace();
        if (1..=128).contains(&text.chars().count()) && text.chars().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(
                "must be the name that the user signs in with: at most 128 characters, without spaces",
            ))
        }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Password {
    /// The password in the clear.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for Password {
    type Err = Invalid;

    /// White space around it is none of it: Cognito takes no password that begins or ends with a space.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(Self(Secret::new(text.to_owned())))
        } else {
            Err(Invalid(
                "must be the user's permanent password: at most 256 characters, on one line",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_spaces_and_bounds() {
        for good in ["svc", "svc@example.com", "+4912345", "ü", &"ü".repeat(128)] {
            assert_eq!(good.parse::<Username>().unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a\nb", "a\u{7f}b", &"a".repeat(129)] {
            assert!(bad.parse::<Username>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_pasted_password_loses_what_stands_around_it_and_nothing_else() {
        let password: Password = "\tcorrect horse  battery\r\n".parse().unwrap();
        assert_eq!(password.expose(), "correct horse  battery");
        for bad in ["", " ", "a\nb", "a\u{0}", &"a".repeat(257)] {
            assert!(bad.parse::<Password>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let password: Password = "sesam".parse().unwrap();
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
