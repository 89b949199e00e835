//! SDK clients that call AWS with a lease.
//!
//! A client has one identity, the lease's: signed calls know no API key and the other way round. So neither can be
//! chosen in place of the other, whatever is in the environment of this process.

use aws_sdk_bedrock as control_plane;
use aws_sdk_bedrockruntime as runtime;
use aws_sdk_sts as security_tokens;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use credential_provider::{Aws, Identity, Lease, Service, sdk_config};
use domain::Region;

/// Gives a configuration the lease's identity, and nothing else's.
macro_rules! identified {
    ($config:expr, $lease:expr) => {
        match $lease.identity() {
            Identity::Credentials(credentials) => $config.credentials_provider(credentials.clone()),
            Identity::Bearer(token) => $config
                .bearer_token(token.clone())
                .auth_scheme_preference([HTTP_BEARER_AUTH_SCHEME_ID]),
        }
    };
}

/// Bedrock's control plane in `region`.
pub fn bedrock(aws: &Aws, lease: &Lease, region: &Region) -> control_plane::Client {
    let config = sdk_config!(control_plane, aws, Service::Bedrock, region.as_str());
    control_plane::Client::from_conf(identified!(config, lease).build())
}

/// Bedrock Runtime in `region`, for what has no body to forward: ListAsyncInvokes and CountTokens.
pub fn bedrock_runtime(aws: &Aws, lease: &Lease, region: &Region) -> runtime::Client {
    let config = sdk_config!(runtime, aws, Service::BedrockRuntime, region.as_str());
    runtime::Client::from_conf(identified!(config, lease).build())
}

/// STS, asked on behalf of `region`. None for API keys: STS takes signatures only.
pub fn sts(aws: &Aws, lease: &Lease, region: &Region) -> Option<security_tokens::Client> {
    let Identity::Credentials(credentials) = lease.identity() else {
        return None;
    };
    let config = sdk_config!(security_tokens, aws, Service::Sts, Aws::sts_region(region))
        .credentials_provider(credentials.clone())
        .build();
    Some(security_tokens::Client::from_conf(config))
}
