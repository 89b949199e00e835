//! Bedrock Runtime's own wire: an AWS SDK with its endpoint URL and bearer token set finds the four operations here, with
//! AWS's bodies, frames, headers and errors.

use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Response},
};
use bedrock::transport::Operation;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    payload::Payload,
    stream::{Events, Next},
    watched::watched,
    whole::whole,
    written::written,
};
use crate::{
    Context,
    api::{
        input::PathText,
        problem::{Code, Problem},
    },
    app::conversations::{Converser, tokens},
    http::RequestId,
};

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(converse))
        .routes(routes!(converse_stream))
        .routes(routes!(invoke))
        .routes(routes!(invoke_stream))
}

/// What all four operations take.
struct Door {
    context: Context,
    converser: Converser,
    model: String,
    request_id: RequestId,
}

macro_rules! operation {
    ($(#[doc = $doc:literal])+ $name:ident, $path:literal, $id:literal, $operation:ident, $answers:literal) => {
        $(#[doc = $doc])+
        #[utoipa::path(post, path = $path,
            operation_id = $id, tag = "bedrock", security(("bearer" = [])),
            params(("id" = String, Path, description = "A registered model's id, what AWS calls it, or its alias.")),
            request_body(content = Object, content_type = "application/json"),
            responses((status = 200, description = "The model's answer.", body = String, content_type = $answers),
                (status = "default", description = "AWS's own error, with `x-amzn-errortype`.", body = Object)))]
        async fn $name(
            State(context): State<Context>,
            converser: Converser,
            PathText(model): PathText,
            Extension(request_id): Extension<RequestId>,
            payload: Payload,
        ) -> Result<Response, Problem> {
            let door = Door { context, converser, model, request_id };
            door.ask(Operation::$operation, payload).await
        }
    };
}

operation!(
    /// Converse, on Bedrock's wire
    converse, "/bedrock/model/{id}/converse", "bedrock_converse", Converse, "application/json"
);
operation!(
    /// ConverseStream, on Bedrock's wire
    converse_stream, "/bedrock/model/{id}/converse-stream", "bedrock_converse_stream", ConverseStream,
    "application/vnd.amazon.eventstream"
);
operation!(
    /// InvokeModel, on Bedrock's wire
    invoke, "/bedrock/model/{id}/invoke", "bedrock_invoke", InvokeModel, "application/json"
);
operation!(
    /// InvokeModelWithResponseStream, on Bedrock's wire
    invoke_stream, "/bedrock/model/{id}/invoke-with-response-stream", "bedrock_invoke_stream",
    InvokeModelWithResponseStream, "application/vnd.amazon.eventstream"
);

impl Door {
    async fn ask(self, operation: Operation, payload: Payload) -> Result<Response, Problem> {
        let route = self.converser.find(&self.context, &self.model).await?;
        let asking = payload.ask(self.context.clone(), self.converser, route, operation);
        let (answer, mut call) = asking.await?;
        let passed = passed_on(answer.headers());
        let mut response = match operation {
            Operation::Converse | Operation::InvokeModel | Operation::CountTokens => {
                let counted = tokens::of_headers(&answer);
                let count = |body: &Bytes| match operation {
                    Operation::Converse => tokens::of_converse(body),
                    _ => counted,
                };
                let body = whole(answer, &mut call, count).await?;
                written(&self.context, call.converser(), self.request_id, &body)
            }
            Operation::ConverseStream | Operation::InvokeModelWithResponseStream => {
                let events = Events::of_answer(self.context, self.request_id, answer, call).await?;
                let body = watched(events.watch(), frames(events));
                ([(header::CONTENT_TYPE, EVENT_STREAM)], body).into_response()
            }
        };
        response.headers_mut().extend(passed);
        Ok(response)
    }
}

/// AWS's frames as they came. A stream that breaks is broken off, as AWS's own would be: its client knows by the end.
fn frames(events: Events) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(events, async |mut events| {
        loop {
            let bytes = match events.next().await {
                // AWS's own words against it are in its frame.
                Next::Batch(batch, _) => Ok(batch.bytes().clone()),
                // Frames leave no room for a sign of life.
                Next::Silence => continue,
                Next::Failed(_) => Err(std::io::ErrorKind::ConnectionReset.into()),
                Next::End => return None,
            };
            return Some((bytes, events));
        }
    })
}

/// AWS's headers that belong to the answer: its request id and what is Bedrock's own.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| {
            let name = name.as_str();
            name == "x-amzn-requestid" || name.starts_with("x-amzn-bedrock-")
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A refusal in AWS's form: AWS's own where AWS refused the request, else one with the code that its SDKs act on, and our
/// id of the request, which they show. None of them repeats what is permanent.
pub(in crate::api) fn refusal(problem: &Problem, ours: &str) -> Response {
    let aws = problem
        .aws()
        .and_then(|aws| Some((aws.status?, &aws.words)));
    let (status, code, message, request_id) = match aws {
        Some((status, words)) => (
            StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            words.code.as_str(),
            words.message.clone(),
            words.request_id.as_deref().unwrap_or(ours),
        ),
        None => {
            let (status, code) = in_words_of_aws(problem.code());
            (status, code, problem.message(), ours)
        }
    };
    let body = json!({ "message": message }).to_string();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    let headers = response.headers_mut();
    for (name, text) in [(ERROR_TYPE, code), (REQUEST_ID, request_id)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    if let Some(seconds) = problem.seconds_to_wait() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Our own refusals, as AWS would put them.
fn in_words_of_aws(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::Unauthenticated
        | Code::CredentialExpired
        | Code::Forbidden
        | Code::TenantUnknown
        | Code::TenantSuspended
        | Code::Withdrawn
        | Code::ConnectionUnusable
        | Code::ModelUnusable => (StatusCode::FORBIDDEN, "AccessDeniedException"),
        Code::ModelNotFound | Code::NotFound => {
            (StatusCode::NOT_FOUND, "ResourceNotFoundException")
        }
        Code::MethodNotAllowed => (code.status(), "UnknownOperationException"),
        Code::LimitReached | Code::ModelThrottled | Code::TooManyAttempts => {
            (StatusCode::TOO_MANY_REQUESTS, "ThrottlingException")
        }
        Code::ModelTimedOut => (StatusCode::REQUEST_TIMEOUT, "ModelTimeoutException"),
        Code::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException"),
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException"),
        code if code.passes() || code.status().is_server_error() => (
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
        ),
        _ => (StatusCode::BAD_REQUEST, "ValidationException"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awss_sdks_repeat_what_passes_and_nothing_else() {
        // What they repeat by its status or its name. A model that timed out they leave to their caller.
        let is_repeated = |status: StatusCode, name| {
            matches!(status.as_u16(), 429 | 500 | 503) || name == "RequestTimeoutException"
        };
        for code in Code::ALL {
            let (status, name) = in_words_of_aws(*code);
            let passes = code.passes() || code.status().is_server_error();
            let is_left = *code == Code::ModelTimedOut;
            assert_eq!(is_repeated(status, name), passes && !is_left, "{code:?}");
        }
    }
}
