//! A request to Bedrock Runtime, as it goes over the wire.

use credential_provider::{Aws, AwsError, Endpoint, Error, Identity, Lease, Result, Service};
use domain::Region;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::Full;
use time::OffsetDateTime;

use super::{
    Request,
    connections::Outgoing,
    sign::{Signable, sign},
};

/// Longest model id that AWS takes.
const LONGEST_ID: usize = 2_048;

/// What the headers begin with that are Bedrock's own; AWS does not ask that they be signed.
const OWN: &str = "x-amzn-bedrock-";
const JSON: &str = "application/json";
const PROGRAM: HeaderValue =
    HeaderValue::from_static(concat!("bedrock-integrations/", env!("CARGO_PKG_VERSION")));
const TIME: HeaderName = HeaderName::from_static("x-amz-date");
const SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The request, signed at that time.
pub(super) fn signed(
    aws: &Aws,
    lease: &Lease,
    region: &Region,
    request: &Request<'_>,
    at: OffsetDateTime,
) -> Result<Outgoing> {
    let operation = request.operation;
    let uri = uri(aws, region, request).ok_or_else(|| unknown_model(operation.name()))?;
    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in request.headers.into_iter().flatten() {
        if is_own(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(ACCEPT, HeaderValue::from_static(operation.accepts()));
    headers.insert(USER_AGENT, PROGRAM);
    authorise(&mut headers, &uri, lease, region, request, at).ok_or(Error::Unreachable {
        operation: operation.name(),
    })?;
    let mut made = Outgoing::new(Full::new(request.body.clone()));
    *made.method_mut() = Method::POST;
    *made.uri_mut() = uri;
    *made.headers_mut() = headers;
    Ok(made)
}

/// Whether a header is one of Bedrock's own, which go along.
pub fn is_own(name: &HeaderName) -> bool {
    name.as_str().starts_with(OWN)
}

/// Where the request is carried: to an emulator, or to the host that it names.
pub(super) fn place(aws: &Aws, request: &Outgoing) -> Option<Uri> {
    match aws.endpoint(Service::BedrockRuntime) {
        Some(Endpoint::Emulator(url)) => url.as_str().parse().ok(),
        Some(Endpoint::Aws(_)) | None => Some(request.uri().clone()),
    }
}

/// What the request is for; `None` if no model can have this id.
fn uri(aws: &Aws, region: &Region, request: &Request<'_>) -> Option<Uri> {
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
    let base = match aws.endpoint_url(Service::BedrockRuntime) {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => {
            let suffix = region.partition().dns_suffix();
            format!("https://bedrock-runtime.{region}.{suffix}")
        }
    };
    format!("{base}/model/{encoded}/{path}").parse().ok()
}

/// Adds what shows that the lease's holder sends it. `None` if that is nothing that a header can hold.
fn authorise(
    headers: &mut HeaderMap,
    uri: &Uri,
    lease: &Lease,
    region: &Region,
    request: &Request<'_>,
    at: OffsetDateTime,
) -> Option<()> {
    match lease.identity() {
        Identity::Credentials(credentials) => {
            let signable = Signable {
                host: uri.authority()?.as_str(),
                path: uri.path(),
                content_type: JSON,
                body: request.body,
            };
            let signature = sign(&signable, credentials, region, at)?;
            headers.insert(TIME, signature.time.try_into().ok()?);
            headers.insert(AUTHORIZATION, secret(&signature.authorization)?);
            if let Some(token) = credentials.session_token() {
                headers.insert(SESSION_TOKEN, secret(token)?);
            }
        }
        Identity::Bearer(token) => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", token.token()))?);
        }
    }
    Some(())
}

/// The value of a header that no table of a connection keeps, and no `Debug` shows.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
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
