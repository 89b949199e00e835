//! The door's own form: a credential under another name on the way in, errors in Anthropic's words on the way out.

use axum::response::{IntoResponse, Response};
use dialects::anthropic::{ErrorKind, error};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::api::{
    data::standing::Standing,
    problem::{Code, Problem},
};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Here `x-api-key` is another name for `Authorization: Bearer`, so that two credentials are two, whatever their names.
pub(in crate::api) fn name_api_keys(headers: &mut HeaderMap) {
    let keys: Vec<_> = headers.get_all(API_KEY).iter().cloned().collect();
    headers.remove(API_KEY);
    for key in keys {
        let bearer = [b"Bearer ", key.as_bytes()].concat();
        if let Ok(mut bearer) = HeaderValue::from_bytes(&bearer) {
            bearer.set_sensitive(true);
            headers.append(header::AUTHORIZATION, bearer);
        }
    }
}

/// The name by which the door's clients know a request.
pub(in crate::api) fn tell_request_id(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// A refusal in Anthropic's form. Clients are told not to repeat what is permanent, whatever they think of its status.
pub(in crate::api) fn refusal(problem: &Problem, request_id: &str) -> Response {
    let (kind, message) = words(problem);
    let status = status(problem, kind);
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    let body = error(kind, &message, request_id);
    let mut response = (status, content_type, body).into_response();
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

/// What Anthropic would call it, and what there is to say: to a wrong request the model's own words are the clearest.
pub(super) fn words(problem: &Problem) -> (ErrorKind, String) {
    let message = match (problem.code(), problem.aws()) {
        (Code::ModelRequestRefused, Some(aws)) => aws.words.message.clone(),
        (Code::ValidationFailed, _) => problem.what().to_owned(),
        (Code::Unauthenticated | Code::SeveralCredentials, _) => format!(
            "{} Send one API key of this service as `x-api-key`, or as `Authorization: Bearer …`.",
            problem.what()
        ),
        _ => problem.message(),
    };
    (kind(problem), message)
}

/// The kind's own, but where HTTP has one that says more.
fn status(problem: &Problem, kind: ErrorKind) -> StatusCode {
    match problem.code() {
        code @ (Code::BodyTimeout | Code::MethodNotAllowed) => code.status(),
        _ => StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_REQUEST),
    }
}

fn kind(problem: &Problem) -> ErrorKind {
    match Standing::of(problem) {
        Some(Standing::Gone) => return ErrorKind::NotFound,
        Some(Standing::Unfit) => return ErrorKind::InvalidRequest,
        Some(Standing::Denied) => return ErrorKind::Permission,
        None => {}
    }
    match problem.code() {
        Code::Unauthenticated | Code::CredentialExpired => ErrorKind::Authentication,
        Code::Forbidden
        | Code::TenantUnknown
        | Code::TenantSuspended
        | Code::OriginRefused
        | Code::Withdrawn => ErrorKind::Permission,
        Code::NotFound | Code::ModelNotFound => ErrorKind::NotFound,
        Code::BodyTooLarge => ErrorKind::RequestTooLarge,
        Code::ModelTimedOut | Code::BodyTimeout => ErrorKind::Timeout,
        Code::Internal => ErrorKind::Api,
        Code::ChangedMeanwhile => ErrorKind::Overloaded,
        code if code.status() == StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimit,
        code if code.status().is_server_error() => ErrorKind::Overloaded,
        _ => ErrorKind::InvalidRequest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_fault_of_the_requests_has_a_status_of_5xx() {
        for code in Code::ALL {
            let problem = Problem::new(*code);
            let status = status(&problem, kind(&problem));
            let is_fault = code.status().is_server_error() || *code == Code::ChangedMeanwhile;
            assert_eq!(status.is_server_error(), is_fault, "{}", code.as_str());
        }
    }

    #[test]
    fn clients_repeat_what_may_pass_and_nothing_else() {
        for code in Code::ALL {
            let refused = refusal(&Problem::new(*code), "req_1");
            let status = refused.status().as_u16();
            let is_repeated = match refused.headers().get(SHOULD_RETRY) {
                Some(_) => false,
                None => [408, 409, 429].contains(&status) || status >= 500,
            };
            let may_pass = Problem::new(*code).passes();
            // Nothing that this code is said of can be reached by this door.
            let is_elsewhere = *code == Code::InProgress;
            assert!(is_repeated == may_pass || is_elsewhere, "{}", code.as_str());
            assert_eq!(
                refused.headers().contains_key(header::RETRY_AFTER),
                may_pass
            );
        }
    }

    #[test]
    fn an_api_key_by_either_name_is_one_credential_and_two_are_two() {
        let mut headers = HeaderMap::new();
        headers.append(API_KEY, HeaderValue::from_static("bi_x"));
        name_api_keys(&mut headers);
        assert_eq!(headers[header::AUTHORIZATION], "Bearer bi_x");
        assert!(headers[header::AUTHORIZATION].is_sensitive());
        headers.append(API_KEY, HeaderValue::from_static("bi_x"));
        name_api_keys(&mut headers);
        assert_eq!(headers.get_all(header::AUTHORIZATION).iter().count(), 2);
        assert!(!headers.contains_key(API_KEY));
    }
}
