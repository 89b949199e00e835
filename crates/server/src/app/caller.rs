//! Who asks, and in which request.

use domain::{Actor, Scope, TenantId};

/// The caller of a use-case.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who, for whom and with what role.
    pub scope: Scope,
    /// The request's id, for the audit log; none from the command line.
    pub request_id: Option<String>,
}

impl Caller {
    /// Someone with the machine's command line: an operator, for one tenant or none.
    pub const fn command_line(on: Option<TenantId>) -> Self {
        Self {
            scope: Scope::Platform {
                actor: Actor::CommandLine,
                on,
            },
            request_id: None,
        }
    }

    /// The service by itself, in a tenant. In no request: those that bring it about are other tenants'.
    pub(super) const fn service(on: TenantId) -> Self {
        Self {
            scope: Scope::Platform {
                actor: Actor::Service,
                on: Some(on),
            },
            request_id: None,
        }
    }
}
