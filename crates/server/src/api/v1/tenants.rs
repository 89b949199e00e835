//! Tenants, for operators.

use axum::{Json, extract::State};
use domain::{Name, TenantId, TenantRef, TenantState};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::{
        input::{Bodiless, Fields, Mutation, PathId, PathText},
        page::{List, PageParams, PageQuery},
        problem::{Problem, Problems},
    },
    app::{self, Caller},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(put_by_ref))
}

/// One customer of the platform.
#[derive(Serialize, ToSchema)]
pub(super) struct Tenant {
    #[schema(example = "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    /// The platform's own id for it.
    #[schema(example = "acme-42")]
    r#ref: String,
    #[schema(example = "Acme")]
    name: String,
    #[schema(example = "active", pattern = "^(active|suspended)$")]
    state: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl From<store::tenants::Tenant> for Tenant {
    fn from(tenant: store::tenants::Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            r#ref: tenant.tenant_ref,
            name: tenant.name,
            state: tenant.state.as_str(),
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
        }
    }
}

/// A tenant to be provisioned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTenant {
    /// The platform's own id for it; does not start with `ten_`.
    #[schema(
        example = "acme-42",
        min_length = 1,
        max_length = 128,
        pattern = "^[A-Za-z0-9._:@-]+$"
    )]
    r#ref: String,
    /// A name for people.
    #[schema(example = "Acme", min_length = 1, max_length = 128)]
    name: String,
}

/// A tenant as it should be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedTenant {
    /// A name for people.
    #[schema(example = "Acme", min_length = 1, max_length = 128)]
    name: String,
}

/// What should change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantChange {
    /// A name for people.
    #[schema(min_length = 1, max_length = 128)]
    name: Option<String>,
    /// `suspended` refuses every call of the tenant and deletes nothing; `active` allows them again.
    #[schema(pattern = "^(active|suspended)$", example = "suspended")]
    state: Option<String>,
}

/// List tenants
///
/// Oldest first. Deleted ones are not listed.
#[utoipa::path(get, path = "/v1/tenants",
    operation_id = "list_tenants", tag = "tenants", params(PageParams), security(("bearer" = [])),
    responses((status = 200, description = "Done.", body = List<Tenant>), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
    page: PageQuery,
) -> Result<Json<List<Tenant>>, Problem> {
    let page = app::tenants::list(&context, &caller, page.after, page.limit).await?;
    Ok(Json(List::from_page(page)))
}

/// Provision a tenant
///
/// 409 `ref_taken` if there is one of that ref; `PUT /v1/tenants/by-ref/{ref}` does not mind.
#[utoipa::path(post, path = "/v1/tenants",
    operation_id = "create_tenant", tag = "tenants", request_body = NewTenant, security(("bearer" = [])),
    params(("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 201, description = "Made.", body = Tenant), Problems))]
async fn create(
    State(context): State<Context>,
    caller: Caller,
    Mutation { input, once }: Mutation<NewTenant>,
) -> Result<(StatusCode, Json<Tenant>), Problem> {
    let mut fields = Fields::default();
    let tenant_ref = fields.parse::<TenantRef>("/ref", &input.r#ref);
    let name = fields.parse::<Name>("/name", &input.name);
    let (Some(tenant_ref), Some(name)) = (tenant_ref, name) else {
        return Err(fields.refuse());
    };
    let tenant = app::tenants::create(&context, &caller, tenant_ref, name, once).await?;
    Ok((StatusCode::CREATED, Json(tenant.into())))
}

/// Read a tenant
#[utoipa::path(get, path = "/v1/tenants/{id}",
    operation_id = "read_tenant", tag = "tenants", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Done.", body = Tenant), Problems))]
async fn read(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<TenantId>,
) -> Result<Json<Tenant>, Problem> {
    Ok(Json(
        app::tenants::read(&context, &caller, id).await?.into(),
    ))
}

/// Rename, suspend or resume a tenant
#[utoipa::path(patch, path = "/v1/tenants/{id}",
    operation_id = "change_tenant", tag = "tenants", request_body = TenantChange, security(("bearer" = [])),
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 200, description = "Done.", body = Tenant), Problems))]
async fn change(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<TenantId>,
    Mutation { input, once }: Mutation<TenantChange>,
) -> Result<Json<Tenant>, Problem> {
    let mut fields = Fields::default();
    let name = fields.parse_optional::<Name>("/name", input.name.as_deref());
    let state = fields.parse_optional::<TenantState>("/state", input.state.as_deref());
    if state == Some(TenantState::Deleted) {
        fields.note("/state", "must be active or suspended; DELETE deletes");
    }
    fields.finish()?;
    Ok(Json(
        app::tenants::change(&context, &caller, id, name, state, once)
            .await?
            .into(),
    ))
}

/// Delete a tenant
///
/// Its secrets, connections, models, keys and usage are gone at once; its audit events keep their retention. Nothing in
/// AWS is touched.
#[utoipa::path(delete, path = "/v1/tenants/{id}",
    operation_id = "delete_tenant", tag = "tenants", security(("bearer" = [])),
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 204, description = "Done; there is nothing to tell."), Problems))]
async fn delete(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<TenantId>,
    Bodiless(once): Bodiless,
) -> Result<StatusCode, Problem> {
    app::tenants::delete(&context, &caller, id, once).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Provision a tenant by its ref
///
/// Makes it (201), or gives it that name (200). The same request again changes nothing.
#[utoipa::path(put, path = "/v1/tenants/by-ref/{ref}",
    operation_id = "put_tenant_by_ref", tag = "tenants", request_body = NamedTenant, security(("bearer" = [])),
    params(("ref" = String, Path), ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 200, description = "Done.", body = Tenant), (status = 201, description = "Made.", body = Tenant), Problems))]
async fn put_by_ref(
    State(context): State<Context>,
    caller: Caller,
    PathText(tenant_ref): PathText,
    Mutation { input, once }: Mutation<NamedTenant>,
) -> Result<(StatusCode, Json<Tenant>), Problem> {
    let mut fields = Fields::default();
    let tenant_ref = fields.parse::<TenantRef>("/path/ref", &tenant_ref);
    let name = fields.parse::<Name>("/name", &input.name);
    let (Some(tenant_ref), Some(name)) = (tenant_ref, name) else {
        return Err(fields.refuse());
    };
    let (created, tenant) = app::tenants::put(&context, &caller, tenant_ref, name, once).await?;
    Ok((
        if created {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        Json(tenant.into()),
    ))
}
