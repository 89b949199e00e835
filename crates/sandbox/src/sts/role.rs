//! IAM roles.

use domain::AccountId;
use sha2::{Digest, Sha256};
use time::Duration;

use crate::{policy::Policy, principal::Principal};

/// An IAM role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name, without a path.
    pub name: String,
    /// Its path, which begins and ends with a slash.
    pub path: String,
    /// Who may take it on.
    pub trust: Policy,
    /// The policies attached to it.
    pub policies: Vec<Policy>,
    /// The longest that a session of it may last.
    pub max_session: Duration,
}

impl Role {
    /// A role that lets in whom `trust` names, and may do nothing.
    pub fn new(name: &str, trust: Policy) -> Self {
        Self {
            name: name.to_owned(),
            path: "/".to_owned(),
            trust,
            policies: Vec::new(),
            max_session: Duration::HOUR,
        }
    }

    /// The same under a path, such as `/service/`.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The same with a policy more.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// The same with longer sessions.
    #[must_use]
    pub fn max_session(mut self, max_session: Duration) -> Self {
        self.max_session = max_session;
        self
    }

    /// Its ARN.
    pub fn arn(&self, account: AccountId) -> String {
        format!("arn:aws:iam::{account}:role{}{}", self.path, self.name)
    }

    /// Who has taken it on, under the name `session`.
    pub(crate) fn principal(
        &self,
        account: AccountId,
        session: &str,
        session_policy: Option<Policy>,
    ) -> Principal {
        let role_arn = self.arn(account);
        Principal {
            account,
            arn: format!(
                "arn:aws:sts::{account}:assumed-role/{}/{session}",
                self.name
            ),
            user_id: format!("{}:{session}", unique_id("AROA", &role_arn)),
            role_arn: Some(role_arn),
            policies: self.policies.clone(),
            session_policy,
        }
    }
}

/// AWS's unique id of what has that ARN: the same as long as the ARN is.
pub(super) fn unique_id(prefix: &str, arn: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash = Sha256::digest(arn);
    let letters = hash
        .iter()
        .take(17)
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    prefix.chars().chain(letters).collect()
}
