//! Trust policies: whom a role lets in.

use domain::AccountId;
use serde_json::Value;

use super::{Asked, Context, Decision, Malformed, Policy, malformed, texts};
use crate::Principal;

/// A principal as a trust policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trusted {
    Anyone,
    Account(AccountId),
    Arn(String),
    Federated(String),
    Service(String),
}

/// Who knocks at a role.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guest<'a> {
    /// A user or another role's session.
    Aws(&'a Principal),
    /// Who shows a token of this provider: an OIDC provider's ARN, or `cognito-identity.amazonaws.com`.
    Federated(&'a str),
}

/// What a trust policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It names the guest itself.
    Itself,
    /// It names the guest's account, which has to allow its part.
    ItsAccount,
    /// It does not let the guest in, or forbids it.
    None,
}

impl Policy {
    /// Whether a role with this trust policy lets `guest` do `action`, such as `sts:AssumeRole`.
    pub(crate) fn trusts(&self, guest: Guest<'_>, action: &str, context: &Context) -> Trust {
        let asked = Asked {
            action,
            resource: "",
            context,
        };
        let naming = |by: fn(&Trusted, Guest<'_>) -> bool| {
            let statements = self.0.iter().filter(|statement| {
                statement.speaks_of(&asked)
                    && statement
                        .principals
                        .iter()
                        .any(|trusted| by(trusted, guest))
            });
            Self::combine(statements)
        };
        match (
            naming(Trusted::names_itself),
            naming(Trusted::names_account),
        ) {
            (Decision::Denied, _) | (_, Decision::Denied) => Trust::None,
            (Decision::Allowed, _) => Trust::Itself,
            (Decision::Silent, Decision::Allowed) => Trust::ItsAccount,
            (Decision::Silent, Decision::Silent) => Trust::None,
        }
    }
}

impl Trusted {
    pub(super) fn read(value: &Value) -> Result<Vec<Self>, Malformed> {
        if value == "*" {
            return Ok(vec![Self::Anyone]);
        }
        let kinds = value
            .as_object()
            .ok_or_else(|| malformed("Invalid principal in policy"))?;
        let mut all = Vec::new();
        for (kind, names) in kinds {
            for name in texts(names)? {
                all.push(Self::of(kind, name)?);
            }
        }
        Ok(all)
    }

    fn of(kind: &str, name: String) -> Result<Self, Malformed> {
        match kind {
            "AWS" if name == "*" => Ok(Self::Anyone),
            "AWS" => match (name.parse(), name.strip_suffix(":root")) {
                (Ok(account), _) => Ok(Self::Account(account)),
                (_, Some(_)) => AccountId::of_arn(&name)
                    .map(Self::Account)
                    .ok_or_else(|| malformed("Invalid principal in policy")),
                _ if AccountId::of_arn(&name).is_some() => Ok(Self::Arn(name)),
                _ => Err(malformed("Invalid principal in policy")),
            },
            "Federated" => Ok(Self::Federated(name)),
            "Service" => Ok(Self::Service(name)),
            _ => Err(malformed("Invalid principal in policy")),
        }
    }

    fn names_itself(&self, guest: Guest<'_>) -> bool {
        match (self, guest) {
            (Self::Arn(arn), Guest::Aws(principal)) => {
                *arn == principal.arn || Some(arn) == principal.role_arn.as_ref()
            }
            (Self::Federated(provider), Guest::Federated(name)) => provider == name,
            (
                Self::Anyone
                | Self::Account(_)
                | Self::Arn(_)
                | Self::Federated(_)
                | Self::Service(_),
                _,
            ) => false,
        }
    }

    fn names_account(&self, guest: Guest<'_>) -> bool {
        match (self, guest) {
            (Self::Anyone, Guest::Aws(_)) => true,
            (Self::Account(account), Guest::Aws(principal)) => *account == principal.account,
            _ => false,
        }
    }
}
