//! What the cache asks of whoever keeps the accesses.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::LeaseKey;
use crate::{Result, Strategy};

/// Where accesses are kept.
pub trait Accesses: Send + Sync + 'static {
    /// Opens what a fetch needs: the fields and secrets of the access at the key's revision. Called once for each fetch.
    ///
    /// # Errors
    /// [`Error::Superseded`](crate::Error::Superseded) if the access is gone or has another revision, and
    /// [`Error::PasswordRefused`](crate::Error::PasswordRefused), here or by the strategy itself, for a password known to
    /// be refused, unless a person may try it again.
    fn strategy<'a>(
        &'a self,
        key: &'a LeaseKey,
        occasion: Occasion,
    ) -> BoxFuture<'a, Result<Arc<dyn Strategy>>>;

    /// Whether the access is still there, at the key's revision. Called after each fetch, before its lease is believed,
    /// so the answer must not come from a cache.
    ///
    /// # Errors
    /// That it could not be found out.
    fn is_current<'a>(&'a self, key: &'a LeaseKey) -> BoxFuture<'a, Result<bool>>;
}

/// What a lease is fetched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A call to be made, or a lease to be refreshed: nobody decided to try a refused password again.
    Use,
    /// A person tests the connection.
    Test,
}
