//! What can be invoked over a connection.

use axum::{Json, extract::State};
use bedrock::{
    catalogue::{self, Capability, Filter},
    diagnosis,
};
use domain::{ConnectionId, Cursor};
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    Context,
    api::{
        input::{PathId, PathIdAndText},
        page::{PageParams, PageQuery},
        problem::{Code, Problem, Problems},
        query::Query,
        report::Finding,
    },
    app::{self, Caller},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
}

/// Something that can be invoked in the account, or the reason why it cannot.
#[derive(Serialize, ToSchema)]
#[schema(as = InvocableModel)]
pub(super) struct Model {
    /// Its name in URLs.
    #[schema(example = "anthropic.claude-sonnet-4-5-20250929-v1~3a0")]
    key: String,
    /// A base model, or what the account made of one.
    #[schema(value_type = String, pattern = "^(base|application_profile|custom|imported)$")]
    kind: catalogue::Kind,
    /// Its own id.
    #[schema(example = "anthropic.claude-sonnet-4-5-20250929-v1:0")]
    model_id: String,
    /// What to send to invoke it: its id, or that of an inference profile; null while it cannot be invoked.
    #[schema(required, example = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0")]
    invoke_id: Option<String>,
    #[schema(example = "Claude Sonnet 4.5")]
    name: String,
    #[schema(example = "Anthropic")]
    provider: String,
    /// `converse`, `stream`, `embed`, `invoke` (with a body of the model's own), or `unknown` before it is tried.
    #[schema(value_type = Vec<String>, example = json!(["converse", "stream"]))]
    capabilities: Vec<Capability>,
    modalities: Modalities,
    /// `available`; `legacy`: AWS will end it; `not_authorized`, `unavailable`: it cannot be invoked.
    #[schema(value_type = String, pattern = "^(available|legacy|not_authorized|unavailable)$")]
    state: catalogue::State,
    /// Why.
    #[schema(value_type = Option<String>, required)]
    state_reason: Option<catalogue::Reason>,
    /// The same as a sentence for people, with what to do about it.
    #[schema(required, example = json!(null))]
    state_message: Option<String>,
    /// From when on AWS refuses it, if that is known.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    end_of_life: Option<OffsetDateTime>,
    /// How far the data of a call may travel: the `region`, the regions named (`geography`), or any (`global`).
    #[schema(value_type = Option<String>, required, pattern = "^(region|geography|global)$")]
    residency: Option<catalogue::Residency>,
    /// The regions that may answer; empty if that is any.
    destinations: Vec<String>,
}

/// What a model takes and gives, as AWS spells it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Modalities {
    #[schema(example = json!(["TEXT"]))]
    pub(crate) input: Vec<String>,
    #[schema(example = json!(["TEXT"]))]
    pub(crate) output: Vec<String>,
}

/// A model, and what AWS says of whether the account may use it.
#[derive(Serialize, ToSchema)]
#[schema(as = InvocableModelDetail)]
pub(super) struct ModelDetail {
    #[serde(flatten)]
    model: Model,
    /// Null if AWS does not tell.
    #[schema(required)]
    availability: Option<Availability>,
}

/// Whether the account may use a base model, as AWS tells before it is tried.
#[derive(Serialize, ToSchema)]
pub(super) struct Availability {
    #[schema(value_type = String, pattern = "^(available|legacy|not_authorized|unavailable)$")]
    state: catalogue::State,
    /// Why not, or what is still to happen.
    #[schema(value_type = Option<String>, required)]
    reason: Option<catalogue::Reason>,
    /// What AWS says of an agreement that failed.
    #[schema(required)]
    message: Option<String>,
}

/// What can be invoked over a connection.
#[derive(Serialize, ToSchema)]
pub(super) struct Models {
    items: Vec<Model>,
    /// Pass it as `cursor` for the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
    /// When AWS was asked.
    #[serde(with = "time::serde::rfc3339")]
    fetched_at: OffsetDateTime,
    /// The lists that AWS did not give, and why: what they hold is missing here.
    gaps: Vec<Gap>,
}

/// A list that AWS did not give.
#[derive(Serialize, ToSchema)]
pub(super) struct Gap {
    /// Which list: one call may answer several.
    #[schema(
        value_type = String,
        example = "custom_models",
        pattern = "^(foundation_models|system_profiles|application_profiles|custom_models|custom_model_deployments|imported_models|provisioned_throughputs)$"
    )]
    list: catalogue::List,
    /// What was called.
    #[schema(example = "ListCustomModels")]
    operation: &'static str,
    #[serde(flatten)]
    finding: Finding,
}

