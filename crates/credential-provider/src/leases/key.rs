//! Which lease: everything that makes one differ from another, in full. No joined text and no shortened hash, under
//! which two tenants' leases could meet.

use domain::{AccessId, Region, TenantId};
use sha2::{Digest, Sha256};

/// Which lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LeaseKey {
    /// Whose.
    pub tenant: TenantId,
    /// By which way into which account.
    pub access: AccessId,
    /// With which fields and secrets of the access.
    pub revision: i32,
    /// For calls in which region.
    pub region: Region,
    /// Under which session policy.
    pub policy: PolicyHash,
}

impl LeaseKey {
    pub(super) const fn owner(&self) -> Owner {
        (self.tenant, self.access)
    }
}

/// An access, with the tenant that has it.
pub(super) type Owner = (TenantId, AccessId);

/// The SHA-256 of a session policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PolicyHash([u8; 32]);

impl PolicyHash {
    /// The hash of `policy`; empty where the way in has none.
    pub fn of(policy: &str) -> Self {
        Self(Sha256::digest(policy).into())
    }
}
