//! Who signs: a user, an assumed role, a federated identity, and what its policies let it do.

use domain::AccountId;
use time::OffsetDateTime;

use crate::policy::Policy;

/// A key that requests are signed with.
#[derive(Clone)]
pub struct AccessKey {
    /// The secret.
    pub secret: String,
    /// The session token that must come along, for temporary credentials.
    pub session_token: Option<String>,
    /// When it ends.
    pub expires_at: Option<OffsetDateTime>,
}

/// Who a key belongs to.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// The ARN, as GetCallerIdentity tells it.
    pub arn: String,
    /// AWS's unique id of it.
    pub user_id: String,
    /// The policies attached to it.
    pub policies: Vec<Policy>,
    /// The policy that its session was given, which can only take away.
    pub session_policy: Option<Policy>,
    /// Whether it is the account's root, which may do everything.
    pub is_root: bool,
}
