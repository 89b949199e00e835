//! The OIDC issuers as AWS sees them: discovery and keys. For anyone, kept by caches, and answered from memory.
//!
//! Every id that could be a tenant's has an issuer: that it answers tells nothing about who is a customer.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::TenantId;
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    input::PathId,
    problem::{Body, Code, Problem},
};
use crate::{Context, issuer};

/// How long caches may keep what is told here: far less than a key is published before it signs.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const ALGORITHM: &str = "RS256";

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(discovery))
        .routes(routes!(keys))
}

/// What a tenant's issuer says about itself.
#[derive(Serialize, ToSchema)]
pub(super) struct Discovery {
    #[schema(example = "https://bedrock.example.com/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    issuer: String,
    #[schema(example = "https://bedrock.example.com/oidc/jwks")]
    jwks_uri: String,
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    claims_supported: [&'static str; 6],
}

/// The keys that sign, are about to, or did lately.
#[derive(Serialize, ToSchema)]
pub(super) struct KeySet {
    keys: Vec<PublicKey>,
}

/// A public key (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(super) struct PublicKey {
    #[schema(example = "RSA")]
    kty: &'static str,
    #[schema(example = "sig")]
    r#use: &'static str,
    #[schema(example = "RS256")]
    alg: &'static str,
    #[schema(example = "sig_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    kid: String,
    /// The modulus, in base64url.
    n: String,
    /// The exponent, in base64url.
    #[schema(example = "AQAB")]
    e: String,
}

impl From<&issuer::Key> for PublicKey {
    fn from(key: &issuer::Key) -> Self {
        Self {
            kty: "RSA",
            r#use: "sig",
            alg: ALGORITHM,
            kid: key.id.to_string(),
            n: key.public.modulus.clone(),
            e: key.public.exponent.clone(),
        }
    }
}

/// Read a tenant's OpenID configuration
///
/// For AWS, which looks here for the keys of the tokens with which roles are taken on. Any well-formed id is answered.
#[utoipa::path(get, path = "/oidc/{tenant}/.well-known/openid-configuration",
    operation_id = "read_openid_configuration", tag = "oidc", security(()),
    params(("tenant" = String, Path, description = "The tenant's id.")),
    responses((status = 200, description = "Done.", body = Discovery),
        (status = 404, description = "`not_found`: that is no id, or the service is no issuer.", body = Body<'static>, content_type = "application/problem+json")))]
async fn discovery(
    State(context): State<Context>,
    PathId(tenant): PathId<TenantId>,
) -> Result<Response, Problem> {
    let addresses = context.issuer.of(tenant).zip(context.issuer.keys_url());
    let (issuer, jwks_uri) = addresses.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(cached(Discovery {
        issuer,
        jwks_uri,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: [ALGORITHM],
        claims_supported: ["iss", "sub", "aud", "iat", "exp", "jti"],
    }))
}

/// List the issuers' keys
///
/// The same for all tenants. A key is published three days before it signs, and stays three days after the next one does.
#[utoipa::path(get, path = "/oidc/jwks",
    operation_id = "list_signing_keys", tag = "oidc", security(()),
    responses((status = 200, description = "Done.", body = KeySet),
        (status = 404, description = "`not_found`: the service is no issuer.", body = Body<'static>, content_type = "application/problem+json"),
        (status = 503, description = "`starting`: this replica has not reached the database yet.", body = Body<'static>, content_type = "application/problem+json")))]
async fn keys(State(context): State<Context>) -> Result<Response, Problem> {
    if context.issuer.why_not().is_some() {
        return Err(Problem::new(Code::NotFound));
    }
    let keys = context.issuer.keys();
    if keys.is_empty() {
        return Err(Problem::new(Code::Starting).retry_after(1));
    }
    Ok(cached(KeySet {
        keys: keys.iter().map(PublicKey::from).collect(),
    }))
}

fn cached(body: impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, CACHED);
    response
}
