//! The app client of a user pool, as which the service signs in.

use std::{fmt, str::FromStr};

use domain::Invalid;

use super::secret::Secret;

/// An app client, with its secret if it has one.
#[derive(Debug, Clone)]
pub struct AppClient {
    /// Which.
    pub id: AppClientId,
    /// Its secret. A client that has one refuses calls without it, and one that has none refuses calls with it.
    pub secret: Option<AppClientSecret>,
}

/// The id of an app client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppClientId(String);

/// The secret of an app client.
#[derive(Debug, Clone)]
pub struct AppClientSecret(Secret);

impl AppClientId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppClientId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (1..=128).contains(&text.len()) && text.bytes().all(is_client_character) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(
                "must be the app client's ID from the user pool's page \"App clients\": letters and digits, at most 128",
            ))
        }
    }
}

impl fmt::Display for AppClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AppClientSecret {
    /// The secret in the clear.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl FromStr for AppClientSecret {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (24..=64).contains(&text.len()) && text.bytes().all(is_client_character) {
            Ok(Self(Secret::new(text.to_owned())))
        } else {
            Err(Invalid(
                "must be the app client's secret, 24 to 64 letters and digits; leave it out if the app client has none",
            ))
        }
    }
}

fn is_client_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_secrets_have_their_form() {
        let id: AppClientId = " 1h57kf5cpq17m0eml12EXAMPLE\n".parse().unwrap();
        assert_eq!(id.as_str(), "1h57kf5cpq17m0eml12EXAMPLE");
        for bad in ["", " ", "a b", "a/b", "ä", "a\u{0}", &"a".repeat(129)] {
            assert!(bad.parse::<AppClientId>().is_err(), "{bad:?}");
        }
        assert!("a".repeat(24).parse::<AppClientSecret>().is_ok());
        for bad in ["", &"a".repeat(23), &"a".repeat(65), &"ä".repeat(24)] {
            assert!(bad.parse::<AppClientSecret>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_client_is_printed_without_its_secret() {
        let client = AppClient {
            id: "client".parse().unwrap(),
            secret: Some("sesamsesamsesamsesamsesam".parse().unwrap()),
        };
        assert!(!format!("{client:?}").contains("sesam"));
    }
}
