//! IAM users.

use domain::AccountId;

use super::role::unique_id;
use crate::{
    policy::Policy,
    principal::{AccessKey, Principal},
};

/// An IAM user.
#[derive(Debug, Clone)]
pub struct User {
    /// Its name.
    pub name: String,
    /// The policies attached to it.
    pub policies: Vec<Policy>,
    /// Its access keys, with their secrets.
    pub(crate) keys: Vec<(String, String)>,
}

impl User {
    /// A user that may do nothing.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            policies: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// The same with an access key.
    #[must_use]
    pub fn key(mut self, id: &str, secret: &str) -> Self {
        self.keys.push((id.to_owned(), secret.to_owned()));
        self
    }

    /// The same with a policy more.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// Its ARN.
    pub fn arn(&self, account: AccountId) -> String {
        format!("arn:aws:iam::{account}:user/{}", self.name)
    }

    /// The user, as one who asks.
    pub(crate) fn principal(&self, account: AccountId) -> Principal {
        let arn = self.arn(account);
        Principal {
            account,
            user_id: unique_id("AIDA", &arn),
            arn,
            role_arn: None,
            policies: self.policies.clone(),
            session_policy: None,
        }
    }

    /// The key of that id.
    pub(crate) fn access_key(&self, id: &str) -> Option<AccessKey> {
        let (_, secret) = self.keys.iter().find(|(key, _)| key == id)?;
        Some(AccessKey {
            secret: secret.clone(),
            session_token: None,
            expires_at: None,
        })
    }
}
