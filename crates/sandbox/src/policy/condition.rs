//! Conditions, and the context that they look at.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Malformed, malformed, matches, texts};

/// What is known of a request besides caller, action and resource, such as `sts:ExternalId`. Keys ignore case.
#[derive(Debug, Clone, Default)]
pub struct Context(BTreeMap<String, Vec<String>>);

/// One key under one operator, with the values that it is compared to.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    key: String,
    values: Vec<String>,
    comparison: Comparison,
    quantifier: Quantifier,
    /// With `…IfExists` it holds where the key is absent.
    if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    NotEquals,
    EqualsIgnoringCase,
    NotEqualsIgnoringCase,
    Like,
    NotLike,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    /// The key has one value.
    One,
    ForAnyValue,
    ForAllValues,
}

impl Context {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// And `key` has this value, besides those it has.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        let key = key.to_ascii_lowercase();
        self.0.entry(key).or_default().push(value.into());
        self
    }

    fn values(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

impl Condition {
    pub(super) fn read(value: &Value) -> Result<Vec<Self>, Malformed> {
        let operators = value
            .as_object()
            .ok_or_else(|| malformed("Syntax errors in policy."))?;
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let keys = keys
                .as_object()
                .ok_or_else(|| malformed("Syntax errors in policy."))?;
            for (key, values) in keys {
                conditions.push(Self::of(operator, key, texts(values)?)?);
            }
        }
        Ok(conditions)
    }

    fn of(operator: &str, key: &str, values: Vec<String>) -> Result<Self, Malformed> {
        let (quantifier, name) = match operator.split_once(':') {
            Some(("ForAnyValue", name)) => (Quantifier::ForAnyValue, name),
            Some(("ForAllValues", name)) => (Quantifier::ForAllValues, name),
            _ => (Quantifier::One, operator),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let comparison = match name {
            "StringEquals" => Comparison::Equals,
            "StringNotEquals" => Comparison::NotEquals,
            "StringEqualsIgnoreCase" | "Bool" => Comparison::EqualsIgnoringCase,
            "StringNotEqualsIgnoreCase" => Comparison::NotEqualsIgnoringCase,
            "StringLike" | "ArnLike" | "ArnEquals" => Comparison::Like,
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => Comparison::NotLike,
            "Null" => Comparison::Null,
            _ => {
                return Err(malformed(&format!(
                    "The sandbox does not know the operator {operator}"
                )));
            }
        };
        Ok(Self {
            key: key.to_ascii_lowercase(),
            values,
            comparison,
            quantifier,
            if_exists,
        })
    }

    pub(super) fn holds(&self, context: &Context) -> bool {
        let values = context.values(&self.key);
        if self.comparison == Comparison::Null {
            let absent = values.is_empty().to_string();
            return self.values.contains(&absent);
        }
        if values.is_empty() {
            // AWS: a negated operator holds where its key is absent, and so does ForAllValues.
            return self.if_exists
                || self.comparison.is_negated()
                || self.quantifier == Quantifier::ForAllValues;
        }
        match self.quantifier {
            Quantifier::ForAllValues => values.iter().all(|value| self.accepts(value)),
            Quantifier::One | Quantifier::ForAnyValue => {
                values.iter().any(|value| self.accepts(value))
            }
        }
    }

    fn accepts(&self, value: &str) -> bool {
        let same = self.values.iter().any(|wanted| match self.comparison {
            Comparison::Equals | Comparison::NotEquals => wanted == value,
            Comparison::EqualsIgnoringCase | Comparison::NotEqualsIgnoringCase => {
                wanted.eq_ignore_ascii_case(value)
            }
            Comparison::Like | Comparison::NotLike => matches(wanted, value),
            Comparison::Null => false,
        });
        same != self.comparison.is_negated()
    }
}

impl Comparison {
    const fn is_negated(self) -> bool {
        matches!(
            self,
            Self::NotEquals | Self::NotEqualsIgnoringCase | Self::NotLike
        )
    }
}
