//! The start of a connection, and its setup kit.

use axum::{Json, extract::State};
use domain::{AccessId, ConnectionId, Federation, Method, Region};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use setup::{Kit, Policy, Step};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Connection;
use crate::{
    Context,
    api::{
        input::{Fields, Mutation, PathId},
        problem::{Problem, Problems},
        query::Query,
    },
    app::{self, Caller, connect::Start, setup::Choice},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(connect))
        .routes(routes!(read_setup))
}

/// What is to be connected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectInput {
    #[schema(example = "iam_role", pattern = "^(iam_role|api_key|cognito)$")]
    method: String,
    /// Where Bedrock is to be used.
    #[schema(example = "eu-west-1")]
    region: String,
    /// For roles: how the service proves who it is; `assume_role` if absent.
    #[schema(pattern = "^(assume_role|oidc)$")]
    federation: Option<String>,
    /// An access that is saved already: the same account in another region.
    access_id: Option<String>,
    /// Ids or ARNs of the models that alone are to be allowed; all if absent.
    #[serde(default)]
    #[schema(example = json!(["eu.anthropic.claude-sonnet-4-5-20250929-v1:0"]))]
    models: Vec<String>,
}

/// A reservation, and what to set up in AWS for it.
#[derive(Serialize, ToSchema)]
pub(super) struct Connected {
    connection: Connection,
    setup: Setup,
}

/// What to set up in AWS, filled in.
#[derive(Serialize, ToSchema)]
pub(super) struct Setup {
    /// What the role's trust policy must demand. Not a secret, and this tenant's for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// Who takes the role on.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_arn: Option<String>,
    /// What IAM is told of this service as an OpenID Connect provider; for roles by `oidc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc: Option<OidcSetup>,
    /// What to do, in the order of the AWS console.
    steps: Vec<SetupStep>,
    /// An IAM policy: what to allow.
    #[schema(value_type = Object)]
    permissions_policy: Policy,
    /// An IAM policy: what to allow besides for models, such as Claude, that answer through inference profiles only, and
    /// for counting tokens.
    #[schema(value_type = Object)]
    inference_profiles_policy: Policy,
    /// An IAM trust policy: whom to trust; not for API keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    trust_policy: Option<Policy>,
    cloudformation: CloudFormationSetup,
    /// All of it in Terraform's language.
    terraform: String,
    /// All of it as commands of the AWS CLI, to be pasted into bash or CloudShell.
    aws_cli: String,
}

/// All of it as a CloudFormation stack.
#[derive(Serialize, ToSchema)]
pub(super) struct CloudFormationSetup {
    /// What to save the template as.
    #[schema(example = "BedrockIntegration-9e1f2a4c.json")]
    file_name: String,
    /// The template, with nothing left to enter.
    template: String,
    /// Commands of the AWS CLI that make a stack of that file.
    aws_cli: String,
    /// A link that opens the platform's published template filled in; null where none is published.
    #[schema(required)]
    quick_create_url: Option<String>,
}

/// This service as an OpenID Connect provider.
#[derive(Serialize, ToSchema)]
pub(super) struct OidcSetup {
    /// The provider's URL, this tenant's own.
    #[schema(example = "https://bedrock.example.com/oidc/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")]
    issuer: String,
    /// Whom its tokens are for.
    #[schema(example = "sts.amazonaws.com")]
    audience: String,
    /// Whom they are about: this AWS access.
    #[schema(
        example = "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b:acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c"
    )]
    subject: String,
}

/// One thing to do.
#[derive(Serialize, ToSchema)]
pub(super) struct SetupStep {
    #[schema(example = "Create the role")]
    title: &'static str,
    text: String,
    /// What to paste.
    blocks: Vec<SetupBlock>,
}

/// Something to paste.
#[derive(Serialize, ToSchema)]
pub(super) struct SetupBlock {
    #[schema(example = "Trust policy")]
    label: &'static str,
    text: String,
}

