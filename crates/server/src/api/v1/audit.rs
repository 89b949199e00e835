//! Who did what.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::{
        page::{List, PageParams, PageQuery},
        problem::{Problem, Problems},
    },
    app::{self, Caller},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEvent {
    #[schema(example = "evt_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    id: String,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    actor: AuditActor,
    /// What was done.
    #[schema(example = "api_key.created")]
    action: String,
    /// The id of what it was done to.
    #[schema(required)]
    subject: Option<String>,
    /// The `x-request-id` of the request; null from the command line.
    #[schema(required)]
    request_id: Option<String>,
    aws: AuditAws,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    detail: Value,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditActor {
    /// `api_key`, `session`, `user`, `command_line`, or `service`: nobody asked for it.
    #[schema(example = "api_key")]
    kind: String,
    id: String,
    /// Whether the platform's operator did it.
    by_platform: bool,
}

/// What it touched in AWS.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditAws {
    /// The account it reached.
    #[schema(required)]
    account_id: Option<String>,
    /// AWS's own request ids, to find it in CloudTrail.
    request_ids: Vec<String>,
}

impl From<store::audit::Event> for AuditEvent {
    fn from(event: store::audit::Event) -> Self {
        Self {
            id: event.id.to_string(),
            at: event.at,
            actor: AuditActor {
                kind: event.actor_kind,
                id: event.actor_id,
                by_platform: event.by_platform,
            },
            action: event.action,
            subject: event.subject,
            request_id: event.request_id,
            aws: AuditAws {
                account_id: event.aws_account_id,
                request_ids: event.aws_request_ids,
            },
            detail: event.detail,
        }
    }
}

/// List audit events
///
/// Newest first.
#[utoipa::path(get, path = "/v1/audit",
    operation_id = "list_audit_events", tag = "audit", params(PageParams),
    security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "Done.", body = List<AuditEvent>), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
    page: PageQuery,
) -> Result<Json<List<AuditEvent>>, Problem> {
    let page = app::audit::list(&context, &caller, page.after, page.limit).await?;
    Ok(Json(List::from_page(page)))
}
