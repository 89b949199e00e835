//! HTTP as callers see it: the router, what goes in, what comes out, and the document that describes it.

mod address;
mod caller;
mod data;
pub(crate) mod door;
mod events;
mod gate;
mod health;
mod input;
mod json;
mod oidc;
mod ops;
mod page;
pub mod problem;
mod query;
pub(crate) mod report;
pub mod v1;

use std::time::Duration;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use http::{HeaderName, HeaderValue, Method, header};
use tower::util::option_layer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

pub use ops::router as ops_router;

use crate::{Context, console, http::observe};

/// The largest body of a control-plane request.
const CONTROL_PLANE_BODY: usize = 64 * 1024;
/// Longest that a control-plane request may take …
const CONTROL_PLANE_TIME: Duration = Duration::from_secs(30);
/// … and one that tests a connection: a report is bounded by itself, but may be made in several regions.
const TESTS_TIME: Duration = Duration::from_secs(180);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "bedrock-integrations",
        description = "Connect tenants' own AWS accounts to Amazon Bedrock.\n\n\
            Times are RFC 3339 in UTC. Lists are `{\"items\": […], \"next_cursor\": null}`; pass `next_cursor` as `cursor` for \
            the next page. Errors are RFC 9457 problems with a stable `code`. What belongs to another tenant answers like \
            what does not exist. Every answer carries `x-request-id`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(problem::Body)),
    modifiers(&Security),
    tags(
        (name = "health", description = "For load balancers and operators."),
        (name = "tenants", description = "The platform's customers. For operators."),
        (name = "api-keys", description = "Keys of this service."),
        (name = "session", description = "The console's sign-in."),
        (name = "me", description = "Who am I."),
        (name = "audit", description = "Who did what."),
        (name = "integrations", description = "What can be connected, and by which fields."),
        (name = "connections", description = "Connect, test, save, edit and disconnect AWS accounts."),
        (name = "models", description = "What can be invoked, and what is offered for conversations."),
        (name = "conversations", description = "Converse with registered models."),
        (name = "bedrock", description = "Bedrock Runtime's own wire, for AWS SDKs."),
        (name = "anthropic", description = "Anthropic's Messages, for Claude models and Anthropic's own clients."),
        (name = "openai", description = "OpenAI's chat completions and embeddings, for OpenAI's own clients."),
        (name = "usage", description = "What was used."),
        (name = "oidc", description = "The service as an OpenID Connect issuer, for AWS."),
    ),
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(
                crate::auth::SESSION_COOKIE,
            ))),
        );
        components.add_security_scheme(
            "x-api-key",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-api-key"))),
        );
    }
}

fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(health::routes())
        .merge(v1::routes())
        .merge(v1::tests())
        .merge(data::routes())
        .merge(oidc::routes())
}

/// The document that describes the API.
pub fn document() -> Document {
    routes().into_openapi()
}

/// The API's router.
pub fn router(context: &Context) -> Router {
    let within = |routes: OpenApiRouter<Context>, limit: Duration| {
        Router::from(routes)
            .layer(DefaultBodyLimit::max(CONTROL_PLANE_BODY))
            .layer(middleware::from_fn_with_state(
                (context.clone(), limit),
                gate::control_plane,
            ))
    };
    Router::from(health::routes())
        .merge(Router::from(oidc::routes()))
        .merge(within(v1::routes(), CONTROL_PLANE_TIME))
        .merge(within(v1::tests(), TESTS_TIME))
        .merge(Router::from(data::routes()))
        .merge(console::router())
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        // One behind the other, but one layer to the router, which boxes each.
        .layer((
            observe::layer(context),
            option_layer(cors(&context.settings.cors_origins)),
        ))
        .with_state(context.clone())
}

/// Closed unless origins are listed. Credentials are never allowed: the console's cookie is for the console's origin.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin).ok());
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        // Clients of others send many of their own, and new ones with each version.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("request-id"),
            HeaderName::from_static("x-should-retry"),
            HeaderName::from_static("server-timing"),
            HeaderName::from_static("x-amzn-errortype"),
            HeaderName::from_static("x-amzn-requestid"),
        ])
        .max_age(Duration::from_secs(600));
    Some(layer)
}
