//! Who am I.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::problem::{Problem, Problems},
    app::{self, Caller},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(me))
}

/// The caller.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    #[schema(example = "admin", pattern = "^(viewer|member|admin|operator)$")]
    role: &'static str,
    actor: Actor,
    /// Whose data this caller sees; null for an operator who names no tenant.
    #[schema(required)]
    tenant: Option<MyTenant>,
}

/// Who calls.
#[derive(Serialize, ToSchema)]
pub(super) struct Actor {
    /// `api_key`, `session` or `user`.
    #[schema(example = "api_key")]
    kind: &'static str,
    /// The key's or session's id, or the token's subject.
    id: String,
}

/// The caller's tenant.
#[derive(Serialize, ToSchema)]
pub(super) struct MyTenant {
    #[schema(example = "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    #[schema(example = "acme-42")]
    r#ref: String,
    #[schema(example = "Acme")]
    name: String,
}

/// Who am I
///
/// The caller's role, and whose data it sees.
#[utoipa::path(get, path = "/v1/me",
    operation_id = "read_me", tag = "me", security(("bearer" = []), ("session" = [])),
    params(("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "Done.", body = Me), Problems))]
async fn me(State(context): State<Context>, caller: Caller) -> Result<Json<Me>, Problem> {
    let me = app::me::read(&context, &caller).await?;
    let actor = caller.scope.actor();
    Ok(Json(Me {
        role: me.role,
        actor: Actor {
            kind: actor.kind(),
            id: actor.id(),
        },
        tenant: me.tenant.map(|tenant| MyTenant {
            id: tenant.id.to_string(),
            r#ref: tenant.tenant_ref,
            name: tenant.name,
        }),
    }))
}
