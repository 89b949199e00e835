//! What is asked of whoever makes a stack.

use super::resources::Named;
use crate::json::Node;

/// A parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) default: String,
    pub(super) constraint: (&'static str, Node),
    pub(super) about: &'static str,
}

/// The name of [`Parameter::provider_exists`].
pub(super) const PROVIDER_EXISTS: &str = "OidcProviderExists";

impl Parameter {
    /// An account has one provider of a URL: the first of a tenant's stacks makes it for all of them.
    pub(super) fn provider_exists() -> Self {
        Self {
            name: PROVIDER_EXISTS,
            kind: "String",
            default: "no".to_owned(),
            constraint: ("AllowedValues", Node::List(vec!["no".into(), "yes".into()])),
            about: "For oidc: yes if the account has the identity provider already.",
        }
    }

    pub(super) fn named(self) -> Named {
        let members = vec![
            ("Description", self.about.into()),
            ("Type", self.kind.into()),
            ("Default", self.default.into()),
            self.constraint,
        ];
        (self.name, Node::Map(members))
    }
}

/// Whether the stack is to make the provider.
pub(super) fn makes_provider() -> Node {
    equal(PROVIDER_EXISTS, "no")
}

/// Whether a parameter has that value.
pub(super) fn equal(parameter: &str, value: &str) -> Node {
    let both = vec![Node::reference(parameter), value.into()];
    Node::Map(vec![("Fn::Equals", Node::List(both))])
}
