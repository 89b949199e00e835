//! Why a request is not carried over: by the name of the member that is the matter, and never with its value.

use serde::Serialize;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// What a request says that Bedrock cannot be asked, or that no client of OpenAI's would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The member, as OpenAI writes it: `messages[0].content`. None for the whole body.
    pub param: Option<String>,
    /// What is wrong with it.
    pub message: String,
    /// The kind, for programs.
    pub code: &'static str,
}

impl Refusal {
    /// A value that cannot be.
    pub(crate) fn invalid(param: impl Into<String>, what: &str) -> Self {
        Self::of("invalid_value", param, what)
    }

    /// That the answer to all of `input` would be longer than so many MiB.
    pub fn too_many_inputs(most: usize) -> Self {
        let what = format!(
            "has more than {most} MiB of embeddings: send fewer at a time, or ask for them in `base64`."
        );
        Self::of("array_above_max_length", "input", &what)
    }

    /// What Bedrock has nothing for.
    pub(crate) fn unsupported(param: impl Into<String>, what: &str) -> Self {
        Self::of("unsupported_parameter", param, what)
    }

    /// A member that OpenAI does not know either.
    pub(crate) fn unknown(name: &str) -> Self {
        match repeatable(name) {
            Some(name) => Self::of("unknown_parameter", name, "is not known here."),
            None => Self {
                param: None,
                message: "The request has a parameter that is not known here.".to_owned(),
                code: "unknown_parameter",
            },
        }
    }

    fn of(code: &'static str, param: impl Into<String>, what: &str) -> Self {
        let param = param.into();
        Self {
            message: format!("'{param}' {what}"),
            param: Some(param),
            code,
        }
    }

    /// That the body is no object of JSON.
    pub(crate) fn not_an_object() -> Self {
        Self {
            param: None,
            message: "The body must be a JSON object.".to_owned(),
            code: "invalid_json",
        }
    }

    /// What serde has against the body: its own words repeat values.
    pub(crate) fn unreadable(path: &Path, error: &serde_json::Error) -> Self {
        if error.classify() != Category::Data {
            return Self {
                param: None,
                message: format!(
                    "The body is not JSON: line {}, column {}.",
                    error.line(),
                    error.column()
                ),
                code: "invalid_json",
            };
        }
        let text = error.to_string();
        let param = param(path);
        let member = |name: &str| match &*param {
            "" => name.to_owned(),
            param if param.ends_with(&format!(".{name}")) || param == name => param.to_owned(),
            param => format!("{param}.{name}"),
        };
        if let Some(name) = quoted(&text, "missing field `") {
            Self::of("missing_required_parameter", member(name), "is needed.")
        } else if let Some(name) = quoted(&text, "unknown field `").and_then(repeatable) {
            Self::of("unknown_parameter", member(name), "is not known here.")
        } else if text.starts_with("unknown field") {
            Self::of(
                "unknown_parameter",
                param,
                "has a member that is not known here.",
            )
        } else if let Some(name) = quoted(&text, "duplicate field `") {
            Self::of("invalid_value", member(name), "is there twice.")
        } else if let Some((choices, _)) = text
            .split_once(" at line ")
            .filter(|(what, _)| what.starts_with("must be "))
        {
            Self::of("invalid_value", param, choices)
        } else if let Some(most) = most(&text) {
            let what = format!("must not be longer than {most}.");
            Self::of("array_above_max_length", param, &what)
        } else {
            Self::of(
                "invalid_type",
                param,
                "is not of the form that it must have.",
            )
        }
    }
}

/// An error in OpenAI's form.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ErrorBody<'a> {
    error: Details<'a>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Details<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: &'a str,
}

impl<'a> ErrorBody<'a> {
    /// With OpenAI's name for its type, such as `invalid_request_error`.
    pub const fn new(
        r#type: &'a str,
        code: &'a str,
        message: &'a str,
        param: Option<&'a str>,
    ) -> Self {
        Self {
            error: Details {
                message,
                r#type,
                param,
                code,
            },
        }
    }

    /// As JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A name that can be told back: one like OpenAI's own, and no key that was pasted into the wrong place.
pub(crate) fn repeatable(name: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let fits = (1..=40).contains(&name.len()) && name.bytes().all(plain);
    fits.then_some(name)
}

fn param(path: &Path) -> String {
    let mut param = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => param.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                let Some(name) = repeatable(name) else { break };
                if !param.is_empty() {
                    param.push('.');
                }
                param.push_str(name);
            }
            Segment::Unknown => break,
        }
    }
    param
}

/// How long a list may be, if one is longer.
fn most(text: &str) -> Option<&str> {
    let (_, most) = text
        .strip_prefix("invalid length ")?
        .split_once("at most ")?;
    most.split(' ').next()
}

/// The name that serde quotes.
fn quoted<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?;
    Some(&rest[..rest.find('`')?])
}
