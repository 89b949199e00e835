//! SECRET_HASH: how an app client proves its secret.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::AppClient;

/// The hash for a call that names the user `username`, if the client has a secret. The name must be the one in that very
/// call: the name typed when a sign-in begins, and Cognito's own name of the user when its challenge is answered.
pub(super) fn secret_hash(client: &AppClient, username: &str) -> Option<String> {
    let secret = client.secret.as_ref()?;
    let mut mac = keyed(secret.expose().as_bytes());
    mac.update(username.as_bytes());
    mac.update(client.id.as_str().as_bytes());
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// HMAC-SHA-256 under `key`.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(super) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(secret: Option<&str>) -> AppClient {
        AppClient {
            id: "1h57kf5cpq17m0eml12EXAMPLE".parse().unwrap(),
            secret: secret.map(|secret| secret.parse().unwrap()),
        }
    }

    #[test]
    fn the_hash_is_that_of_other_implementations() {
        // python3: base64.b64encode(hmac.digest(secret, username + client_id, "sha256"))
        let client = client(Some("9ivmn5wnmvnwmnhowEXAMPLEsecret"));
        assert_eq!(
            secret_hash(&client, "testuser").as_deref(),
            Some("5ndrzMhlRUsk+bka2qH5UD9hq8mfb92KzuuhPTC4iyU=")
        );
        assert_ne!(
            secret_hash(&client, "testuser"),
            secret_hash(&client, "another")
        );
    }

    #[test]
    fn a_client_without_a_secret_has_no_hash() {
        assert_eq!(secret_hash(&client(None), "testuser"), None);
    }
}
