//! An identity provider's keys: found by discovery, cached, and fetched again when it signs with one we do not know.
//!
//! Nobody with a known key waits for a fetch. There is one at a time, in a task of its own: a caller who leaves takes
//! nothing from those who come after.

use std::sync::Arc;

use domain::Clock;
use futures_util::StreamExt;
use jsonwebtoken::jwk::Jwk;
use reqwest::{StatusCode, redirect};
use serde::{Deserialize, de::DeserializeOwned};
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;
use url::Url;

use crate::{chain::chain, config::is_trusted_transport, pulse::Health};

/// How long keys are used without asking again.
const FRESH_FOR: Duration = Duration::minutes(10);
/// How long keys are used while the provider cannot be reached.
const STALE_FOR: Duration = Duration::hours(24);
/// Least time between two fetches, so that made-up key ids cost the provider nothing.
const PAUSE: Duration = Duration::seconds(10);
/// Longest that a fetch takes, discovery and keys together: so long may a caller with an unknown key wait.
const FETCH_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
/// More than any provider publishes.
const MAX_BODY: usize = 256 * 1024;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoKey {
    /// The provider does not sign with that key.
    #[error("the identity provider has no such key")]
    Unknown,
    /// The provider cannot be asked, and what is known is too old or does not name the key.
    #[error("the identity provider's keys cannot be fetched: {0}")]
    Unavailable(String),
}

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the request failed")]
    Http(#[from] reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("there was no answer within {} seconds", FETCH_TIMEOUT.as_secs())]
    TooSlow,
    #[error("the answer is larger than {MAX_BODY} bytes")]
    TooLarge,
    #[error("the answer is not the JSON it should be")]
    Json(#[from] serde_json::Error),
    #[error("discovery names another issuer")]
    OtherIssuer,
    #[error("discovery names keys at an address that cannot be trusted")]
    UntrustedKeys,
    #[error("the fetch broke")]
    Broke(#[from] tokio::task::JoinError),
}

/// The keys of one issuer.
pub(super) struct Jwks {
    provider: Provider,
    clock: Arc<dyn Clock>,
    known: Arc<watch::Sender<Known>>,
}

struct Known {
    keys: Arc<[Jwk]>,
    fetched_at: Option<OffsetDateTime>,
    /// When the last fetch ended, well or not.
    tried_at: Option<OffsetDateTime>,
    fetching: bool,
    health: Health,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
}

/// Keys of kinds we do not know are left out: providers publish some that are not for signatures.
#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl Jwks {
    pub(super) fn new(issuer: String, clock: Arc<dyn Clock>) -> Self {
        let known = Known {
            keys: Arc::default(),
            fetched_at: None,
            tried_at: None,
            fetching: false,
            health: Health {
                error: None,
                since: clock.now(),
            },
        };
        Self {
            provider: Provider::new(issuer),
            clock,
            known: Arc::new(watch::Sender::new(known)),
        }
    }

    /// The key of that id; of a provider with a single key also without one.
    pub(super) async fn key(&self, kid: Option<&str>) -> Result<Jwk, NoKey> {
        let found = self.known.borrow().find(kid, self.clock.now());
        if let Some((key, age)) = found {
            if age >= FRESH_FOR {
                self.refresh();
            }
            return Ok(key);
        }
        self.refresh();
        let mut changes = self.known.subscribe();
        // The sender is ours, so it cannot be gone.
        let Ok(known) = changes.wait_for(|known| !known.fetching).await else {
            return Err(NoKey::Unknown);
        };
        match (known.find(kid, self.clock.now()), &known.health.error) {
            (Some((key, _)), _) => Ok(key),
            // It may be a key that we could not fetch.
            (None, Some(error)) => Err(NoKey::Unavailable(error.clone())),
            (None, None) => Err(NoKey::Unknown),
        }
    }

    /// How the last fetch went; well, until one was needed.
    pub(super) fn health(&self) -> Health {
        self.known.borrow().health.clone()
    }

    /// How many keys the provider publishes right now.
    pub(super) async fn count(&self) -> Result<usize, String> {
        let keys = self.provider.clone().fetch().await;
        keys.map(|keys| keys.len()).map_err(|error| chain(&error))
    }

    /// Begins a fetch, unless one is under way or was a moment ago.
    fn refresh(&self) {
        let now = self.clock.now();
        let begins = self.known.send_if_modified(|known| {
            let due = known.tried_at.is_none_or(|at| now - at >= PAUSE);
            let begins = due && !known.fetching;
            known.fetching |= begins;
            begins
        });
        if !begins {
            return;
        }
        let fetch = tokio::spawn(self.provider.clone().fetch());
        let (known, clock) = (Arc::clone(&self.known), Arc::clone(&self.clock));
        let issuer = self.provider.issuer.clone();
        // Apart from the fetch, so that one that panics is an end of it, too.
        tokio::spawn(async move {
            let fetched = fetch.await.unwrap_or_else(|broke| Err(broke.into()));
            if let Err(error) = &fetched {
                tracing::warn!(issuer = &*issuer, error = %chain(error), "the identity provider's keys could not be fetched");
            }
            known.send_modify(|known| known.end_fetch(fetched, clock.now()));
        });
    }
}

impl Known {
    /// The key of that id and its age, if that is not too high.
    fn find(&self, kid: Option<&str>, now: OffsetDateTime) -> Option<(Jwk, Duration)> {
        let age = now - self.fetched_at?;
        let key = match (kid, &*self.keys) {
            (Some(kid), keys) => keys
                .iter()
                .find(|key| key.common.key_id.as_deref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        key.filter(|_| age < STALE_FOR)
            .map(|key| (key.clone(), age))
    }

    fn end_fetch(&mut self, fetched: Result<Vec<Jwk>, FetchError>, now: OffsetDateTime) {
        self.fetching = false;
        self.tried_at = Some(now);
        let error = match fetched {
            Ok(keys) => {
                self.keys = keys.into();
                self.fetched_at = Some(now);
                None
            }
            Err(error) => Some(chain(&error)),
        };
        if error.is_none() != self.health.is_up() {
            self.health.since = now;
        }
        self.health.error = error;
    }
}

/// Where the keys come from.
#[derive(Clone)]
struct Provider {
    issuer: Arc<str>,
    http: reqwest::Client,
}

impl Provider {
    #[expect(
        clippy::expect_used,
        reason = "fails only without TLS or a resolver, as every later request would"
    )]
    fn new(issuer: String) -> Self {
        // What answers must be what was trusted: a redirect could lead anywhere.
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(FETCH_TIMEOUT)
            .build();
        Self {
            issuer: issuer.into(),
            http: http.expect("an HTTP client"),
        }
    }

    async fn fetch(self) -> Result<Vec<Jwk>, FetchError> {
        let keys = tokio::time::timeout(FETCH_TIMEOUT, self.discover_and_fetch());
        keys.await.unwrap_or(Err(FetchError::TooSlow))
    }

    async fn discover_and_fetch(&self) -> Result<Vec<Jwk>, FetchError> {
        let discovery = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let discovery: Discovery = self.get(&discovery).await?;
        if *discovery.issuer != *self.issuer {
            return Err(FetchError::OtherIssuer);
        }
        if !is_trusted_transport(&discovery.jwks_uri) {
            return Err(FetchError::UntrustedKeys);
        }
        let set: Set = self.get(discovery.jwks_uri.as_str()).await?;
        Ok(set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect())
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, FetchError> {
        let answer = self.http.get(url).send().await?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(answer.status()));
        }
        let mut body = Vec::new();
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk?);
            if body.len() > MAX_BODY {
                return Err(FetchError::TooLarge);
            }
        }
        Ok(serde_json::from_slice(&body)?)
    }
}
