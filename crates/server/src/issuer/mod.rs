//! The service as an OpenID Connect issuer: one per tenant, all with the same keys. It signs tokens for AWS alone.
//!
//! Everything here is answered from memory: AWS looks at discovery and keys, and leases are made, while the database is
//! away. What must stay true: a key is published long before it signs and long after; a token lives for minutes, names
//! its tenant's issuer, and speaks for one access; no token ever leaves but to STS.
//!
//! The keys' coming and going is [`schedule`]'s, their keeping `app/signing_keys.rs`'s.

mod home;
mod key;
mod schedule;
mod token;

use std::sync::{Arc, PoisonError, RwLock};

use credential_provider::{
    Endpoint, Error, Result, Service,
    iam_role::{Subject, TokenSigner},
};
use domain::{Clock, Entropy, TenantId};
use futures_util::future::BoxFuture;
use url::Url;
use zeroize::Zeroizing;

use self::home::Home;
use crate::config::AwsConfig;

pub(crate) use {
    key::{Key, generate},
    schedule::Plan,
    token::AUDIENCE,
};

/// The issuers of all tenants.
pub struct Issuer {
    /// Where they are, or why there are none.
    home: Result<Home, &'static str>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// In the order in which they sign; none before the database was reached.
    keys: RwLock<Arc<[Key]>>,
}

impl Issuer {
    /// Issuers below that address, without a key yet.
    pub(crate) fn new(
        public_url: &Url,
        aws: &AwsConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let sts = aws.endpoints.of(Service::Sts);
        Self {
            home: Home::below(public_url, matches!(sts, Some(Endpoint::Emulator(_)))),
            clock,
            entropy,
            keys: RwLock::default(),
        }
    }

    /// Why the service is no issuer; none if it is one.
    pub(crate) fn why_not(&self) -> Option<&'static str> {
        self.home.as_ref().err().copied()
    }

    /// The tenant's issuer, as its tokens spell it; none if there are none.
    pub(crate) fn of(&self, tenant: TenantId) -> Option<String> {
        Some(self.home.as_ref().ok()?.issuer(tenant))
    }

    /// Where the keys of all of them are.
    pub(crate) fn keys_url(&self) -> Option<String> {
        Some(self.home.as_ref().ok()?.keys_url())
    }

    /// What is published.
    pub(crate) fn keys(&self) -> Arc<[Key]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Publishes these keys and no others from now on.
    pub(crate) fn publish(&self, keys: Arc<[Key]>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn signed(&self, subject: Subject) -> Result<Zeroizing<String>> {
        let issuer = self.of(subject.tenant).ok_or(Error::NoIdentity)?;
        let (now, keys) = (self.clock.now(), self.keys());
        let key = schedule::signing(&keys, now).ok_or(Error::Unavailable)?;
        token::sign(key, &issuer, subject, now, &mut self.entropy.rng())
    }
}

impl TokenSigner for Issuer {
    fn sign(&self, subject: Subject) -> BoxFuture<'_, Result<Zeroizing<String>>> {
        Box::pin(std::future::ready(self.signed(subject)))
    }
}
