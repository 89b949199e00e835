//! What comes in: a body, ids in the path, and the idempotency key that belongs to them.

use std::{str::FromStr, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::BytesRejection},
};
use domain::Invalid;
use http::{HeaderMap, HeaderName, header, request::Parts, uri::PathAndQuery};
use serde::de::DeserializeOwned;

use super::{
    json::parse,
    problem::{Code, FieldError, Problem},
};
use crate::{Context, app::Once};

/// Longest that a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that changes something: its body, and the key under which it is carried out once.
pub(super) struct Mutation<T> {
    pub(super) input: T,
    pub(super) once: Once,
}

impl<T: DeserializeOwned> FromRequest<Context> for Mutation<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        let bytes = read(Request::from_parts(parts.clone(), body), context).await?;
        let input = parse(&bytes)?;
        let once = once(&parts, bytes)?;
        Ok(Self { input, once })
    }
}

/// A request that changes something and needs no body.
pub(super) struct Bodiless(pub(super) Once);

impl FromRequestParts<Context> for Bodiless {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, Problem> {
        once(parts, Bytes::new()).map(Self)
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(Code::UnsupportedMediaType)
            .at("/header/content-type", "must be application/json"))
    }
}

async fn read(request: Request, context: &Context) -> Result<Bytes, Problem> {
    match tokio::time::timeout(BODY_PATIENCE, Bytes::from_request(request, context)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(BytesRejection::FailedToBufferBody(rejection)))
            if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE =>
        {
            Err(Problem::new(Code::BodyTooLarge).at("", "must be at most 64 KiB"))
        }
        // The connection broke: nobody reads this answer, but the log does.
        Ok(Err(_)) => Err(Problem::new(Code::MalformedBody).at("", "could not be read to its end")),
        Err(_) => Err(Problem::new(Code::BodyTimeout).at("", "must arrive within 10 seconds")),
    }
}

fn once(parts: &Parts, body: Bytes) -> Result<Once, Problem> {
    let mut keys = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
    let (key, several) = (keys.next(), keys.next().is_some());
    let key = key
        .map(|key| {
            let key = key
                .to_str()
                .ok()
                .filter(|key| (1..=255).contains(&key.len()) && !several);
            key.map(str::to_owned).ok_or_else(|| {
                Problem::new(Code::ValidationFailed).at(
                    "/header/idempotency-key",
                    "must be one value of 1 to 255 visible ASCII characters",
                )
            })
        })
        .transpose()?;
    let target = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
    Ok(Once {
        key,
        operation: format!("{} {target}", parts.method),
        body,
    })
}

/// An id in the path. What cannot be one names nothing.
pub(super) struct PathId<T>(pub(super) T);

impl<T: FromStr> FromRequestParts<Context> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, context)
            .await
            .map_err(|_| Problem::new(Code::NotFound))?;
        text.parse()
            .map(Self)
            .map_err(|_| Problem::new(Code::NotFound))
    }
}

/// A text in the path, for a rule to judge that says what is wrong. What is no Unicode reads as U+FFFD.
pub(super) struct PathText(pub(super) String);

impl FromRequestParts<Context> for PathText {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, context).await;
        Ok(Self(text.map_or_else(
            |_| char::REPLACEMENT_CHARACTER.to_string(),
            |Path(text)| text,
        )))
    }
}

/// An id and a text in the path. What cannot be them names nothing.
pub(super) struct PathIdAndText<T>(pub(super) T, pub(super) String);

impl<T: FromStr> FromRequestParts<Context> for PathIdAndText<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let Path((id, text)) = Path::<(String, String)>::from_request_parts(parts, context)
            .await
            .map_err(|_| Problem::new(Code::NotFound))?;
        let id = id.parse().map_err(|_| Problem::new(Code::NotFound))?;
        Ok(Self(id, text))
    }
}

/// Collects what is wrong with the fields of an input, so that all of it is told at once.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    /// Reads a field; notes at `pointer` what is wrong with it.
    pub(super) fn parse<T: FromStr<Err = Invalid>>(
        &mut self,
        pointer: &str,
        text: &str,
    ) -> Option<T> {
        // Pasted white space is none of it.
        text.trim()
            .parse()
            .map_err(|invalid: Invalid| self.note(pointer, invalid.0))
            .ok()
    }

    /// Reads a field that may be absent.
    pub(super) fn parse_optional<T: FromStr<Err = Invalid>>(
        &mut self,
        pointer: &str,
        text: Option<&str>,
    ) -> Option<T> {
        text.and_then(|text| self.parse(pointer, text))
    }

    /// Notes something wrong.
    pub(super) fn note(&mut self, pointer: &str, message: &str) {
        self.0.push(FieldError::at(pointer, message));
    }

    /// All that was wrong, as the answer.
    pub(super) fn refuse(self) -> Problem {
        Problem::new(Code::ValidationFailed).errors(self.0)
    }

    /// Nothing, if nothing was wrong.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.refuse())
        }
    }
}
