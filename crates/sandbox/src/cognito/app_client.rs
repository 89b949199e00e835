//! A user pool's app client: which program signs in, how, and how long its tokens live.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::Duration;

use crate::Refusal;

/// An app client.
#[derive(Clone)]
pub struct AppClient {
    /// Its id.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<String>,
    /// Whether `ALLOW_USER_SRP_AUTH` is on.
    pub allows_srp: bool,
    /// Whether `ALLOW_REFRESH_TOKEN_AUTH` is on. AWS wants it off where rotation is on.
    pub allows_refresh: bool,
    /// Whether each refresh replaces the refresh token, and how long the old one still works after that.
    pub rotation: Option<Duration>,
    /// Whether it hides which users exist (`PreventUserExistenceErrors`).
    pub hides_users: bool,
    /// How long a challenge may wait for its answer.
    pub session_lifetime: Duration,
    /// How long access and ID tokens live.
    pub token_lifetime: Duration,
    /// How long a refresh token lives, and all that replace it.
    pub refresh_lifetime: Duration,
}

impl AppClient {
    /// A client without a secret, as the console makes one: SRP and refresh allowed, users hidden, no rotation.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: None,
            allows_srp: true,
            allows_refresh: true,
            rotation: None,
            hides_users: true,
            session_lifetime: Duration::minutes(3),
            token_lifetime: Duration::hours(1),
            refresh_lifetime: Duration::days(30),
        }
    }

    /// The same with a secret.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// The same with refresh tokens that work once, and for `grace` longer.
    #[must_use]
    pub fn rotating(mut self, grace: Duration) -> Self {
        self.rotation = Some(grace);
        self.allows_refresh = false;
        self
    }

    /// The same without `ALLOW_USER_SRP_AUTH`.
    #[must_use]
    pub fn without_srp(mut self) -> Self {
        self.allows_srp = false;
        self
    }

    /// The same, telling which users exist.
    #[must_use]
    pub fn revealing_users(mut self) -> Self {
        self.hides_users = false;
        self
    }

    /// Checks a SECRET_HASH, which is made over the name that stands in the same request.
    pub(super) fn check_hash(&self, username: &str, hash: Option<&str>) -> Result<(), Refusal> {
        let id = &self.id;
        match (&self.secret, hash) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(not_authorized(format!(
                "Client {id} is not configured for secret but secret hash was received"
            ))),
            (Some(_), None) => Err(not_authorized(format!(
                "Client {id} is configured with secret but SECRET_HASH was not received"
            ))),
            (Some(secret), Some(hash)) => {
                let given = BASE64_STANDARD.decode(hash).unwrap_or_default();
                #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
                Hmac::<Sha256>::new_from_slice(secret.as_bytes())
                    .expect("HMAC takes any key")
                    .chain_update(username)
                    .chain_update(id)
                    .verify_slice(&given)
                    .map_err(|_| {
                        not_authorized(format!("Unable to verify secret hash for client {id}"))
                    })
            }
        }
    }

    /// Checks the secret itself, which the newer operations take.
    pub(super) fn check_secret(&self, given: Option<&str>) -> Result<(), Refusal> {
        let id = &self.id;
        match (self.secret.as_deref(), given) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(not_authorized(format!(
                "Client {id} is not configured for secret but secret was received"
            ))),
            (Some(_), None) => Err(not_authorized(format!(
                "Client {id} is configured with secret but secret was not received"
            ))),
            (Some(secret), Some(given)) if secret == given => Ok(()),
            (Some(_), Some(_)) => Err(not_authorized(format!(
                "Unable to verify secret for client {id}"
            ))),
        }
    }
}

fn not_authorized(message: String) -> Refusal {
    Refusal::new(400, "NotAuthorizedException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1example23456789";
    const SECRET: &str = "9example87654321example0";

    fn hash(secret: &str, username: &str, id: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let mac = mac.chain_update(username).chain_update(id);
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }

    fn refused(client: &AppClient, hash: Option<&str>) -> String {
        client.check_hash("svc", hash).unwrap_err().message
    }

    #[test]
    fn a_hash_counts_for_its_own_secret_name_and_client_only() {
        let client = AppClient::new(ID).secret(SECRET);
        let right = hash(SECRET, "svc", ID);
        assert_eq!(client.check_hash("svc", Some(&right)), Ok(()));
        for wrong in [
            hash("other", "svc", ID),
            hash(SECRET, "Svc", ID),
            hash(SECRET, "svc", "other"),
            "no base64!".to_owned(),
            String::new(),
        ] {
            assert_eq!(
                refused(&client, Some(&wrong)),
                format!("Unable to verify secret hash for client {ID}")
            );
        }
    }

    #[test]
    fn a_missing_hash_and_an_unwanted_one_are_told_apart() {
        assert!(
            refused(&AppClient::new(ID).secret(SECRET), None)
                .ends_with("is configured with secret but SECRET_HASH was not received")
        );
        assert!(
            refused(&AppClient::new(ID), Some("aGFzaA=="))
                .ends_with("is not configured for secret but secret hash was received")
        );
        assert_eq!(AppClient::new(ID).check_hash("svc", None), Ok(()));
    }

    #[test]
    fn the_secret_itself_is_checked_where_it_is_sent() {
        let client = AppClient::new(ID).secret(SECRET);
        assert_eq!(client.check_secret(Some(SECRET)), Ok(()));
        assert!(client.check_secret(Some("wrong")).is_err());
        assert!(client.check_secret(None).is_err());
        assert!(AppClient::new(ID).check_secret(Some(SECRET)).is_err());
        assert_eq!(AppClient::new(ID).check_secret(None), Ok(()));
    }
}
