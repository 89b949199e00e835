//! JSON, with a pointer to whatever is wrong. Neither a value nor a name that may be one is told back.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::problem::{Code, FieldError, Problem};
use crate::auth::token;

/// Longer than any name of ours, shorter than any key of AWS or of ours.
const LONGEST_NAME: usize = 32;

/// How serde_json begins to say that an escape or a byte is no text.
const NOT_UNICODE: [&str; 3] = [
    "lone leading surrogate",
    "unexpected end of hex escape",
    "invalid unicode code point",
];

/// Reads a body.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
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
        let message = match &*text {
            deep if deep.starts_with("recursion limit") => "is nested too deeply",
            text if NOT_UNICODE.iter().any(|start| text.starts_with(start)) => {
                "has a text that is not valid Unicode"
            }
            _ => "is not JSON",
        };
        let place = format!(
            "{message}: line {}, column {}",
            error.line(),
            error.column()
        );
        return Problem::new(Code::MalformedBody).at(pointer, place);
    }
    let member = |name: &str| {
        let last = format!("/{}", escape(name));
        // Whether serde's path ends with the member itself depends on where it noticed.
        let parent = pointer.strip_suffix(&last).unwrap_or(&pointer);
        format!("{parent}{last}")
    };
    let error = if let Some(name) = quoted(&text, "missing field `") {
        FieldError::at(member(name), "is needed")
    } else if let Some(name) = quoted(&text, "unknown field `") {
        if may_be_repeated(name) {
            FieldError::at(member(name), "is not a field of this request")
        } else {
            FieldError::at(pointer, "has a member that is not of this request")
        }
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

/// Whether a member's name can be told back. It is the caller's: a name like those of ours helps against a slip of the
/// pen, and anything else may be a secret pasted into the wrong place.
fn may_be_repeated(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/~ ".contains(c);
    (1..=LONGEST_NAME).contains(&name.len())
        && name.chars().all(plain)
        && !name.contains(token::PREFIX)
}

/// Where serde was, as far as it can be told back.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let told = path.iter().map_while(|segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key: name } | Segment::Enum { variant: name } => {
            may_be_repeated(name).then(|| format!("/{}", escape(name)))
        }
        Segment::Unknown => Some(String::new()),
    });
    told.collect()
}

/// RFC 6901.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use crate::api::problem::Body;
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

    fn told(problem: &Problem) -> serde_json::Value {
        serde_json::to_value(Body::of(problem, "")).unwrap()
    }

    fn wrong(body: &str) -> (u16, String, String) {
        let problem = told(&parse::<Outer>(body.as_bytes()).unwrap_err());
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
    fn an_unknown_member_is_named_only_if_it_looks_like_a_name() {
        let key = format!("bi_op_{}", "A".repeat(43));
        for (name, told) in [
            ("tenant_id", true),
            ("first name", true),
            ("", false),
            (&*key, false),
            (&format!(" {key}"), false),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", false),
            ("a`, expected b", false),
            ("é", false),
            ("name\u{202e}", false),
        ] {
            for parent in ["", "/inner"] {
                let more = format!("{}:1", serde_json::to_string(name).unwrap());
                let body = if parent.is_empty() {
                    format!(r#"{{"name":"n","inner":{{"number":1}},{more}}}"#)
                } else {
                    format!(r#"{{"name":"n","inner":{{"number":1,{more}}}}}"#)
                };
                let (status, pointer, message) = wrong(&body);
                let expected = if told {
                    (format!("{parent}/{name}"), "is not a field of this request")
                } else {
                    (
                        parent.to_owned(),
                        "has a member that is not of this request",
                    )
                };
                assert_eq!((status, (pointer, &*message)), (422, expected), "{body}");
            }
        }
    }

    #[test]
    fn a_text_that_is_none_is_told_from_what_is_no_json() {
        for text in [
            &br"\ud800"[..],
            br"\ud800x",
            br"\udc00",
            br"\ud800\u0041",
            b"\xff",
        ] {
            let body = [br#"{"name":""#, text, br#"","inner":{"number":1}}"#].concat();
            let problem = told(&parse::<Outer>(&body).unwrap_err());
            assert_eq!(problem["status"], 400);
            let message = problem["errors"][0]["message"].as_str().unwrap();
            assert!(
                message.starts_with("has a text that is not valid Unicode: line 1"),
                "{message}"
            );
        }
    }
}
