//! What has to be kept between two sign-ins, and by whom: the port to wherever accesses are kept.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::time::Instant;

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

    /// Asks for the right to sign in and to use the refresh token: one caller at a time, over all replicas, has it, and
    /// loses it after `limit` if it does not give it back. Its number, different each time; none if another has it.
    fn claim(&self, limit: Duration) -> BoxFuture<'_, Result<Option<u64>>>;

    /// Gives the right of that number back. Another's stays: who was too slow has lost its own.
    fn release(&self, claim: u64) -> BoxFuture<'_, Result<()>>;
}

/// Tokens in memory: for one process that may sign in anew when it starts.
#[derive(Default)]
pub struct MemoryTokens(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    kept: Kept,
    claims: u64,
    claimed_until: Option<Instant>,
}

impl MemoryTokens {
    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokens {
    fn load(&self) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(std::future::ready(Ok(self.lock().kept.clone())))
    }

    fn replace(&self, seen: u64, token: Option<RefreshToken>) -> BoxFuture<'_, Result<bool>> {
        let kept = &mut self.lock().kept;
        let is_current = kept.version == seen;
        if is_current {
            kept.refresh_token = token;
            kept.version += 1;
        }
        Box::pin(std::future::ready(Ok(is_current)))
    }

    fn keep_identity<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.lock().kept.identity_id = Some(id.to_owned());
        Box::pin(std::future::ready(Ok(())))
    }

    fn claim(&self, limit: Duration) -> BoxFuture<'_, Result<Option<u64>>> {
        let memory = &mut *self.lock();
        let now = Instant::now();
        let is_free = memory.claimed_until.is_none_or(|until| until <= now);
        let claim = is_free.then(|| {
            memory.claims += 1;
            memory.claimed_until = Some(now + limit);
            memory.claims
        });
        Box::pin(std::future::ready(Ok(claim)))
    }

    fn release(&self, claim: u64) -> BoxFuture<'_, Result<()>> {
        let memory = &mut *self.lock();
        if memory.claims == claim {
            memory.claimed_until = None;
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for MemoryTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryTokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(15);

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_has_the_right_and_who_is_too_slow_loses_it() {
        let tokens = MemoryTokens::default();
        let slow = tokens.claim(LIMIT).await.unwrap().unwrap();
        assert_eq!(tokens.claim(LIMIT).await, Ok(None));
        tokio::time::advance(LIMIT).await;
        let next = tokens.claim(LIMIT).await.unwrap().unwrap();
        tokens.release(slow).await.unwrap();
        assert_eq!(tokens.claim(LIMIT).await, Ok(None));
        tokens.release(next).await.unwrap();
        assert!(tokens.claim(LIMIT).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_token_is_replaced_only_by_who_has_seen_it() {
        let tokens = MemoryTokens::default();
        let token = |text| Some(RefreshToken::new(text));
        assert_eq!(tokens.replace(0, token("one")).await, Ok(true));
        assert_eq!(tokens.replace(0, token("two")).await, Ok(false));
        let kept = tokens.load().await.unwrap();
        assert_eq!(kept.version, 1);
        assert_eq!(kept.refresh_token.unwrap().expose(), "one");
    }
}
