//! Health: answers from what is known. No dependency is asked how it is; only who asks may need a look-up, which is
//! given up soon.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{address::client_address, caller::credential};
use crate::{Context, pulse::Health};

/// Longest that it takes to tell an operator from anyone else.
const PATIENCE: Duration = Duration::from_millis(200);

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(health))
}

/// Whether the process is alive.
#[derive(Serialize, ToSchema)]
pub(super) struct Alive {
    /// Always `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// Whether this replica may take traffic.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    /// `ready` or `not_ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// If not: `starting`, `stopping`, `change_feed_unread` or `master_key_missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// How the service and what it depends on are.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthReport {
    /// `ok`, or `degraded` while a dependency is down.
    #[schema(example = "ok")]
    status: &'static str,
    /// The service's version.
    version: &'static str,
    /// What it depends on.
    dependencies: Vec<Dependency>,
}

/// Something the service depends on.
#[derive(Serialize, ToSchema)]
pub(super) struct Dependency {
    /// `database`, `master_key`, and of those configured `identity_provider` and `operator_identity_provider`.
    #[schema(example = "database")]
    name: &'static str,
    /// `up` or `down`. An identity provider is up until its keys were needed and could not be fetched.
    #[schema(example = "up")]
    state: &'static str,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    /// What is wrong; for operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Alive
///
/// Answers as long as the process runs, whatever it depends on.
#[utoipa::path(get, path = "/livez", tag = "health", security(()), responses((status = 200, description = "Done.", body = Alive)))]
pub(super) async fn livez() -> Response {
    uncached(StatusCode::OK, Alive { status: "alive" })
}

/// Ready
///
/// Whether this replica may take traffic. A database that is away turns it off only after 30 seconds, because
/// conversations go on from what is cached until then.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, description = "Done.", body = Ready), (status = 503, description = "Not now.", body = Ready)))]
pub(super) async fn readyz(State(context): State<Context>) -> Response {
    match context.pulse.ready() {
        Ok(()) => uncached(
            StatusCode::OK,
            Ready {
                status: "ready",
                reason: None,
            },
        ),
        Err(why) => uncached(
            StatusCode::SERVICE_UNAVAILABLE,
            Ready {
                status: "not_ready",
                reason: Some(why.as_str()),
            },
        ),
    }
}

/// Health
///
/// What the service depends on: the database and the master key from a state at most 5 seconds old, identity providers
/// from when their keys were last needed. 503 while something is down. Error texts are shown to operators only.
#[utoipa::path(get, path = "/health", tag = "health", security((), ("bearer" = [])),
    responses((status = 200, description = "Done.", body = HealthReport), (status = 503, description = "Not now.", body = HealthReport)))]
pub(super) async fn health(State(context): State<Context>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let operator = tokio::time::timeout(PATIENCE, is_operator(&parts, &context));
    let errors = operator.await.unwrap_or(false);
    let own = [
        ("database", context.pulse.database()),
        ("master_key", context.pulse.master_key_health()),
    ];
    let dependencies: Vec<_> = own
        .into_iter()
        .chain(context.callers.provider_health())
        .collect();
    let up = dependencies.iter().all(|(_, health)| health.is_up());
    let report = HealthReport {
        status: if up { "ok" } else { "degraded" },
        version: env!("CARGO_PKG_VERSION"),
        dependencies: dependencies
            .into_iter()
            .map(|(name, health)| dependency(name, health, errors))
            .collect(),
    };
    uncached(
        if up {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        },
        report,
    )
}

fn dependency(name: &'static str, health: Health, errors: bool) -> Dependency {
    Dependency {
        name,
        state: if health.is_up() { "up" } else { "down" },
        since: health.since,
        error: health.error.filter(|_| errors),
    }
}

/// A credential that cannot be recognised is no error here: health has something to say to anyone.
async fn is_operator(parts: &Parts, context: &Context) -> bool {
    let Ok(Some(credential)) = credential(parts, context) else {
        return false;
    };
    let signed_in = if context.pulse.control_plane_open() {
        let address = client_address(parts, context);
        context
            .callers
            .recognise(&context.store, &credential, address)
            .await
            .ok()
    } else {
        context.callers.remembered(&credential).await
    };
    signed_in.is_some_and(|signed_in| signed_in.scope.is_platform())
}

fn uncached(status: StatusCode, body: impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
