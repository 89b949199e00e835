//! IAM policies: read from their JSON, and asked what they say to a request.
//!
//! What is not understood is refused when a policy is read, so that no test passes because a condition was overlooked.

mod condition;
mod pattern;
mod trust;

use serde_json::Value;

use condition::Condition;
pub use condition::Context;
use pattern::matches;
use trust::Trusted;
pub(crate) use trust::{Guest, Trust};

/// A policy document.
#[derive(Debug, Clone)]
pub struct Policy(Vec<Statement>);

/// A text that is no policy, or has parts that the sandbox does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

/// What a policy is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Such as `bedrock:InvokeModel`.
    pub(crate) action: &'a str,
    /// The resource's ARN.
    pub(crate) resource: &'a str,
    /// What conditions look at.
    pub(crate) context: &'a Context,
}

/// What one policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It allows it.
    Allowed,
    /// It forbids it, whatever others say.
    Denied,
    /// It says nothing to it.
    Silent,
}

#[derive(Debug, Clone)]
struct Statement {
    is_deny: bool,
    principals: Vec<Trusted>,
    actions: Matcher,
    resources: Matcher,
    conditions: Vec<Condition>,
}

/// A list of patterns, or everything but what they name.
#[derive(Debug, Clone)]
enum Matcher {
    Any,
    Of(Vec<String>),
    Except(Vec<String>),
}

impl Policy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// [`Malformed`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let value = serde_json::from_str(text)
            .map_err(|_| malformed("This policy contains invalid Json"))?;
        Self::read(&value)
    }

    /// The policy that `document` is, for tests and the demo.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        match Self::read(document) {
            Ok(policy) => policy,
            Err(error) => panic!("no policy: {error}"),
        }
    }

    /// What it says of an action.
    pub(crate) fn decide(&self, asked: &Asked<'_>) -> Decision {
        Self::combine(self.0.iter().filter(|statement| statement.speaks_of(asked)))
    }

    fn read(document: &Value) -> Result<Self, Malformed> {
        let Some(members) = document.as_object() else {
            return Err(malformed("Syntax errors in policy."));
        };
        for (name, value) in members {
            match (name.as_str(), value) {
                ("Version", Value::String(version))
                    if version == "2012-10-17" || version == "2008-10-17" => {}
                ("Id", Value::String(_)) | ("Statement", _) => {}
                _ => return Err(malformed("Syntax errors in policy.")),
            }
        }
        let statements = match members.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => {
                statements.iter().map(Statement::read).collect()
            }
            Some(statement @ Value::Object(_)) => {
                Statement::read(statement).map(|statement| vec![statement])
            }
            _ => Err(malformed("Syntax errors in policy.")),
        };
        statements.map(Self)
    }

    fn combine<'a>(statements: impl Iterator<Item = &'a Statement>) -> Decision {
        let mut decision = Decision::Silent;
        for statement in statements {
            if statement.is_deny {
                return Decision::Denied;
            }
            decision = Decision::Allowed;
        }
        decision
    }
}

impl Statement {
    fn read(value: &Value) -> Result<Self, Malformed> {
        let Some(members) = value.as_object() else {
            return Err(malformed("Syntax errors in policy."));
        };
        let mut statement = Self {
            is_deny: false,
            principals: Vec::new(),
            actions: Matcher::Of(Vec::new()),
            resources: Matcher::Any,
            conditions: Vec::new(),
        };
        let mut has_effect = false;
        for (name, value) in members {
            match name.as_str() {
                "Sid" if value.is_string() => {}
                "Effect" => {
                    statement.is_deny = match value.as_str() {
                        Some("Allow") => false,
                        Some("Deny") => true,
                        _ => return Err(malformed("Syntax errors in policy.")),
                    };
                    has_effect = true;
                }
                "Action" => statement.actions = Matcher::Of(texts(value)?),
                "NotAction" => statement.actions = Matcher::Except(texts(value)?),
                "Resource" => statement.resources = Matcher::Of(texts(value)?),
                "NotResource" => statement.resources = Matcher::Except(texts(value)?),
                "Principal" => statement.principals = Trusted::read(value)?,
                "Condition" => statement.conditions = Condition::read(value)?,
                other => {
                    return Err(malformed(&format!(
                        "The sandbox does not know the element {other}"
                    )));
                }
            }
        }
        let has_action = members.contains_key("Action") != members.contains_key("NotAction");
        let names_resources_once =
            !(members.contains_key("Resource") && members.contains_key("NotResource"));
        if has_effect && has_action && names_resources_once {
            Ok(statement)
        } else {
            Err(malformed("Syntax errors in policy."))
        }
    }

    fn speaks_of(&self, asked: &Asked<'_>) -> bool {
        self.actions.covers(asked.action, true)
            && self.resources.covers(asked.resource, false)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(asked.context))
    }
}

impl Matcher {
    fn covers(&self, text: &str, ignore_case: bool) -> bool {
        let any = |patterns: &[String]| {
            patterns.iter().any(|pattern| {
                if ignore_case {
                    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
                } else {
                    matches(pattern, text)
                }
            })
        };
        match self {
            Self::Any => true,
            Self::Of(patterns) => any(patterns),
            Self::Except(patterns) => !any(patterns),
        }
    }
}

fn malformed(text: &str) -> Malformed {
    Malformed(text.to_owned())
}

/// One text or a list of them.
fn texts(value: &Value) -> Result<Vec<String>, Malformed> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(malformed("Syntax errors in policy.")),
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        other => text(other).map(|text| vec![text]),
    }
}

#[cfg(test)]
mod tests;
