//! A tenant: one customer of the platform.

use std::{fmt, str::FromStr};

use crate::{Invalid, TenantId};

/// The platform's own id for a tenant: 1 to 128 of `[A-Za-z0-9._:@-]`, not starting with `ten_`,
/// so that an id and a ref are never mistaken for one another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantRef(String);

impl TenantRef {
    /// The ref as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantRef {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:@-".contains(&b);
        if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) {
            return Err(Invalid(
                "must be 1 to 128 of the characters A-Z a-z 0-9 . _ : @ -",
            ));
        }
        if text.starts_with(TenantId::PREFIX) {
            return Err(Invalid("must not start with ten_"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TenantRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a tenant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// Everything its callers' roles allow.
    Active,
    /// Nothing, until the operator makes it active again; nothing is deleted.
    Suspended,
    /// Gone: only its audit events are kept until their retention ends.
    Deleted,
}

impl TenantState {
    /// The state's name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }
}

impl FromStr for TenantState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Active, Self::Suspended, Self::Deleted]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(Invalid("must be active, suspended or deleted"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refs_take_what_platforms_use_as_ids() {
        for good in [
            "acme-42",
            "a",
            "org:7@eu.example",
            "01J9Z3",
            &"x".repeat(128),
        ] {
            assert_eq!(good.parse::<TenantRef>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn other_refs_are_refused() {
        for bad in [
            "",
            "a b",
            "a/b",
            "é",
            "a\0",
            "ten_1",
            "ten_",
            &"x".repeat(129),
        ] {
            assert!(bad.parse::<TenantRef>().is_err(), "{bad:?}");
        }
    }
}
