//! Tests of connections: whole as JSON, or step by step as server-sent events.

use std::convert::Infallible;

use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{ConnectionId, Method, Region};
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::fields::FieldsInput;
use crate::{
    Context,
    api::{
        events::wants_events,
        input::{Fields, Mutation, PathId},
        problem::{self, Problem, Problems},
        report::{Report, Step},
    },
    app::{self, Caller, Entry, Run},
    http::RequestId,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(test))
        .routes(routes!(test_saved))
}

/// What is to be tested.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestInput {
    /// The reservation or the saved connection whose external ID and kept secrets are used; needed for a role, unless its
    /// external ID is entered.
    connection_id: Option<String>,
    #[schema(example = "iam_role", pattern = "^(iam_role|api_key|cognito)$")]
    method: String,
    #[schema(example = "eu-west-1")]
    region: String,
    #[serde(default)]
    fields: FieldsInput,
    invoke: Option<InvokeInput>,
}

/// How a saved connection is to be tested.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedTestInput {
    invoke: Option<InvokeInput>,
}

/// A model to be invoked with a few tokens, whole and streamed: the only steps that cost something.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvokeInput {
    /// Its id or ARN. Members may name what is registered over the connection.
    #[schema(
        example = "anthropic.claude-sonnet-4-5-20250929-v1:0",
        min_length = 1,
        max_length = 2048
    )]
    model_id: String,
}

/// Test what is entered
///
/// Nothing is saved. A test that ran answers 200, whatever it found. With `Accept: text/event-stream` each step is an
/// event `step` as it ends, and the whole an event `report`.
#[utoipa::path(post, path = "/v1/integrations/bedrock/test",
    operation_id = "test", tag = "connections", request_body = TestInput,
    security(("bearer" = []), ("session" = [])),
    responses((status = 200, description = "The test ran.",
        content((Report = "application/json"), (String = "text/event-stream"))), Problems))]
async fn test(
    State(context): State<Context>,
    caller: Caller,
    headers: HeaderMap,
    request_id: axum::Extension<RequestId>,
    Mutation { input, .. }: Mutation<TestInput>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let connection =
        fields.parse_optional::<ConnectionId>("/connection_id", input.connection_id.as_deref());
    let method = fields.parse::<Method>("/method", &input.method);
    let region = fields.parse::<Region>("/region", input.region.trim());
    let invoke = invoke(&mut fields, input.invoke);
    let (Some(method), Some(region)) = (method, region) else {
        return Err(fields.refuse());
    };
    let entered = input.fields.read(method, &mut fields);
    fields.finish()?;
    let entry = Entry {
        connection,
        region,
        fields: entered,
    };
    let run = app::trials::test_entry(&context, &caller, entry, invoke).await?;
    answer(run, &headers, &request_id).await
}

/// Test a saved connection
///
/// What it finds is noted with the connection. Identical tests within 5 seconds are one. Operators may not invoke.
#[utoipa::path(post, path = "/v1/integrations/bedrock/connections/{id}/test",
    operation_id = "test_connection", tag = "connections", request_body = SavedTestInput,
    security(("bearer" = []), ("session" = [])),
    params(("id" = String, Path),
        ("bi-tenant" = Option<String>, Header, description = "For operators: the tenant's id or ref.")),
    responses((status = 200, description = "The test ran.",
        content((Report = "application/json"), (String = "text/event-stream"))), Problems))]
async fn test_saved(
    State(context): State<Context>,
    caller: Caller,
    PathId(id): PathId<ConnectionId>,
    headers: HeaderMap,
    request_id: axum::Extension<RequestId>,
    Mutation { input, .. }: Mutation<SavedTestInput>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let invoke = invoke(&mut fields, input.invoke);
    fields.finish()?;
    let run = app::trials::test_connection(&context, &caller, id, invoke).await?;
    answer(run, &headers, &request_id).await
}

fn invoke(fields: &mut Fields, input: Option<InvokeInput>) -> Option<String> {
    let model = input?.model_id;
    let model = model.trim();
    if model.is_empty() || model.len() > 2_048 || !model.bytes().all(|byte| byte.is_ascii_graphic())
    {
        fields.note(
            "/invoke/model_id",
            "must be the id or ARN of a model, at most 2,048 characters",
        );
    }
    Some(model.to_owned())
}

/// What kept the test from running is an ordinary problem, in either form.
async fn answer(
    mut run: Run,
    headers: &HeaderMap,
    request_id: &RequestId,
) -> Result<Response, Problem> {
    run.begun().await?;
    if wants_events(headers) {
        let events = Sse::new(events(run, request_id.clone())).keep_alive(KeepAlive::default());
        return Ok(events.into_response());
    }
    let report = run.report().await?;
    Ok(Json(Report::from(&*report)).into_response())
}

/// The steps as they end, then the report; if what it found could not be noted, the problem.
fn events(run: Run, request_id: RequestId) -> impl Stream<Item = Result<Event, Infallible>> {
    enum State {
        Steps(Run, usize, std::vec::IntoIter<Event>),
        Done,
    }
    let start = State::Steps(run, 0, Vec::new().into_iter());
    stream::unfold((start, request_id), async |(state, request_id)| {
        let State::Steps(mut run, mut told, mut ready) = state else {
            return None;
        };
        if let Some(event) = ready.next() {
            return Some((Ok(event), (State::Steps(run, told, ready), request_id)));
        }
        let steps = run.steps_beyond(told).await;
        told += steps.len();
        let mut ready = steps
            .iter()
            .map(|step| event("step", &Step::from(step)))
            .collect::<Vec<_>>()
            .into_iter();
        match ready.next() {
            Some(first) => Some((Ok(first), (State::Steps(run, told, ready), request_id))),
            None => {
                let last = match run.report().await {
                    Ok(report) => event("report", &Report::from(&*report)),
                    Err(error) => {
                        let problem = Problem::from(error);
                        event("error", &problem::Body::of(&problem, &request_id.0))
                    }
                };
                Some((Ok(last), (State::Done, request_id)))
            }
        }
    })
}

/// An event of JSON, which has no line breaks.
fn event(name: &str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(data)
}
