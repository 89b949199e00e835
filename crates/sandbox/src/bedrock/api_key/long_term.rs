//! Long-term keys: a service-specific credential of an IAM user, good in every region.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::AccountId;
use time::OffsetDateTime;

use super::unauthenticated;
use crate::{Call, Principal, Refusal, World, policy::Policy};

/// What the keys begin with.
pub(super) const PREFIX: &str = "ABSK";

/// A long-term key.
#[derive(Clone)]
pub struct LongTermKey {
    /// The IAM user it belongs to, such as `BedrockAPIKey-7k2m`.
    pub user: String,
    /// Its secret.
    pub secret: String,
    /// The policies of the user.
    pub policies: Vec<Policy>,
    /// When it ends; never, for some.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether it was neither deactivated nor deleted.
    pub is_active: bool,
}

impl LongTermKey {
    /// An active key that never ends, of a user without policies.
    pub fn new(user: &str, secret: &str) -> Self {
        Self {
            user: user.to_owned(),
            secret: secret.to_owned(),
            policies: Vec::new(),
            expires_at: None,
            is_active: true,
        }
    }

    /// The same, its user with one policy more.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// The same, revoked.
    #[must_use]
    pub fn revoked(mut self) -> Self {
        self.is_active = false;
        self
    }

    /// The same, ending then.
    #[must_use]
    pub fn expiring(mut self, at: OffsetDateTime) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// The key as it is sent.
    pub fn token(&self, account: AccountId) -> String {
        let content = format!("{}-at-{account}:{}", self.user, self.secret);
        format!("{PREFIX}{}", BASE64_STANDARD.encode(content))
    }

    fn is_valid(&self, secret: &str, now: OffsetDateTime) -> bool {
        self.is_active && self.secret == secret && self.expires_at.is_none_or(|end| now < end)
    }

    fn principal(&self, account: AccountId) -> Principal {
        Principal {
            account,
            arn: format!("arn:aws:iam::{account}:user/{}", self.user),
            user_id: format!("AIDA{}", self.user.to_ascii_uppercase()),
            role_arn: None,
            policies: self.policies.clone(),
            session_policy: None,
        }
    }
}

/// The user that a key, without its prefix, belongs to.
pub(super) fn principal(world: &World, call: &Call, encoded: &str) -> Result<Principal, Refusal> {
    find(world, call, encoded).ok_or_else(unauthenticated)
}

fn find(world: &World, call: &Call, encoded: &str) -> Option<Principal> {
    let content = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (name, secret) = content.split_once(':')?;
    let (user, account) = name.rsplit_once("-at-")?;
    let account: AccountId = account.parse().ok()?;
    let state = world.state();
    let keys = &state.accounts.get(&account)?.bedrock.api_keys;
    keys.iter()
        .find(|key| key.user == user && key.is_valid(secret, call.now))
        .map(|key| key.principal(account))
}
