//! JSON for people to read, its members in the order in which they are written.

use serde::{Serialize, Serializer};

use crate::Policy;

/// The value over several lines. None of ours fails to be written: that takes a key that is no text.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A part of a CloudFormation template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Text(String),
    Flag(bool),
    Number(u32),
    List(Vec<Node>),
    Map(Vec<(&'static str, Node)>),
    Policy(Policy<Node>),
}

impl Node {
    /// What something of the same template, or a parameter of it, stands for.
    pub(crate) fn reference(name: &str) -> Self {
        Self::Map(vec![("Ref", name.into())])
    }

    /// What a resource says about itself.
    pub(crate) fn attribute(resource: &str, attribute: &str) -> Self {
        Self::Map(vec![(
            "Fn::GetAtt",
            Self::List(vec![resource.into(), attribute.into()]),
        )])
    }

    /// A text with parameters in it.
    pub(crate) fn substituted(text: String) -> Self {
        Self::Map(vec![("Fn::Sub", Self::Text(text))])
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::List(nodes) => serializer.collect_seq(nodes),
            Self::Map(members) => {
                serializer.collect_map(members.iter().map(|(name, node)| (name, node)))
            }
            Self::Policy(policy) => policy.serialize(serializer),
        }
    }
}