impl From<Kit> for Setup {
    fn from(kit: Kit) -> Self {
        Self {
            external_id: kit.external_id,
            principal_arn: kit.principal_arn,
            oidc: kit.oidc.map(|provider| OidcSetup {
                issuer: provider.issuer,
                audience: provider.audience,
                subject: provider.subject,
            }),
            steps: kit.steps.into_iter().map(SetupStep::from).collect(),
            permissions_policy: kit.permissions_policy,
            inference_profiles_policy: kit.inference_profiles_policy,
            trust_policy: kit.trust_policy,
            cloudformation: CloudFormationSetup {
                file_name: kit.cloudformation.file_name,
                template: kit.cloudformation.template,
                aws_cli: kit.cloudformation.aws_cli,
                quick_create_url: kit.cloudformation.quick_create_url,
            },
            terraform: kit.terraform,
            aws_cli: kit.aws_cli,
        }
    }
}

impl From<Step> for SetupStep {
    fn from(step: Step) -> Self {
        let blocks = step.blocks.into_iter().map(|block| SetupBlock {
            label: block.label,
            text: block.text,
        });
        Self {
            title: step.title,
            text: step.text,
            blocks: blocks.collect(),
        }
    }
}

/// Start to connect
///
/// Reserves an AWS access with its external ID for 7 days, and says what to set up in AWS. Then test and save with the
/// id of the connection as `connection_id`.
#[utoipa::path(post, path = "/v1/integrations/bedrock/connect",
    operation_id = "connect", tag = "connections", request_body = ConnectInput,
    security(("bearer" = []), ("session" = [])),
    params(("idempotency-key" = Option<String>, Header, description = "Carried out once in 24 hours.")),
    responses((status = 201, description = "Reserved.", body = Connected), Problems))]
async fn connect(
    State(context): State<Context>,
    caller: Caller,
    Mutation { input, once }: Mutation<ConnectInput>,
) -> Result<(StatusCode, Json<Connected>), Problem> {
    let mut fields = Fields::default();
    let method = fields.parse::<Method>("/method", &input.method);
    let region = fields.parse::<Region>("/region", input.region.trim());
    let federation =
        fields.parse_optional::<Federation>("/federation", input.federation.as_deref());
    let access = fields.parse_optional::<AccessId>("/access_id", input.access_id.as_deref());
    if federation.is_some() && method.is_some_and(|method| method != Method::IamRole) {
        fields.note("/federation", "is for the method iam_role only");
    }
    let (Some(method), Some(region)) = (method, region) else {
        return Err(fields.refuse());
    };
    fields.finish()?;
    let start = Start {
        method,
        federation,
        region,
        access,
        models: input.models,
    };
    let (saved, kit) = app::connect::start(&context, &caller, start, once).await?;
    let connected = Connected {
        connection: Connection::at(saved, context.now()),
        setup: kit.into(),
    };
    Ok((StatusCode::CREATED, Json(connected)))
}

/// Read the setup again
///
/// With `models` for those alone: with the list of models of a connection that works it names every region to which an
/// inference profile sends calls.
#[utoipa::path(get, path = "/v1/integrations/bedrock/connections/{id}/setup",
    operation_id = "read_setup", tag = "connections", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("models" = Option<String>, Query, description = "Ids or ARNs, separated by commas; all if absent.")),
    responses((status = 200, description = "Done.", body = Setup), Problems))]
async fn read_setup(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ConnectionId>,
    mut query: Query,
) -> Result<Json<Setup>, Problem> {
    let models = query.text("models").unwrap_or_default();
    query.finish()?;
    let models = models
        .split(',')
        .map(str::trim)
        .filter(|model| !model.is_empty());
    let ids: Vec<String> = models.map(str::to_owned).collect();
    let choice = Choice {
        ids: &ids,
        pointer: "/query/models",
    };
    let kit = app::setup::read(&context, &caller, id, choice).await?;
    Ok(Json(kit.into()))
}
