//! An identity provider's keys: found by discovery, cached, and fetched again when it signs with one we do not know.

use std::sync::Arc;

use domain::Clock;
use futures_util::StreamExt;
use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, de::DeserializeOwned};
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use url::Url;

use crate::config::is_trusted_transport;

/// How long keys are used without asking again.
const FRESH_FOR: Duration = Duration::minutes(10);
/// How long keys are used while the provider cannot be reached.
const STALE_FOR: Duration = Duration::hours(24);
/// Least time between two fetches, so that made-up key ids cost the provider nothing.
const PAUSE: Duration = Duration::seconds(10);
const FETCH_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
/// More than any provider publishes.
const MAX_BODY: usize = 256 * 1024;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoKey {
    /// The provider does not sign with that key.
    #[error("the identity provider has no such key")]
    Unknown,
    /// The provider cannot be asked, and what is known is too old.
    #[error("the identity provider's keys cannot be fetched")]
    Unavailable(#[source] Arc<FetchError>),
}

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the request failed")]
    Http(#[from] reqwest::Error),
    #[error("the answer is larger than {MAX_BODY} bytes")]
    TooLarge,
    #[error("the answer is not the JSON it should be")]
    Json(#[from] serde_json::Error),
    #[error("discovery names another issuer")]
    OtherIssuer,
    #[error("discovery names keys at an address that cannot be trusted")]
    UntrustedKeys,
}

/// The keys of one issuer.
pub(super) struct Jwks {
    issuer: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Arc<Vec<Jwk>>,
    fetched_at: Option<OffsetDateTime>,
    tried_at: Option<OffsetDateTime>,
    error: Option<Arc<FetchError>>,
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
        Self {
            issuer,
            http: reqwest::Client::new(),
            clock,
            known: Mutex::default(),
        }
    }

    /// The key of that id; of a provider with a single key also without one.
    pub(super) async fn key(&self, kid: Option<&str>) -> Result<Jwk, NoKey> {
        // The lock makes concurrent misses one fetch. It is held across it, so nobody overtakes into a second one.
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let age = known.fetched_at.map(|at| now - at);
        let found = find(&known.keys, kid);
        if let (Some(key), Some(age)) = (&found, age)
            && age < FRESH_FOR
        {
            return Ok(key.clone());
        }
        if known.tried_at.is_none_or(|at| now - at >= PAUSE) {
            known.tried_at = Some(now);
            match self.fetch().await {
                Ok(keys) => {
                    *known = Known {
                        keys: Arc::new(keys),
                        fetched_at: Some(now),
                        tried_at: Some(now),
                        error: None,
                    };
                    return find(&known.keys, kid).ok_or(NoKey::Unknown);
                }
                Err(error) => {
                    let error = Arc::new(error);
                    tracing::warn!(issuer = self.issuer, error = %chain(&*error), "the identity provider's keys could not be fetched");
                    known.error = Some(error);
                }
            }
        }
        match (found, age, &known.error) {
            (Some(key), Some(age), _) if age < STALE_FOR => Ok(key),
            (_, _, Some(error)) => Err(NoKey::Unavailable(Arc::clone(error))),
            _ => Err(NoKey::Unknown),
        }
    }

    /// How many keys the provider publishes right now.
    pub(super) async fn count(&self) -> Result<usize, String> {
        self.fetch()
            .await
            .map(|keys| keys.len())
            .map_err(|error| chain(&error))
    }

    async fn fetch(&self) -> Result<Vec<Jwk>, FetchError> {
        let discovery = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let discovery: Discovery = self.get(&discovery).await?;
        if discovery.issuer != self.issuer {
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
        let answer = self
            .http
            .get(url)
            .timeout(FETCH_TIMEOUT)
            .send()
            .await?
            .error_for_status()?;
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

fn find(keys: &[Jwk], kid: Option<&str>) -> Option<Jwk> {
    match kid {
        Some(kid) => keys
            .iter()
            .find(|key| key.common.key_id.as_deref() == Some(kid))
            .cloned(),
        None => match keys {
            [only] => Some(only.clone()),
            _ => None,
        },
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
