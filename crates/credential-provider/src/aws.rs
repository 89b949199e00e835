//! How AWS is reached: hosts, connections, time limits and retries of every call are decided here and nowhere else.
//!
//! SDK clients are made from empty configurations. One made from the environment would send the operator's credentials,
//! or `AWS_BEARER_TOKEN_BEDROCK`, in a tenant's name.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime::client::{
    identity::IdentityCache,
    retries::{RetryPartition, TokenBucket},
};
use aws_smithy_runtime_api::client::{http::SharedHttpClient, identity::SharedIdentityCache};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::app_name::AppName;
use domain::{Clock, Entropy, Partition, Region};

use crate::{Endpoint, Endpoints, http};

/// A service of AWS that is called for tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Security Token Service.
    Sts,
    /// Cognito user pools (`cognito-idp`).
    CognitoUserPools,
    /// Cognito identity pools (`cognito-identity`).
    CognitoIdentity,
    /// Bedrock's control plane.
    Bedrock,
    /// Bedrock Runtime.
    BedrockRuntime,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sts,
        Self::CognitoUserPools,
        Self::CognitoIdentity,
        Self::Bedrock,
        Self::BedrockRuntime,
    ];
}

/// What [`Aws`] is made of.
pub struct AwsSettings {
    /// Where the operator says that AWS is.
    pub endpoints: Endpoints,
    /// The service's own identity, for AssumeRole and nothing else. None: roles can be taken on by OIDC only.
    pub identity: Option<OwnIdentity>,
    /// What time it is: signatures carry it.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The longest that one call may take, attempts and all.
    pub call_limit: Duration,
}

/// As whom the service itself asks AWS.
#[derive(Clone)]
pub struct OwnIdentity {
    /// Its credentials.
    pub credentials: SharedCredentialsProvider,
    /// Where it is: it can take on no role of another partition.
    pub partition: Partition,
}

/// How AWS is reached. Cheap to clone.
#[derive(Clone)]
pub struct Aws {
    settings: Arc<AwsSettings>,
    pool: SharedHttpClient,
    unpooled: SharedHttpClient,
    identity_cache: SharedIdentityCache,
    retry_budget: RetryPartition,
    attempts: u32,
}

/// Longest that a connection may take to be made.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_millis(3_100);
const ATTEMPTS: u32 = 3;
/// What a retry costs is 5, so this many are 20 in a row; calls that succeed pay back.
const RETRY_BUDGET: usize = 100;

impl Aws {
    /// AWS as `settings` say, over connections of its own.
    pub fn new(settings: AwsSettings) -> Self {
        Self::with(settings, http::pool(), http::unpooled())
    }

    /// AWS as `settings` say, over somebody else's connections and no others: where requests are recorded or replayed.
    pub fn over(settings: AwsSettings, client: SharedHttpClient) -> Self {
        Self::with(settings, client.clone(), client)
    }

    fn with(settings: AwsSettings, pool: SharedHttpClient, unpooled: SharedHttpClient) -> Self {
        Self {
            settings: Arc::new(settings),
            pool,
            unpooled,
            identity_cache: IdentityCache::lazy().build(),
            retry_budget: retry_budget(),
            attempts: ATTEMPTS,
        }
    }

    /// The same for one access, and for few calls: a connection for each of them and a retry budget that nobody else
    /// uses, so that what hangs or is throttled there costs nobody else anything.
    #[must_use]
    pub fn isolated(&self) -> Self {
        Self {
            pool: self.unpooled.clone(),
            retry_budget: retry_budget(),
            ..self.clone()
        }
    }

    /// The same, each call tried once: a test tells what happened, not what a third attempt made of it.
    #[must_use]
    pub fn without_retries(&self) -> Self {
        Self {
            attempts: 1,
            ..self.clone()
        }
    }

    /// The service's own identity.
    pub fn identity(&self) -> Option<&OwnIdentity> {
        self.settings.identity.as_ref()
    }

    /// Where the service's own identity is kept until it ends: asking for it may be a call to the machine's surroundings.
    pub(crate) fn identity_cache(&self) -> SharedIdentityCache {
        self.identity_cache.clone()
    }

    /// What time it is.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.settings.clock
    }

    /// Where randomness comes from.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.settings.entropy
    }

    /// The longest that one call may take.
    pub fn call_limit(&self) -> Duration {
        self.settings.call_limit
    }

    /// The HTTP client for calls to `service`.
    pub fn http(&self, service: Service) -> SharedHttpClient {
        let emulator = match self.endpoint(service) {
            Some(Endpoint::Emulator(url)) => Some(url.clone()),
            Some(Endpoint::Aws(_)) | None => None,
        };
        http::client(self.pool.clone(), emulator)
    }

    /// Where the operator says that `service` is.
    pub fn endpoint(&self, service: Service) -> Option<&Endpoint> {
        self.settings.endpoints.of(service)
    }

    /// The URL that requests to `service` are made for, where that is not AWS's usual one.
    pub fn endpoint_url(&self, service: Service) -> Option<&str> {
        match self.endpoint(service) {
            Some(Endpoint::Aws(url)) => Some(url.as_str()),
            Some(Endpoint::Emulator(_)) | None => None,
        }
    }

    /// The region in which STS is asked on behalf of `region`.
    pub fn sts_region(region: &Region) -> &'static str {
        region.partition().default_region()
    }

    /// Time limits of SDK calls.
    pub fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_LIMIT.min(self.settings.call_limit))
            .operation_timeout(self.settings.call_limit)
            .build()
    }

    /// Retries of SDK calls.
    pub fn retries(&self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(Duration::from_millis(200))
    }

    /// What retries are paid from. The SDK's usual budget is shared by the whole process, so that one throttled tenant
    /// would take away everybody's retries.
    pub fn retry_budget(&self) -> RetryPartition {
        self.retry_budget.clone()
    }

    /// The clock, as SDK clients know it.
    pub fn time_source(&self) -> SharedTimeSource {
        SharedTimeSource::new(ClockTime(Arc::clone(&self.settings.clock)))
    }

    /// What the user agent says besides the SDK's own words: detections of stolen keys look for unknown programs.
    pub fn app_name() -> Option<AppName> {
        AppName::new("bedrock-integrations").ok()
    }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws")
            .field("endpoints", &self.settings.endpoints)
            .finish_non_exhaustive()
    }
}

fn retry_budget() -> RetryPartition {
    RetryPartition::custom("access")
        .token_bucket(TokenBucket::new(RETRY_BUDGET))
        .build()
}

struct ClockTime(Arc<dyn Clock>);

impl fmt::Debug for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockTime")
    }
}

impl TimeSource for ClockTime {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

/// The configuration of an SDK client, from nothing: `sdk_config!(aws_sdk_sts, &aws, Service::Sts, "us-east-1")`.
/// It has no identity: the caller adds the tenant's.
#[macro_export]
macro_rules! sdk_config {
    ($sdk:ident, $aws:expr, $service:expr, $region:expr) => {{
        let aws: &$crate::Aws = $aws;
        let service: $crate::Service = $service;
        let mut config = $sdk::config::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new(::std::string::String::from(
                $region,
            )))
            .http_client(aws.http(service))
            .timeout_config(aws.timeouts())
            .retry_config(aws.retries())
            .retry_partition(aws.retry_budget())
            .time_source(aws.time_source());
        config.set_app_name($crate::Aws::app_name());
        config.set_endpoint_url(aws.endpoint_url(service).map(::std::string::String::from));
        config
    }};
}
