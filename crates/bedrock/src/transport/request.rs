//! A request to Bedrock Runtime, signed.

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::{identity, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use credential_provider::{Aws, AwsError, Error, Identity, Lease, Result, Service};
use domain::Region;

use super::Request;

/// Longest model id that AWS takes.
const LONGEST_ID: usize = 2_048;

const USER_AGENT: &str = concat!("bedrock-integrations/", env!("CARGO_PKG_VERSION"));

/// The request as it goes over the wire.
pub(super) fn signed(
    aws: &Aws,
    lease: &Lease,
    region: &Region,
    request: &Request<'_>,
) -> Result<HttpRequest> {
    let operation = request.operation.name();
    let broken = |_| Error::Unreachable { operation };
    let url = url(aws, region, request).ok_or_else(|| unknown_model(operation))?;
    let mut made = HttpRequest::new(SdkBody::from(request.body.clone()));
    made.set_method("POST").map_err(broken)?;
    made.set_uri(url).map_err(broken)?;
    for (name, value) in [
        ("content-type", "application/json"),
        ("accept", request.operation.accepts()),
        ("user-agent", USER_AGENT),
    ] {
        made.headers_mut().insert(name, value);
    }
    match lease.identity() {
        Identity::Credentials(credentials) => {
            authorise(&mut made, aws, credentials, region, request)
                .ok_or(Error::Unreachable { operation })?;
        }
        Identity::Bearer(token) => {
            made.headers_mut()
                .try_insert("authorization", format!("Bearer {}", token.token()))
                .map_err(broken)?;
        }
    }
    Ok(made)
}

/// Where the request goes; `None` if no model can have this id.
fn url(aws: &Aws, region: &Region, request: &Request<'_>) -> Option<String> {
    let id = request.model_id;
    let is_plain = id
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric())
        && id.len() <= LONGEST_ID
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    // What is left to encode once the id is known to be plain.
    let encoded = is_plain.then(|| id.replace(':', "%3A").replace('/', "%2F"))?;
    let path = request.operation.path();
    let base = aws.endpoint_url(Service::BedrockRuntime).map_or_else(
        || {
            format!(
                "https://bedrock-runtime.{region}.{}",
                region.partition().dns_suffix()
            )
        },
        |url| url.trim_end_matches('/').to_owned(),
    );
    Some(format!("{base}/model/{encoded}/{path}"))
}

/// Signs as the SDK does: the path is encoded once more in what is signed, which is the default of every service but S3.
fn authorise(
    made: &mut HttpRequest,
    aws: &Aws,
    credentials: &Credentials,
    region: &Region,
    request: &Request<'_>,
) -> Option<()> {
    let identity = identity::Identity::from(credentials.clone());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name("bedrock")
        .time(aws.clock().now().into())
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    let signable = SignableRequest::new(
        made.method(),
        made.uri(),
        made.headers().iter(),
        SignableBody::Bytes(request.body),
    )
    .ok()?;
    let (headers, _) = sign(signable, &params).ok()?.into_parts().0.into_parts();
    for header in headers {
        made.headers_mut()
            .try_insert(header.name(), header.value().to_owned())
            .ok()?;
    }
    Some(())
}

fn unknown_model(operation: &'static str) -> Error {
    Error::Rejected(AwsError::new(
        operation,
        400,
        "ValidationException",
        "The provided model identifier is invalid.",
        None,
    ))
}
