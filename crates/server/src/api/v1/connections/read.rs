//! Reading and removing connections, and what the operator may do with their claims.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use credential_provider::iam_role::RoleArn;
use domain::ConnectionId;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Connection, view::etag};
use crate::{
    Context,
    api::{
        input::{Bodiless, PathId},
        page::{List, PageParams},
        problem::{Problem, Problems},
        query::Query,
    },
    app::{self, Caller},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read, disconnect))
        .routes(routes!(release_claim))
}

/// What was removed, and what stands in AWS.
#[derive(Serialize, ToSchema)]
pub(super) struct Disconnected {
    removed: Removed,
    /// What may be removed in AWS, if nothing else uses it.
    left_in_aws: Vec<String>,
}

/// What was removed here.
#[derive(Serialize, ToSchema)]
pub(super) struct Removed {
    /// Aliases of the models that were registered over the connection.
    models: Vec<String>,
    /// Whether the access went with it, and its secrets.
    secrets: bool,
}

/// List connections
///
/// Oldest first. Reservations are listed only with `pending=true`.
#[utoipa::path(get, path = "/v1/integrations/bedrock/connections",
    operation_id = "list_connections", tag = "connections", security(("bearer" = []), ("session" = [])),
    params(PageParams,
        ("pending" = Option<bool>, Query, description = "Whether reservations are listed too."),
        ("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "Done.", body = List<Connection>), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
    mut query: Query,
) -> Result<Json<List<Connection>>, Problem> {
    let page = query.page();
    let with_pending = query.flag("pending");
    query.finish()?;
    let now = context.now();
    let page =
        app::connections::list(&context, &caller, with_pending, page.after, page.limit).await?;
    Ok(Json(List::from_page(
        page.map(|saved| Connection::at(saved, now)),
    )))
}

/// Read a connection
///
/// Its etag is also in the header `ETag`.
#[utoipa::path(get, path = "/v1/integrations/bedrock/connections/{id}",
    operation_id = "read_connection", tag = "connections", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "Done.", body = Connection,
        headers(("etag" = String, description = "Its present version, for `If-Match`."))), Problems))]
async fn read(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ConnectionId>,
) -> Result<Response, Problem> {
    let saved = app::connections::read(&context, &caller, id).await?;
    let etag = etag(saved.connection.etag);
    let mut response = Json(Connection::at(saved, context.now())).into_response();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// Disconnect
///
/// Removes the connection, its registered models and, with the last connection of an access, the stored secrets, on every
/// replica within a second. What stands in AWS is not touched.
#[utoipa::path(delete, path = "/v1/integrations/bedrock/connections/{id}",
    operation_id = "disconnect", tag = "connections", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 200, description = "Done.", body = Disconnected), Problems))]
async fn disconnect(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ConnectionId>,
    Bodiless(once): Bodiless,
) -> Result<Json<Disconnected>, Problem> {
    let done = app::connections::disconnect(&context, &caller, id, once).await?;
    Ok(Json(Disconnected {
        removed: Removed {
            models: done.models,
            secrets: done.secrets,
        },
        left_in_aws: done.left_in_aws,
    }))
}

/// Release a role claim
///
/// For operators, on behalf of the tenant that holds the role: another tenant may then claim it.
#[utoipa::path(delete, path = "/v1/claims",
    operation_id = "release_claim", tag = "tenants", security(("bearer" = []), ("session" = [])),
    params(("role_arn" = String, Query, description = "The role."),
        ("bi-tenant" = String, Header, description = "The tenant's id or ref."),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 204, description = "Done; there is nothing to tell."), Problems))]
async fn release_claim(
    State(context): State<Context>,
    caller: Caller,
    mut query: Query,
    Bodiless(once): Bodiless,
) -> Result<StatusCode, Problem> {
    let role_arn = query.parse::<RoleArn>("role_arn");
    query.finish()?;
    let role_arn = role_arn.ok_or_else(|| {
        Problem::new(crate::api::problem::Code::ValidationFailed).at("/query/role_arn", "is needed")
    })?;
    app::claims::release(&context, &caller, &role_arn, once).await?;
    Ok(StatusCode::NO_CONTENT)
}
