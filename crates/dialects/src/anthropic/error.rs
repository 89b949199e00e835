//! Errors, as Anthropic tells them.

use serde::Serialize;

/// The kinds of errors that Anthropic's clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ErrorKind {
    /// The request is not as it has to be.
    #[serde(rename = "invalid_request_error")]
    InvalidRequest,
    /// Nobody knows who asks.
    #[serde(rename = "authentication_error")]
    Authentication,
    /// Who asks may not.
    #[serde(rename = "permission_error")]
    Permission,
    /// There is no such thing.
    #[serde(rename = "not_found_error")]
    NotFound,
    /// The body is too long.
    #[serde(rename = "request_too_large")]
    RequestTooLarge,
    /// Too much at a time.
    #[serde(rename = "rate_limit_error")]
    RateLimit,
    /// It took too long.
    #[serde(rename = "timeout_error")]
    Timeout,
    /// A fault.
    #[serde(rename = "api_error")]
    Api,
    /// Not now.
    #[serde(rename = "overloaded_error")]
    Overloaded,
}

impl ErrorKind {
    /// The status that Anthropic gives it.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Authentication => 401,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::RequestTooLarge => 413,
            Self::RateLimit => 429,
            Self::Api => 500,
            Self::Timeout => 504,
            Self::Overloaded => 529,
        }
    }
}

/// The body of an error.
pub fn error(kind: ErrorKind, message: &str, request_id: &str) -> Vec<u8> {
    let body = Body {
        r#type: "error",
        error: Told {
            r#type: kind,
            message,
        },
        request_id,
    };
    // Writing into memory does not fail.
    serde_json::to_vec(&body).unwrap_or_default()
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    error: Told<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Told<'a> {
    r#type: ErrorKind,
    message: &'a str,
}
