//! IAM policies, their members in the order in which people read them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};

/// An IAM policy. `T` is how a form of the kit writes values: as text, or by what names something in the same template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy<T = String> {
    version: &'static str,
    #[serde(rename = "Statement")]
    pub(crate) statements: Vec<Statement<T>>,
}

/// Something that is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement<T> {
    pub sid: &'static str,
    pub effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal<T>>,
    #[serde(rename = "Action")]
    pub actions: Vec<&'static str>,
    #[serde(rename = "Resource", skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources<T>>,
    /// Values by operator and key.
    #[serde(rename = "Condition", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<&'static str, BTreeMap<String, T>>,
}

/// Who may take a role on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal<T> {
    /// `AWS` or `Federated`.
    pub kind: &'static str,
    pub who: T,
}

/// What an action may be done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Resources<T> {
    /// What one value says: everything, by `*`, or a list that has a name.
    One(T),
    /// Each of these.
    Each(Vec<T>),
}

impl<T> Policy<T> {
    pub(crate) fn of(statements: impl IntoIterator<Item = Statement<T>>) -> Self {
        Self {
            version: "2012-10-17",
            statements: statements.into_iter().collect(),
        }
    }
}

impl<T: Serialize> Policy<T> {
    /// The policy as JSON for people to read.
    pub fn to_json(&self) -> String {
        crate::json::pretty(self)
    }
}

impl<T: Serialize> Serialize for Principal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind, &self.who)?;
        map.end()
    }
}
