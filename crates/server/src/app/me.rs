//! Who am I.

use domain::{KeyRole, Scope};
use store::tenants::{self, Tenant};

use super::{Caller, Error, Result};
use crate::Context;

/// The caller.
pub struct Me {
    /// Its role.
    pub role: &'static str,
    /// Whose data it sees.
    pub tenant: Option<Tenant>,
}

/// Who calls.
///
/// # Errors
/// [`Error::NotFound`] if the tenant was deleted just now; [`Error::Store`].
pub async fn read(context: &Context, caller: &Caller) -> Result<Me> {
    let (role, tenant) = match &caller.scope {
        Scope::Tenant { tenant, role, .. } => (role.as_str(), Some(*tenant)),
        Scope::Platform { on, .. } => (KeyRole::Operator.as_str(), *on),
    };
    let Some(id) = tenant else {
        return Ok(Me { role, tenant: None });
    };
    let mut tx = context.store.platform().await?;
    let tenant = tenants::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    Ok(Me {
        role,
        tenant: Some(tenant),
    })
}
