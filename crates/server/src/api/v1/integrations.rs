//! What can be connected.

use axum::{Json, extract::State};
use domain::{Federation, Method};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::problem::{Problem, Problems},
    app::{self, Caller, integrations::Availability, regions::REGIONS},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
}

/// A kind of service that can be connected.
#[derive(Serialize, ToSchema)]
pub(super) struct Integration {
    #[schema(example = "bedrock")]
    id: &'static str,
    #[schema(example = "Amazon Bedrock")]
    name: &'static str,
    description: &'static str,
    /// `not_connected`, or how its connections are: `connected` if one works, else `failing`.
    #[schema(example = "connected", pattern = "^(not_connected|connected|failing)$")]
    state: &'static str,
    /// How many connections there are.
    connections: u32,
}

/// All that can be connected; one page.
#[derive(Serialize, ToSchema)]
pub(super) struct Integrations {
    items: Vec<Integration>,
    /// Always null: there are few.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// An integration with all that is needed to draw its forms.
#[derive(Serialize, ToSchema)]
pub(super) struct IntegrationDetail {
    #[serde(flatten)]
    integration: Integration,
    methods: Vec<MethodDetail>,
    /// Offered in this order. Any other region of a known partition's form is taken too.
    regions: Vec<Region>,
}

/// A way into an AWS account.
#[derive(Serialize, ToSchema)]
pub(super) struct MethodDetail {
    #[schema(example = "iam_role", pattern = "^(iam_role|api_key|cognito)$")]
    method: &'static str,
    #[schema(example = "IAM role")]
    label: &'static str,
    /// Whether it is the one to choose if one can.
    recommended: bool,
    /// Whether it can be used on this service.
    available: bool,
    /// Why not.
    #[schema(required)]
    unavailable_reason: Option<&'static str>,
    /// How the service may prove who it is; for `iam_role`, else empty.
    federations: Vec<FederationDetail>,
    fields: Vec<Field>,
}

/// How the service may prove who it is.
#[derive(Serialize, ToSchema)]
pub(super) struct FederationDetail {
    #[schema(example = "assume_role", pattern = "^(assume_role|oidc)$")]
    federation: &'static str,
    available: bool,
    #[schema(required)]
    unavailable_reason: Option<&'static str>,
}

/// A field of a method's form.
#[derive(Serialize, ToSchema)]
pub(super) struct Field {
    /// Its name in `fields`.
    #[schema(example = "role_arn")]
    name: &'static str,
    #[schema(example = "Role ARN")]
    label: &'static str,
    /// Where to find the value.
    help: &'static str,
    /// What a value must match: an ECMAScript regular expression.
    pattern: &'static str,
    #[schema(required)]
    example: Option<&'static str>,
    /// Whether it is kept sealed and never shown again.
    secret: bool,
    /// Whether it may be left out.
    optional: bool,
    /// The federation that alone has this field; null if all have.
    #[schema(required, pattern = "^(assume_role|oidc)$")]
    federation: Option<&'static str>,
}

/// A region.
#[derive(Serialize, ToSchema)]
pub(super) struct Region {
    #[schema(example = "eu-west-1")]
    code: &'static str,
    #[schema(example = "Europe (Ireland)")]
    name: &'static str,
}

impl From<app::integrations::Standing> for Integration {
    fn from(standing: app::integrations::Standing) -> Self {
        Self {
            id: "bedrock",
            name: "Amazon Bedrock",
            description: "Foundation models from your own AWS account.",
            state: standing.state(),
            connections: standing.connections,
        }
    }
}

impl MethodDetail {
    fn of(method: Method, availability: &Availability<'_>) -> Self {
        let unavailable_reason = availability.why_not_at_all(method);
        let federations: &[Federation] = match method {
            Method::IamRole => &Federation::ALL,
            Method::ApiKey | Method::Cognito => &[],
        };
        let federations = federations.iter().map(|federation| {
            let unavailable_reason = availability.why_not(method, Some(*federation));
            FederationDetail {
                federation: federation.as_str(),
                available: unavailable_reason.is_none(),
                unavailable_reason,
            }
        });
        let fields = app::integrations::fields(method).iter().map(|field| Field {
            name: field.name,
            label: field.label,
            help: field.help,
            pattern: field.pattern,
            example: field.example,
            secret: field.secret,
            optional: field.optional,
            federation: field.federation.map(Federation::as_str),
        });
        Self {
            method: method.as_str(),
            label: app::integrations::label(method),
            recommended: method == Method::IamRole,
            available: unavailable_reason.is_none(),
            unavailable_reason,
            federations: federations.collect(),
            fields: fields.collect(),
        }
    }
}

/// List what can be connected
#[utoipa::path(get, path = "/v1/integrations",
    operation_id = "list_integrations", tag = "integrations", security(("bearer" = []), ("session" = [])),
    params(("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "Done.", body = Integrations), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
) -> Result<Json<Integrations>, Problem> {
    let standing = app::integrations::read(&context, &caller).await?;
    Ok(Json(Integrations {
        items: vec![standing.into()],
        next_cursor: None,
    }))
}

/// Read an integration
///
/// Its methods with their fields, and the regions: enough to draw the forms.
#[utoipa::path(get, path = "/v1/integrations/bedrock",
    operation_id = "read_integration", tag = "integrations", security(("bearer" = []), ("session" = [])),
    params(("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "Done.", body = IntegrationDetail), Problems))]
async fn read(
    State(context): State<Context>,
    caller: Caller,
) -> Result<Json<IntegrationDetail>, Problem> {
    let standing = app::integrations::read(&context, &caller).await?;
    let availability = Availability::here(&context);
    let methods = Method::ALL.map(|method| MethodDetail::of(method, &availability));
    let regions = REGIONS.map(|(code, name)| Region { code, name });
    Ok(Json(IntegrationDetail {
        integration: standing.into(),
        methods: methods.into(),
        regions: regions.into(),
    }))
}
