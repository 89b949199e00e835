//! The control plane: JSON in snake_case.

mod api_keys;
mod audit;
mod connections;
mod integrations;
mod me;
mod models;
mod session;
mod tenants;
mod usage;

use utoipa_axum::router::OpenApiRouter;

use crate::Context;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(tenants::routes())
        .merge(api_keys::routes())
        .merge(session::routes())
        .merge(me::routes())
        .merge(audit::routes())
        .merge(integrations::routes())
        .merge(connections::routes())
        .merge(models::routes())
        .merge(usage::routes())
}

/// What waits for AWS, and so takes longer than anything else.
pub(super) fn tests() -> OpenApiRouter<Context> {
    connections::tests()
}
