//! Editing a connection.

use axum::{Json, extract::State};
use domain::{ConnectionId, Name, Region};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Connection, fields::FieldsInput, save::verification};
use crate::{
    Context,
    api::{
        input::{Fields, Mutation, PathId},
        problem::{Code, Problem, Problems},
        report::Report,
    },
    app::{self, Caller, connections::Edit},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(edit))
}

/// What is to be changed; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditInput {
    #[schema(example = "Production", min_length = 1, max_length = 128)]
    name: Option<String>,
    is_default: Option<bool>,
    #[schema(example = "eu-central-1")]
    region: Option<String>,
    /// Belong to the access: a change holds for all connections over it. An absent secret is kept, unless what it would be
    /// sent to changes: then it must be entered again.
    fields: Option<FieldsInput>,
    /// `require` (default) saves what passes a test; `skip` saves untested.
    #[schema(pattern = "^(require|skip)$")]
    verify: Option<String>,
    /// Warnings that may be saved with, by code.
    #[serde(default)]
    #[schema(example = json!([]))]
    accept_warnings: Vec<String>,
}

/// What an edit left.
#[derive(Serialize, ToSchema)]
pub(super) struct EditedConnection {
    connection: Connection,
    /// What the test found; null if nothing was tested.
    #[schema(required)]
    report: Option<Report>,
    /// The other connections for which the change of fields holds too.
    also_changed: Vec<String>,
}

/// Edit a connection
///
/// Method, federation and AWS account are fixed. A change of region or fields is tested first.
#[utoipa::path(patch, path = "/v1/integrations/bedrock/connections/{id}",
    operation_id = "edit_connection", tag = "connections", request_body = EditInput,
    security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("if-match" = Option<String>, Header, description = "The etag that the caller has seen; without it 428."),
        ("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 200, description = "Done.", body = EditedConnection), Problems))]
async fn edit(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ConnectionId>,
    headers: HeaderMap,
    Mutation { input, once }: Mutation<EditInput>,
) -> Result<Json<EditedConnection>, Problem> {
    let etag = seen(&headers)?;
    // Which fields there are depends on the method, which is fixed.
    let method = app::connections::read(&context, &caller, id)
        .await?
        .access
        .fields
        .method();
    let mut fields = Fields::default();
    let name = fields.parse_optional::<Name>("/name", input.name.as_deref());
    let region = fields.parse_optional::<Region>("/region", input.region.as_deref().map(str::trim));
    let entered = input
        .fields
        .map(|entered| entered.read(method, &mut fields));
    let verification = verification(&mut fields, input.verify.as_deref(), input.accept_warnings);
    fields.finish()?;
    let edit = Edit {
        etag,
        name,
        is_default: input.is_default,
        region,
        fields: entered,
        verification,
    };
    let edited = app::connections::edit(&context, &caller, id, edit, once).await?;
    Ok(Json(EditedConnection {
        connection: Connection::at(edited.saved, context.now()),
        report: edited.report.as_deref().map(Report::from),
        also_changed: edited
            .also_changed
            .iter()
            .map(ConnectionId::to_string)
            .collect(),
    }))
}

/// The version that the caller has seen. One that cannot be ours is none that there is.
fn seen(headers: &HeaderMap) -> Result<i64, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(Code::EtagMissing).at("/header/if-match", "is needed"));
    };
    let digits = value
        .to_str()
        .ok()
        .map(|value| value.trim().trim_matches('"'));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| app::Error::EtagMismatch.into())
}
