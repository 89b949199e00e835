//! What a request brings, and the rules of AWS's models for it. Refusals are worded as Cognito words them; where a request
//! breaks several rules, AWS lists them all and this names the first.

use serde_json::{Map, Value};

use crate::Refusal;

/// A request's members.
pub(super) struct Input<'a> {
    members: &'a Map<String, Value>,
    /// The code of a refusal: user pools and identity pools differ.
    code: &'static str,
}

/// A member that maps names to texts, such as `AuthParameters`.
pub(super) struct Parameters<'a>(Option<&'a Map<String, Value>>);

/// What a text must be.
pub(super) enum Rule {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// So long, and of this form.
    Text {
        shortest: usize,
        longest: usize,
        pattern: &'static str,
        matches: fn(&str) -> bool,
        /// Whether AWS keeps the value out of the refusal.
        is_sensitive: bool,
    },
}

impl<'a> Input<'a> {
    /// The members of a request to a user pool.
    pub(super) fn of_user_pools(body: &'a Value) -> Result<Self, Refusal> {
        Self::new(body, "InvalidParameterException")
    }

    /// The members of a request to an identity pool.
    pub(super) fn of_identity_pools(body: &'a Value) -> Result<Self, Refusal> {
        Self::new(body, "ValidationException")
    }

    fn new(body: &'a Value, code: &'static str) -> Result<Self, Refusal> {
        let members = body.as_object().ok_or_else(Refusal::serialization)?;
        Ok(Self { members, code })
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str, rule: &Rule) -> Result<&'a str, Refusal> {
        self.optional(name, rule)?
            .ok_or_else(|| self.refusal(name, "null", "Member must not be null"))
    }

    /// A text that may be there.
    pub(super) fn optional(&self, name: &str, rule: &Rule) -> Result<Option<&'a str>, Refusal> {
        let Some(value) = self.present(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(Refusal::serialization)?;
        self.check(name, text, rule)?;
        Ok(Some(text))
    }

    /// A map of texts, which may be absent.
    pub(super) fn map(&self, name: &str) -> Result<Parameters<'a>, Refusal> {
        let Some(value) = self.present(name) else {
            return Ok(Parameters(None));
        };
        let map = value.as_object().ok_or_else(Refusal::serialization)?;
        if map.values().all(Value::is_string) {
            Ok(Parameters(Some(map)))
        } else {
            Err(Refusal::serialization())
        }
    }

    fn present(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn check(&self, name: &str, text: &str, rule: &Rule) -> Result<(), Refusal> {
        let refuse = |shown: bool, rule: String| {
            let shown = if shown {
                format!("'{text}'")
            } else {
                String::new()
            };
            Err(self.refusal(name, &shown, &rule))
        };
        match rule {
            Rule::OneOf(values) if values.contains(&text) => Ok(()),
            Rule::OneOf(values) => refuse(
                true,
                format!(
                    "Member must satisfy enum value set: [{}]",
                    values.join(", ")
                ),
            ),
            Rule::Text {
                shortest,
                longest,
                pattern,
                matches,
                is_sensitive,
            } => {
                let length = text.chars().count();
                if length < *shortest {
                    let rule =
                        format!("Member must have length greater than or equal to {shortest}");
                    refuse(!is_sensitive, rule)
                } else if length > *longest {
                    let rule = format!("Member must have length less than or equal to {longest}");
                    refuse(!is_sensitive, rule)
                } else if !matches(text) {
                    let rule = format!("Member must satisfy regular expression pattern: {pattern}");
                    refuse(!is_sensitive, rule)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn refusal(&self, name: &str, value: &str, rule: &str) -> Refusal {
        let mut name = name.to_owned();
        name[..1].make_ascii_lowercase();
        let space = if value.is_empty() { "" } else { " " };
        let message = format!(
            "1 validation error detected: Value{space}{value} at '{name}' failed to satisfy constraint: {rule}"
        );
        Refusal::new(400, self.code, message)
    }
}

impl<'a> Parameters<'a> {
    /// A parameter that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        self.optional(name).ok_or_else(|| missing_parameter(name))
    }

    /// A parameter that may be there. An empty one counts as absent.
    pub(super) fn optional(&self, name: &str) -> Option<&'a str> {
        self.0?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }
}

/// What Cognito answers where a parameter is missing.
pub(super) fn missing_parameter(name: &str) -> Refusal {
    let message = format!("Missing required parameter {name}");
    Refusal::new(400, "InvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cognito::rules;

    fn refused(body: &Value, name: &str, rule: &Rule) -> Refusal {
        let input = Input::of_user_pools(body).unwrap();
        input.required(name, rule).unwrap_err()
    }

    #[test]
    fn a_value_is_told_unless_it_is_sensitive() {
        assert_eq!(
            refused(
                &json!({ "AuthFlow": "MAGIC" }),
                "AuthFlow",
                &Rule::OneOf(&["A", "B"])
            )
            .message,
            "1 validation error detected: Value 'MAGIC' at 'authFlow' failed to satisfy constraint: \
             Member must satisfy enum value set: [A, B]"
        );
        assert_eq!(
            refused(&json!({ "ClientId": "a b" }), "ClientId", &rules::CLIENT_ID).message,
            "1 validation error detected: Value at 'clientId' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+]+"
        );
    }

    #[test]
    fn absent_short_and_long_are_told_apart() {
        let of = |body: &Value| refused(body, "ClientId", &rules::CLIENT_ID).message;
        assert!(of(&json!({})).ends_with("Member must not be null"));
        assert!(of(&json!({ "ClientId": null })).ends_with("Member must not be null"));
        assert!(of(&json!({ "ClientId": "" })).ends_with("greater than or equal to 1"));
        assert!(of(&json!({ "ClientId": "a".repeat(129) })).ends_with("less than or equal to 128"));
    }

    #[test]
    fn another_type_than_text_is_no_request() {
        let code = |body: &Value| refused(body, "ClientId", &rules::CLIENT_ID).code;
        assert_eq!(code(&json!({ "ClientId": 7 })), "SerializationException");
        assert!(Input::of_user_pools(&json!([])).is_err());
        let body = json!({ "AuthParameters": { "USERNAME": 7 } });
        assert!(
            Input::of_user_pools(&body)
                .unwrap()
                .map("AuthParameters")
                .is_err()
        );
    }

    #[test]
    fn identity_pools_have_another_code() {
        let body = json!({ "IdentityPoolId": "nonsense" });
        let refusal = Input::of_identity_pools(&body)
            .unwrap()
            .required("IdentityPoolId", &rules::IDENTITY_ID)
            .unwrap_err();
        assert_eq!(refusal.code, "ValidationException");
        assert!(
            refusal
                .message
                .contains("Value 'nonsense' at 'identityPoolId'")
        );
    }
}
