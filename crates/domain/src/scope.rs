//! Who calls, on whose behalf, and what that allows. Denied unless [`Permission::least`] says otherwise.

use crate::{KeyId, Role, SessionId, TenantId};

/// Who did something, as the audit log names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// An API key of this service.
    ApiKey(KeyId),
    /// A console session, and the key it was made from.
    Session(SessionId, KeyId),
    /// A person of the platform's identity provider, by the token's subject.
    User(String),
    /// Someone with the machine's command line.
    CommandLine,
    /// The service by itself, such as what another tenant's deed brings about here.
    Service,
}

impl Actor {
    /// The kind of actor, as the audit log spells it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ApiKey(_) => "api_key",
            Self::Session(..) => "session",
            Self::User(_) => "user",
            Self::CommandLine => "command_line",
            Self::Service => "service",
        }
    }

    /// Which one of its kind.
    pub fn id(&self) -> String {
        match self {
            Self::ApiKey(key) => key.to_string(),
            Self::Session(session, _) => session.to_string(),
            Self::User(subject) => subject.clone(),
            Self::CommandLine | Self::Service => self.kind().to_owned(),
        }
    }
}

/// The caller of one request: the only way to a tenant's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A caller of a tenant.
    Tenant {
        /// Whose data.
        tenant: TenantId,
        /// Who.
        actor: Actor,
        /// With what role.
        role: Role,
    },
    /// The platform's operator, maybe on behalf of one tenant.
    Platform {
        /// Who.
        actor: Actor,
        /// For whom (the `BI-Tenant` header).
        on: Option<TenantId>,
    },
}

impl Scope {
    /// Who calls.
    pub const fn actor(&self) -> &Actor {
        match self {
            Self::Tenant { actor, .. } | Self::Platform { actor, .. } => actor,
        }
    }

    /// Whether the platform calls, not the tenant itself.
    pub const fn is_platform(&self) -> bool {
        matches!(self, Self::Platform { .. })
    }

    /// The tenant in which this caller may do what `permission` names.
    ///
    /// # Errors
    /// [`Denied`], which says what is lacking.
    pub fn require(&self, permission: Permission) -> Result<TenantId, Denied> {
        let (least, operator) = permission.least();
        match self {
            Self::Tenant { tenant, role, .. } if *role >= least => Ok(*tenant),
            Self::Tenant { .. } => Err(Denied::NeedsRole(least)),
            Self::Platform { on, .. } => match operator {
                OperatorReach::None => Err(Denied::NotForOperators),
                OperatorReach::NamedTenant => on.ok_or(Denied::TenantNotNamed),
            },
        }
    }

    /// What only the platform does: manage tenants.
    ///
    /// # Errors
    /// [`Denied::OperatorsOnly`] for a tenant's caller.
    pub const fn require_operator(&self) -> Result<(), Denied> {
        match self {
            Self::Platform { .. } => Ok(()),
            Self::Tenant { .. } => Err(Denied::OperatorsOnly),
        }
    }
}

/// Something that can be done in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Make, list and revoke API keys.
    ManageApiKeys,
    /// Read who did what.
    ReadAudit,
    /// Read what can be connected, and the connections: no secrets.
    ReadConnections,
    /// Connect, save, edit and disconnect.
    ManageConnections,
    /// Test a saved connection.
    TestConnections,
    /// Read what can be invoked and what is registered.
    ReadModels,
    /// Register and unregister models.
    ManageModels,
    /// Converse with registered models.
    Converse,
    /// Read what was used.
    ReadUsage,
}

/// How far the platform's operator reaches into a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorReach {
    /// Not at all.
    None,
    /// Into the tenant that the request names.
    NamedTenant,
}

impl Permission {
    /// The least role a tenant's caller needs, and how far the operator reaches: the whole policy.
    pub const fn least(self) -> (Role, OperatorReach) {
        match self {
            Self::ManageApiKeys => (Role::Admin, OperatorReach::NamedTenant),
            Self::ReadAudit => (Role::Admin, OperatorReach::None),
            Self::ReadConnections => (Role::Viewer, OperatorReach::NamedTenant),
            Self::ManageConnections => (Role::Admin, OperatorReach::None),
            Self::TestConnections => (Role::Member, OperatorReach::NamedTenant),
            Self::ReadModels => (Role::Viewer, OperatorReach::None),
            Self::ManageModels => (Role::Admin, OperatorReach::None),
            Self::Converse => (Role::Member, OperatorReach::None),
            Self::ReadUsage => (Role::Admin, OperatorReach::None),
        }
    }
}

/// Why a caller may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role is too small.
    #[error("this needs the role {} or above", .0.as_str())]
    NeedsRole(Role),
    /// Not for a tenant's callers.
    #[error("only the platform's operator may do this")]
    OperatorsOnly,
    /// Not for the operator.
    #[error("this belongs to the tenant; an operator cannot do it")]
    NotForOperators,
    /// The operator did not say for which tenant.
    #[error("name the tenant in the header BI-Tenant, by its id or its ref")]
    TenantNotNamed,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant(n: u128) -> TenantId {
        TenantId::from(Uuid::from_u128(n))
    }

    fn caller(role: Role) -> Scope {
        Scope::Tenant {
            tenant: tenant(1),
            actor: Actor::User("ada".into()),
            role,
        }
    }

    fn operator(on: Option<TenantId>) -> Scope {
        Scope::Platform {
            actor: Actor::CommandLine,
            on,
        }
    }

    #[test]
    fn a_role_reaches_its_own_tenant_only() {
        assert_eq!(
            caller(Role::Admin).require(Permission::ManageApiKeys),
            Ok(tenant(1))
        );
        for role in [Role::Viewer, Role::Member] {
            assert_eq!(
                caller(role).require(Permission::ManageApiKeys),
                Err(Denied::NeedsRole(Role::Admin))
            );
        }
    }

    #[test]
    fn the_operator_is_not_a_step_above_admin() {
        assert_eq!(
            operator(Some(tenant(2))).require(Permission::ManageApiKeys),
            Ok(tenant(2))
        );
        assert_eq!(
            operator(None).require(Permission::ManageApiKeys),
            Err(Denied::TenantNotNamed)
        );
        assert_eq!(
            operator(Some(tenant(2))).require(Permission::ReadAudit),
            Err(Denied::NotForOperators)
        );
    }

    #[test]
    fn no_tenant_role_is_an_operator() {
        for role in Role::ALL {
            assert_eq!(caller(role).require_operator(), Err(Denied::OperatorsOnly));
        }
        assert_eq!(operator(None).require_operator(), Ok(()));
    }
}
