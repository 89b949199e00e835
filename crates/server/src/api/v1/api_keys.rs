//! API keys of a tenant.

use axum::{Json, extract::State};
use domain::{KeyId, Name, Role};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::{
        input::{Bodiless, Fields, Mutation, PathId},
        page::{List, PageParams, PageQuery},
        problem::{Problem, Problems},
    },
    app::{self, Caller, api_keys::NewKey},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// An API key, without the key.
#[derive(Serialize, ToSchema)]
pub(super) struct ApiKey {
    #[schema(example = "key_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    #[schema(example = "frontend")]
    name: String,
    #[schema(example = "member", pattern = "^(viewer|member|admin)$")]
    role: &'static str,
    /// The key's last four characters.
    #[schema(example = "x7Qk")]
    hint: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Who made it.
    created_by: String,
    /// From when it is refused; null for never.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    expires_at: Option<OffsetDateTime>,
    /// When it was last used, up to a minute late.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    last_used_at: Option<OffsetDateTime>,
}

impl From<store::api_keys::ApiKey> for ApiKey {
    fn from(key: store::api_keys::ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            role: key.role.as_str(),
            hint: key.hint,
            created_at: key.created_at,
            created_by: key.created_by,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedApiKey {
    /// The key itself. It is shown here and never again.
    #[schema(example = "bi_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b_…")]
    api_key: String,
    #[serde(flatten)]
    key: ApiKey,
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApiKey {
    /// A name for people.
    #[schema(example = "frontend", min_length = 1, max_length = 128)]
    name: String,
    /// At most the caller's own.
    #[schema(example = "member", pattern = "^(viewer|member|admin)$")]
    role: String,
    /// From when it is refused; absent or null for never.
    #[schema(format = DateTime, example = json!(null))]
    expires_at: Option<String>,
}

/// List keys
///
/// Oldest first. Operators name the tenant in `BI-Tenant`.
#[utoipa::path(get, path = "/v1/api-keys",
    operation_id = "list_api_keys", tag = "api-keys", security(("bearer" = []), ("session" = [])),
    params(PageParams, ("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "Done.", body = List<ApiKey>), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
    page: PageQuery,
) -> Result<Json<List<ApiKey>>, Problem> {
    let page = app::api_keys::list(&context, &caller, page.after, page.limit).await?;
    Ok(Json(List::from_page(page)))
}

/// Make a key
///
/// The answer shows the key once. The same request again under the same `Idempotency-Key` answers 409 `already_created`.
#[utoipa::path(post, path = "/v1/api-keys",
    operation_id = "create_api_key", tag = "api-keys", request_body = NewApiKey,
    security(("bearer" = []), ("session" = [])),
    params(("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref."),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 201, description = "Made.", body = CreatedApiKey), Problems))]
async fn create(
    State(context): State<Context>,
    caller: Caller,
    Mutation { input, once }: Mutation<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>), Problem> {
    let mut fields = Fields::default();
    let name = fields.parse::<Name>("/name", &input.name);
    let role = fields.parse::<Role>("/role", &input.role);
    let expires_at = expiry(&mut fields, input.expires_at.as_deref(), context.now());
    let (Some(name), Some(role), Ok(expires_at)) = (name, role, expires_at) else {
        return Err(fields.refuse());
    };
    let (key, api_key) = app::api_keys::create(
        &context,
        &caller,
        NewKey {
            name,
            role,
            expires_at,
        },
        once,
    )
    .await?;
    let created = CreatedApiKey {
        api_key: api_key.to_string(),
        key: key.into(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// The refusal is noted in `fields`.
fn expiry(
    fields: &mut Fields,
    text: Option<&str>,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>, ()> {
    let Some(text) = text else {
        return Ok(None);
    };
    let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) else {
        fields.note("/expires_at", "must be a time like 2030-01-31T00:00:00Z");
        return Err(());
    };
    // The last hours of the year 9999 end after it in UTC, and are no time there.
    let at = at.checked_to_offset(UtcOffset::UTC);
    // The year 9999 is where the calendars of many clients end.
    let Some(at) = at.filter(|at| *at > now && at.year() < 9_999) else {
        fields.note("/expires_at", "must be in the future, before the year 9999");
        return Err(());
    };
    Ok(Some(at))
}

/// Revoke a key
///
/// It stops working on every replica within a second, and its console sessions with it.
#[utoipa::path(delete, path = "/v1/api-keys/{id}",
    operation_id = "revoke_api_key", tag = "api-keys", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref."),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 204, description = "Done; there is nothing to tell."), Problems))]
async fn revoke(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<KeyId>,
    Bodiless(once): Bodiless,
) -> Result<StatusCode, Problem> {
    app::api_keys::revoke(&context, &caller, id, once).await?;
    Ok(StatusCode::NO_CONTENT)
}
