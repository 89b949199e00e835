//! Saving a connection.

use axum::{Json, extract::State};
use domain::{ConnectionId, Method, Name, Region};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Connection, fields::FieldsInput};
use crate::{
    Context,
    api::{
        input::{Fields, Mutation},
        problem::{Problem, Problems},
        report::Report,
    },
    app::{
        self, Caller, Entry,
        connections::{NewConnection, Verification, Verify},
    },
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(save))
}

/// A connection to be saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionInput {
    /// The reservation; needed for a role, unless its external ID is entered.
    connection_id: Option<String>,
    /// A name for people, unique in the tenant.
    #[schema(example = "Production", min_length = 1, max_length = 128)]
    name: String,
    #[schema(example = "iam_role", pattern = "^(iam_role|api_key|cognito)$")]
    method: String,
    #[schema(example = "eu-west-1")]
    region: String,
    #[serde(default)]
    fields: FieldsInput,
    /// `require` (default) saves what passes a test; `skip` saves untested.
    #[schema(pattern = "^(require|skip)$")]
    verify: Option<String>,
    /// Warnings that may be saved with, by code.
    #[serde(default)]
    #[schema(example = json!([]))]
    accept_warnings: Vec<String>,
}

/// A connection that was saved.
#[derive(Serialize, ToSchema)]
pub(super) struct SavedConnection {
    connection: Connection,
    /// What the test found; null if it was saved untested.
    #[schema(required)]
    report: Option<Report>,
}

/// Reads whether to test.
pub(super) fn verification(
    fields: &mut Fields,
    verify: Option<&str>,
    accept_warnings: Vec<String>,
) -> Verification {
    let verify = match verify {
        None | Some("require") => Verify::Require,
        Some("skip") => Verify::Skip,
        Some(_) => {
            fields.note("/verify", "must be require or skip");
            Verify::Require
        }
    };
    Verification {
        verify,
        accept_warnings,
    }
}

/// Save a connection
///
/// Tests it first, and stores all of it or nothing. The first connection becomes the default.
#[utoipa::path(post, path = "/v1/integrations/bedrock/connections",
    operation_id = "save_connection", tag = "connections", request_body = ConnectionInput,
    security(("bearer" = []), ("session" = [])),
    params(("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 201, description = "Saved.", body = SavedConnection), Problems))]
async fn save(
    State(context): State<Context>,
    caller: Caller,
    Mutation { input, once }: Mutation<ConnectionInput>,
) -> Result<(StatusCode, Json<SavedConnection>), Problem> {
    let mut fields = Fields::default();
    let connection =
        fields.parse_optional::<ConnectionId>("/connection_id", input.connection_id.as_deref());
    let name = fields.parse::<Name>("/name", &input.name);
    let method = fields.parse::<Method>("/method", &input.method);
    let region = fields.parse::<Region>("/region", input.region.trim());
    let verification = verification(&mut fields, input.verify.as_deref(), input.accept_warnings);
    let (Some(name), Some(method), Some(region)) = (name, method, region) else {
        return Err(fields.refuse());
    };
    let entered = input.fields.read(method, &mut fields);
    fields.finish()?;
    let new = NewConnection {
        name,
        entry: Entry {
            connection,
            region,
            fields: entered,
        },
        verification,
    };
    let (saved, report) = app::connections::save(&context, &caller, new, once).await?;
    let saved = SavedConnection {
        connection: Connection::at(saved, context.now()),
        report: report.as_deref().map(Report::from),
    };
    Ok((StatusCode::CREATED, Json(saved)))
}
