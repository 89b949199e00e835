//! The operations listener: metrics, and health again, for whoever runs the service.

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::header;

use super::health;
use crate::{Context, metrics::Readings};

/// Its router.
pub fn router(context: &Context) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .with_state(context.clone())
}

async fn metrics(State(context): State<Context>) -> impl IntoResponse {
    let readings = Readings {
        database: context.store.connections(),
        conversations: context.running.count(),
        leases: context.leases.counts(),
    };
    let text = context.metrics.text(&context.pulse, &readings);
    (
        [(
            header::CONTENT_TYPE,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    )
}
