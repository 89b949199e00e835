//! An identity pool: the user pools it believes, the role it gives, and the identities it knows.

use std::collections::BTreeMap;

/// An identity pool.
pub struct IdentityPool {
    /// Its id: `eu-west-1:` and a UUID.
    pub id: String,
    /// The app clients of user pools whose ID tokens it takes.
    pub providers: Vec<Provider>,
    /// The ARN of the role for authenticated users.
    pub authenticated_role: Option<String>,
    /// The identities it has given out, by id. Forgetting one is deleting it.
    pub identities: BTreeMap<String, Identity>,
}

/// An app client whose tokens an identity pool takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The user pool's id.
    pub user_pool: String,
    /// The app client's id.
    pub client_id: String,
    /// `ServerSideTokenCheck`: whether tokens of users who were signed out, disabled or deleted are refused.
    pub checks_tokens: bool,
}

/// An identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Whose it is: the subject at each provider.
    pub logins: BTreeMap<String, String>,
    /// The identity that it was merged into.
    pub merged_into: Option<String>,
}

impl IdentityPool {
    /// A pool without guests, providers or a role. Its id begins with its region.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            providers: Vec::new(),
            authenticated_role: None,
            identities: BTreeMap::new(),
        }
    }

    /// The same, taking the tokens of an app client.
    #[must_use]
    pub fn linked(mut self, user_pool: &str, client_id: &str) -> Self {
        self.providers.push(Provider {
            user_pool: user_pool.to_owned(),
            client_id: client_id.to_owned(),
            checks_tokens: false,
        });
        self
    }

    /// The same, checking at the user pools whether tokens still count.
    #[must_use]
    pub fn checking_tokens(mut self) -> Self {
        for provider in &mut self.providers {
            provider.checks_tokens = true;
        }
        self
    }

    /// The same, giving authenticated users a role of its own account.
    #[must_use]
    pub fn authenticated_role(mut self, arn: &str) -> Self {
        self.authenticated_role = Some(arn.to_owned());
        self
    }

    /// Merges an identity into another, which is made if there is none: whoever asks for the first is given the second.
    pub fn merge(&mut self, from: &str, into: &str) {
        let Some(merged) = self.identities.get_mut(from) else {
            return;
        };
        merged.merged_into = Some(into.to_owned());
        let logins = std::mem::take(&mut merged.logins);
        let target = self.identities.entry(into.to_owned()).or_default();
        target.logins.extend(logins);
    }

    pub(super) fn region(&self) -> &str {
        self.id.split(':').next().unwrap_or_default()
    }
}
