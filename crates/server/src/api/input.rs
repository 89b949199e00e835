//! What comes in: JSON with pointers to whatever is wrong, and the idempotency key that belongs to it.

use std::{str::FromStr, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::BytesRejection},
};
use domain::Invalid;
use http::{HeaderMap, HeaderName, header, request::Parts};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::problem::{Code, FieldError, Problem};
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

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // serde reads a list as a structure's fields in order; that is no form of this API.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(bytes)
            .map_err(|error| refuse(&error, String::new()))?;
        return Err(Problem::new(Code::ValidationFailed).at("", "must be an object"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        refuse(error.inner(), pointer)
    })?;
    json.end().map_err(|error| refuse(&error, String::new()))?;
    Ok(parsed)
}

/// Says what is wrong where, without serde's own words: those repeat the value.
fn refuse(error: &serde_json::Error, pointer: String) -> Problem {
    let text = error.to_string();
    if error.classify() != Category::Data {
        let message = if text.starts_with("recursion limit") {
            "is nested too deeply"
        } else {
            "is not JSON"
        };
        let place = format!(
            "{message}: line {}, column {}",
            error.line(),
            error.column()
        );
        return Problem::new(Code::MalformedBody).at(pointer, place);
    }
    let member = |name: &str| {
        format!(
            "{}/{}",
            pointer.trim_end_matches(&format!("/{}", escape(name))),
            escape(name)
        )
    };
    let error = if let Some(name) = quoted(&text, "missing field `") {
        FieldError::at(member(name), "is needed")
    } else if let Some(name) = quoted(&text, "unknown field `") {
        FieldError::at(member(name), "is not a field of this request")
    } else if let Some(name) = quoted(&text, "duplicate field `") {
        FieldError::at(member(name), "is there twice")
    } else {
        // The value stands before the last "expected", our own type's description behind it.
        let expected = text
            .rsplit_once(", expected ")
            .map_or("", |(_, expected)| expected);
        let expected = expected
            .rsplit_once(" at line")
            .map_or(expected, |(expected, _)| expected);
        let expected = match expected {
            nested if nested.starts_with("struct ") => "an object",
            none if none.is_empty() || none.len() > 100 => "of another form",
            told => told,
        };
        FieldError::at(pointer, format!("must be {expected}"))
    };
    Problem::new(Code::ValidationFailed).errors(vec![error])
}

/// The name that serde quotes: a field of ours, or (for an unknown one) of the caller's, which may hold anything.
fn quoted<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?;
    let end = rest.rfind("`, expected").or_else(|| rest.find('`'))?;
    Some(&rest[..end])
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// RFC 6901, and short: a member's name may be as long as the body.
fn escape(name: &str) -> String {
    let short: String = name.chars().take(64).filter(|c| !c.is_control()).collect();
    short.replace('~', "~0").replace('/', "~1")
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
    Ok(Once {
        key,
        operation: format!("{} {}", parts.method, parts.uri.path()),
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
        text.parse()
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by serde only")]
    struct Outer {
        name: String,
        inner: Inner,
        #[serde(default)]
        list: Vec<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by serde only")]
    struct Inner {
        number: u8,
    }

    fn wrong(body: &str) -> (u16, String, String) {
        let problem = serde_json::to_value(parse::<Outer>(body.as_bytes()).unwrap_err()).unwrap();
        let error = &problem["errors"][0];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (
            u16::try_from(problem["status"].as_u64().unwrap()).unwrap(),
            text(&error["pointer"]),
            text(&error["message"]),
        )
    }

    #[test]
    fn each_fault_is_pointed_at() {
        for (body, status, pointer) in [
            (
                r#"{"name":"n","inner":{"number":"hunter2"}}"#,
                422,
                "/inner/number",
            ),
            (
                r#"{"name":"n","inner":{"number":256}}"#,
                422,
                "/inner/number",
            ),
            (r#"{"name":"n","inner":{}}"#, 422, "/inner/number"),
            (
                r#"{"name":"n","inner":{"number":1,"x/y~":2}}"#,
                422,
                "/inner/x~1y~0",
            ),
            (r#"{"inner":{"number":1}}"#, 422, "/name"),
            (
                r#"{"name":"a","name":"b","inner":{"number":1}}"#,
                422,
                "/name",
            ),
            (
                r#"{"name":"n","inner":{"number":1},"list":[1,"hunter2"]}"#,
                422,
                "/list/1",
            ),
            (
                r#"{"name":{"hunter2":1},"inner":{"number":1}}"#,
                422,
                "/name",
            ),
            (r#"["hunter2"]"#, 422, ""),
            (r#""hunter2""#, 422, ""),
            ("hunter2", 400, ""),
            (r#"{"name":"n","inner":{"number":1}} x"#, 400, ""),
            ("", 400, ""),
        ] {
            let (got_status, got_pointer, message) = wrong(body);
            assert_eq!(
                (got_status, got_pointer.as_str()),
                (status, pointer),
                "{body}: {message}"
            );
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_value_cannot_smuggle_itself_into_the_message() {
        let body = r#"{"name":"n","inner":{"number":"a, expected hunter2 at line"}}"#;
        let (_, _, message) = wrong(body);
        assert_eq!(message, "must be u8");
    }

    #[test]
    fn deep_nesting_is_refused_where_it_is() {
        let body = format!(r#"{{"name":{}"#, "[".repeat(100_000));
        let (status, pointer, message) = wrong(&body);
        assert!(status < 500, "{pointer} {message}");
    }

    #[test]
    fn an_unknown_member_cannot_pass_for_another() {
        let body = r#"{"name":"n","inner":{"number":1},"a`, expected b":1}"#;
        assert_eq!(wrong(body).1, "/a`, expected b");
    }
}
