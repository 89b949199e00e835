//! What a caller may do inside a tenant.

use std::str::FromStr;

use crate::Invalid;

/// The steps of a tenant's own callers, each including those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also converses and tests what is saved.
    Member,
    /// Also manages connections, models and keys.
    Admin,
}

impl Role {
    /// All roles, from the least.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Member, Self::Admin];

    /// The role's name in the database, in tokens and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(Invalid("must be viewer, member or admin"))
    }
}

/// What an API key was made for: a tenant's caller, or the platform's operator.
/// The operator is not a step above admin, so this is not one more [`Role`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRole {
    /// A key of a tenant.
    Tenant(Role),
    /// A key of the platform.
    Operator,
}

impl KeyRole {
    /// The role's name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant(role) => role.as_str(),
            Self::Operator => "operator",
        }
    }
}

impl FromStr for KeyRole {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "operator" => Ok(Self::Operator),
            _ => text.parse().map(Self::Tenant),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_steps() {
        assert!(Role::Viewer < Role::Member && Role::Member < Role::Admin);
    }

    #[test]
    fn the_operator_is_no_tenant_role() {
        assert!("operator".parse::<Role>().is_err());
        assert_eq!("operator".parse(), Ok(KeyRole::Operator));
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(KeyRole::Tenant(role)));
        }
    }
}
