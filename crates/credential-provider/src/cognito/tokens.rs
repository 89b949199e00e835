//! What has to be kept between two sign-ins, and by whom: the port to wherever accesses are kept.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;

use super::secret::Secret;
use crate::Result;

/// A refresh token. `Debug` does not show it.
#[derive(Clone)]
pub struct RefreshToken(Secret);

impl RefreshToken {
    /// A token as Cognito gave it, or as it was kept.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text.into()))
    }

    /// The token in the clear.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

/// What is kept of an access.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The refresh token, if there is one.
    pub refresh_token: Option<RefreshToken>,
    /// Which of its tokens this is: [`TokenStore::replace`] names it.
    pub version: u64,
    /// The identity that GetId returned. That call is the scarce one: 25 a second for a whole account.
    pub identity_id: Option<String>,
}

/// Where one access keeps its tokens, for all replicas. No transaction spans a call to AWS.
///
/// # Errors
/// All of them: [`Error::Unavailable`](crate::Error::Unavailable) if it cannot be reached.
pub trait TokenStore: Send + Sync {
    /// What is kept now; not from a cache.
    fn load(&self) -> BoxFuture<'_, Result<Kept>>;

    /// Puts a token, or none, in place of the one of version `seen`. False, and nothing is changed, if there is another
    /// version by now. When it returns true, the token outlives a crash.
    fn replace(&self, seen: u64, token: Option<RefreshToken>) -> BoxFuture<'_, Result<bool>>;

    /// Keeps the identity.
    fn keep_identity<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Asks for the right to use the refresh token: one caller at a time, over all replicas, has it, and loses it after
    /// `limit` if it does not give it back. False if another has it.
    fn claim(&self, limit: Duration) -> BoxFuture<'_, Result<bool>>;

    /// Gives the right back.
    fn release(&self) -> BoxFuture<'_, Result<()>>;
}

/// Tokens in memory: for one process that may sign in anew when it starts.
#[derive(Default)]
pub struct MemoryTokens(Mutex<(Kept, bool)>);

impl MemoryTokens {
    fn lock(&self) -> MutexGuard<'_, (Kept, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokens {
    fn load(&self) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(std::future::ready(Ok(self.lock().0.clone())))
    }

    fn replace(&self, seen: u64, token: Option<RefreshToken>) -> BoxFuture<'_, Result<bool>> {
        let (kept, _) = &mut *self.lock();
        let is_current = kept.version == seen;
        if is_current {
            kept.refresh_token = token;
            kept.version += 1;
        }
        Box::pin(std::future::ready(Ok(is_current)))
    }

    fn keep_identity<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.lock().0.identity_id = Some(id.to_owned());
        Box::pin(std::future::ready(Ok(())))
    }

    fn claim(&self, _: Duration) -> BoxFuture<'_, Result<bool>> {
        let (_, is_claimed) = &mut *self.lock();
        let granted = !std::mem::replace(is_claimed, true);
        Box::pin(std::future::ready(Ok(granted)))
    }

    fn release(&self) -> BoxFuture<'_, Result<()>> {
        self.lock().1 = false;
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for MemoryTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryTokens")
    }
}