impl From<&catalogue::Model> for Model {
    fn from(model: &catalogue::Model) -> Self {
        Self {
            key: model.key.to_string(),
            kind: model.kind,
            model_id: model.model_id.clone(),
            invoke_id: model.invoke_id.clone(),
            name: model.name.clone(),
            provider: model.provider.clone(),
            capabilities: model.capabilities.clone(),
            modalities: Modalities {
                input: model.modalities.input.clone(),
                output: model.modalities.output.clone(),
            },
            state: model.state,
            state_reason: model.state_reason,
            state_message: model.state_reason.map(|reason| reason.to_string()),
            end_of_life: model
                .lifecycle
                .as_ref()
                .and_then(|lifecycle| lifecycle.end_of_life),
            residency: model.residency,
            destinations: model.destinations.clone(),
        }
    }
}

impl From<&catalogue::Gap> for Gap {
    fn from(gap: &catalogue::Gap) -> Self {
        let diagnosis = diagnosis::diagnose(&gap.error, diagnosis::Context::default());
        Self {
            list: gap.list,
            operation: gap.list.operation(),
            finding: Finding::from(&diagnosis),
        }
    }
}

/// List what can be invoked
///
/// Those of one provider together, then by name; what cannot be invoked is listed with its reason. The list is kept for
/// some minutes.
#[utoipa::path(get, path = "/v1/integrations/bedrock/connections/{id}/models",
    operation_id = "list_invocable_models", tag = "models", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path), PageParams,
        ("provider" = Option<String>, Query, description = "Of this provider."),
        ("modality" = Option<String>, Query, description = "That takes or gives this, such as `IMAGE`."),
        ("capability" = Option<String>, Query, description = "`converse`, `stream`, `embed`, `invoke` or `unknown`."),
        ("q" = Option<String>, Query, description = "Words that occur in name, provider or ids."),
        ("refresh" = Option<bool>, Query, description = "Whether to ask AWS anew.")),
    responses((status = 200, description = "Done.", body = Models), Problems))]
async fn list(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ConnectionId>,
    mut query: Query,
) -> Result<Json<Models>, Problem> {
    let page = query.page();
    let filter = Filter {
        provider: query.text("provider"),
        modality: query.text("modality"),
        capability: query.parse("capability"),
        q: query.text("q"),
    };
    let refresh = query.flag("refresh");
    query.finish()?;
    let catalogue = app::invocable::list(&context, &caller, id, refresh).await?;
    let (items, next) = part(&catalogue.filter(&filter).collect::<Vec<_>>(), page)?;
    Ok(Json(Models {
        items,
        next_cursor: next.map(|cursor| cursor.to_string()),
        fetched_at: catalogue.fetched_at,
        gaps: catalogue.gaps.iter().map(Gap::from).collect(),
    }))
}

/// Read what can be invoked
#[utoipa::path(get, path = "/v1/integrations/bedrock/connections/{id}/models/{key}",
    operation_id = "read_invocable_model", tag = "models", security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 200, description = "Done.", body = ModelDetail), Problems))]
async fn read(
    State(context): State<Context>,
    caller: Caller,
    PathIdAndText(id, key): PathIdAndText<ConnectionId>,
) -> Result<Json<ModelDetail>, Problem> {
    let (model, availability) = app::invocable::read(&context, &caller, id, &key).await?;
    Ok(Json(ModelDetail {
        model: Model::from(&model),
        availability: availability.map(|availability| Availability {
            state: availability.state,
            reason: availability.reason,
            message: availability.message,
        }),
    }))
}

/// A page of a list that is in memory. Its cursor is a digest of where the page before ended.
fn part(
    models: &[&catalogue::Model],
    page: PageQuery,
) -> Result<(Vec<Model>, Option<Cursor>), Problem> {
    let start = match page.after {
        None => 0,
        Some(cursor) => {
            let last = models
                .iter()
                .position(|model| digest(model) == cursor.after());
            last.ok_or_else(|| {
                Problem::new(Code::ValidationFailed).at(
                    "/query/cursor",
                    "is of a list that has changed since: start over without it",
                )
            })? + 1
        }
    };
    let rest = &models[start..];
    let items = &rest[..rest.len().min(page.limit.get().into())];
    let next = items
        .last()
        .filter(|_| items.len() < rest.len())
        .map(|last| Cursor::from(digest(last)));
    Ok((
        items.iter().map(|model| Model::from(*model)).collect(),
        next,
    ))
}

fn digest(model: &catalogue::Model) -> Uuid {
    let digest = Sha256::digest(model.key.as_str());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}
