//! The customer's API keys: one of each kind that works, and one for each way in which a key does not.

use std::time::Duration;

use domain::AccountId;
use serde::Serialize;
use time::OffsetDateTime;

use super::{ACCOUNT, REGION, allowing, bedrock_access};
use crate::{
    AccessKey, World,
    bedrock::{LongTermKey, short_term},
    sts::User,
};

/// A region that is not the demo's.
const ELSEWHERE: &str = "eu-west-1";
const BEARER: &str = "bedrock:CallWithBearerToken";
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// The customer's API keys.
#[derive(Clone, Serialize)]
pub struct ApiKeys {
    /// A long-term key.
    pub long_term: String,
    /// A short-term key, good for twelve hours.
    pub short_term: String,
    /// A short-term key for another region.
    pub elsewhere: String,
    /// A short-term key that has ended.
    pub expired: String,
    /// A long-term key that was taken back.
    pub revoked: String,
    /// A long-term key of a user who may do everything but use keys.
    pub not_allowed: String,
}

impl ApiKeys {
    pub(super) fn build(world: &World, now: OffsetDateTime) -> Self {
        let (id, secret) = (
            "AKIAI44QH8DHBEXAMPLE",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        );
        let user = User::new("developer")
            .key(id, secret)
            .policy(allowing(&[BEARER]))
            .policy(bedrock_access());
        let signer = AccessKey {
            secret: secret.to_owned(),
            session_token: None,
            expires_at: None,
        };
        let signed = |region, at| short_term(id, &signer, region, at, LIFETIME);
        let stored = |name, secret| LongTermKey::new(name, secret).policy(bedrock_access());
        let long_term = stored(
            "BedrockAPIKey-demo",
            "demo-secret-of-the-key-that-works-example",
        )
        .policy(allowing(&[BEARER]));
        let revoked = stored(
            "BedrockAPIKey-gone",
            "demo-secret-of-the-key-taken-back-example",
        )
        .policy(allowing(&[BEARER]))
        .revoked();
        let not_allowed = stored(
            "BedrockAPIKey-barred",
            "demo-secret-of-the-key-not-allowed-example",
        );
        let keys = Self {
            long_term: long_term.token(account()),
            short_term: signed(REGION, now),
            elsewhere: signed(ELSEWHERE, now),
            expired: signed(REGION, now - 2 * LIFETIME),
            revoked: revoked.token(account()),
            not_allowed: not_allowed.token(account()),
        };
        world.account(ACCOUNT, |account| {
            account.users.push(user);
            let stored = [long_term, revoked, not_allowed];
            account.bedrock.api_keys.extend(stored);
        });
        keys
    }
}

#[expect(
    clippy::expect_used,
    reason = "the account's number is written in this folder"
)]
fn account() -> AccountId {
    ACCOUNT.parse().expect("an account is 12 digits")
}
