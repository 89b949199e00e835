//! Connections of a pool by themselves, without an SDK client on top: for tests.

use std::sync::LazyLock;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::{
    auth::no_auth::{NO_AUTH_SCHEME_ID, NoAuthScheme},
    identity::{IdentityCache, no_auth::NoAuthIdentityResolver},
    orchestrator::endpoints::StaticUriEndpointResolver,
    retries::strategy::NeverRetryStrategy,
};
use aws_smithy_runtime_api::client::{
    auth::static_resolver::StaticAuthSchemeOptionResolver,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

use crate::aws::CONNECT_LIMIT;

/// What the SDK's client wants to be shown before it hands out a connector. It looks at the sleep alone, to keep the
/// time limit of connecting; the rest is inert.
static COMPONENTS: LazyLock<RuntimeComponents> = LazyLock::new(|| {
    let parts = RuntimeComponents::builder("connector")
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
            NO_AUTH_SCHEME_ID,
        ])))
        .with_auth_scheme(NoAuthScheme::default())
        .with_identity_cache(Some(IdentityCache::no_cache()))
        .with_identity_resolver(NO_AUTH_SCHEME_ID, NoAuthIdentityResolver::new())
        .with_endpoint_resolver(Some(StaticUriEndpointResolver::http_localhost(9)))
        .with_retry_strategy(Some(NeverRetryStrategy::new()))
        .with_sleep_impl(Some(TokioSleep::new()));
    parts.build().expect("all required parts are given")
});

/// A connector of `client`'s pool.
pub(crate) fn of(client: &SharedHttpClient) -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_LIMIT)
        .build();
    client.http_connector(&settings, &COMPONENTS)
}
