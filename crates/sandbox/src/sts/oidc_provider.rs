//! IAM's OIDC providers.

use domain::AccountId;
use serde_json::Value;

/// An issuer of tokens that an account lets in.
#[derive(Debug, Clone)]
pub struct OidcProvider {
    /// The issuer's URL. Unlike AWS the sandbox takes `http://` and a port too, so that tests can be issuers.
    pub issuer: String,
    /// The audiences that it lets in.
    pub audiences: Vec<String>,
    /// The issuer's keys, for tests that serve none; else they are fetched as AWS does.
    pub jwks: Option<Value>,
}

impl OidcProvider {
    /// The issuer with that URL.
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audiences: Vec::new(),
            jwks: None,
        }
    }

    /// The same with an audience more.
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        self.audiences.push(audience.to_owned());
        self
    }

    /// The same with keys that need not be fetched.
    #[must_use]
    pub fn jwks(mut self, jwks: Value) -> Self {
        self.jwks = Some(jwks);
        self
    }

    /// What stands for it in ARNs and condition keys: its URL without the scheme.
    pub fn name(&self) -> &str {
        self.issuer
            .split_once("://")
            .map_or(&*self.issuer, |(_, name)| name)
    }

    /// Its ARN.
    pub fn arn(&self, account: AccountId) -> String {
        format!("arn:aws:iam::{account}:oidc-provider/{}", self.name())
    }
}
