//! Errors in OpenAI's form, and which of them its clients are to try again.

use axum::response::{IntoResponse, Response};
use dialects::openai::{ErrorBody, Refusal};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::api::{
    data::standing::Standing,
    problem::{Code, Problem, Told},
};

const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Why there is no answer.
pub(super) enum Refused {
    /// By what the request says.
    Request(Refusal),
    /// By anything else.
    Problem(Problem),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Request(refusal)
    }
}

impl<E> From<E> for Refused
where
    Problem: From<E>,
{
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Request(refusal) => {
                let body = ErrorBody::new(
                    kind(StatusCode::BAD_REQUEST),
                    refusal.code,
                    &refusal.message,
                    refusal.param.as_deref(),
                )
                .to_bytes();
                let problem = Problem::new(Code::ValidationFailed);
                let mut response = answer(StatusCode::BAD_REQUEST, body, &problem);
                response.extensions_mut().insert(Told(problem));
                response
            }
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

/// A refusal in OpenAI's form.
pub(in crate::api) fn refusal(problem: &Problem) -> Response {
    answer(status(problem), body(problem), problem)
}

/// What ends a stream that breaks: clients raise it.
pub(super) fn event(problem: &Problem) -> Vec<u8> {
    [b"data: ", &*body(problem), b"\n\n"].concat()
}

/// Clients are told not to repeat what is permanent, and when to repeat what is not.
fn answer(status: StatusCode, body: Vec<u8>, problem: &Problem) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if problem.passes() {
        let seconds = problem.seconds_to_wait().unwrap_or(1);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    } else {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    response
}

fn body(problem: &Problem) -> Vec<u8> {
    // To a wrong request the model's own words are the clearest.
    let message = match (problem.code(), problem.aws()) {
        (Code::ModelRequestRefused, Some(aws)) => aws.words.message.clone(),
        _ => problem.message(),
    };
    let code = match problem.code() {
        Code::Unauthenticated | Code::CredentialExpired => "invalid_api_key",
        Code::LimitReached | Code::ModelThrottled => "rate_limit_exceeded",
        _ if Standing::of(problem) == Some(Standing::Gone) => Code::ModelNotFound.as_str(),
        code => code.as_str(),
    };
    ErrorBody::new(kind(status(problem)), code, &message, None).to_bytes()
}

/// OpenAI's clients repeat 409, which here is mostly permanent.
fn status(problem: &Problem) -> StatusCode {
    match Standing::of(problem) {
        Some(Standing::Gone) => return StatusCode::NOT_FOUND,
        Some(Standing::Unfit) => return StatusCode::BAD_REQUEST,
        Some(Standing::Denied) => return StatusCode::FORBIDDEN,
        None => {}
    }
    match problem.code() {
        Code::ValidationFailed => StatusCode::BAD_REQUEST,
        Code::ChangedMeanwhile | Code::ModelTimedOut => StatusCode::SERVICE_UNAVAILABLE,
        code => code.status(),
    }
}

/// OpenAI's name for errors of that status.
fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_repeat_what_may_pass_and_nothing_else() {
        for code in Code::ALL {
            let problem = Problem::new(*code);
            let refused = refusal(&problem);
            let is_repeated = match refused.headers().get(SHOULD_RETRY) {
                Some(_) => false,
                None => refused.headers().contains_key(header::RETRY_AFTER),
            };
            assert_eq!(
                is_repeated,
                Problem::new(*code).passes(),
                "{}",
                code.as_str()
            );
        }
    }

    #[test]
    fn only_what_is_no_fault_of_the_requests_has_a_status_of_5xx() {
        for code in Code::ALL {
            let is_fault = code.status().is_server_error() || *code == Code::ChangedMeanwhile;
            assert_eq!(
                status(&Problem::new(*code)).is_server_error(),
                is_fault,
                "{}",
                code.as_str()
            );
        }
    }
}
