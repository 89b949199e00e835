//! Connections: connect, test, save, read, edit, disconnect.

mod connect;
mod edit;
mod fields;
mod models;
mod read;
mod save;
mod test;
mod view;

use utoipa_axum::router::OpenApiRouter;

use crate::Context;

pub(super) use models::Modalities;
pub(super) use view::Connection;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(connect::routes())
        .merge(read::routes())
        .merge(models::routes())
}

/// What waits for AWS, and so takes longer than anything else.
pub(super) fn tests() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .merge(test::routes())
        .merge(save::routes())
        .merge(edit::routes())
}
