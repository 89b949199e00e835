//! Claims of roles, released by the operator.

use credential_provider::iam_role::RoleArn;
use domain::{Denied, Scope};
use serde_json::json;
use store::{accesses, claims};

use super::{
    Caller, Error, Once, Result, access, audit,
    idempotency::{Claim, once},
    ownership,
};
use crate::Context;

/// Takes the claim of a role from the tenant that the operator names: another tenant may then claim it. What the tenant
/// reached by an external ID of its own choice is not its any more, until a test claims it anew.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] if the tenant has no such claim, [`Error::Store`]; of the idempotency key.
pub async fn release(
    context: &Context,
    caller: &Caller,
    role_arn: &RoleArn,
    request: Once,
) -> Result<()> {
    caller.scope.require_operator()?;
    let Scope::Platform {
        on: Some(tenant), ..
    } = caller.scope
    else {
        return Err(Denied::TenantNotNamed.into());
    };
    let work = async |claim: &Claim| {
        let key = context.hash_key().ok_or(Error::Starting)?;
        let mut tx = context.store.platform().await?;
        if !claims::release(&mut tx, &access::role_hash(key, role_arn), tenant).await? {
            return Err(Error::NotFound);
        }
        let mut tx = tx.enter(tenant).await?;
        claim.complete(&mut tx, 204, role_arn.as_str()).await?;
        let detail = json!({ "role_arn": role_arn.as_str() });
        audit::append(context, &mut tx, caller, "claim.released", role_arn, detail).await?;
        let mut changes = Vec::new();
        for access in accesses::by_entered_role(&mut tx, role_arn.as_str()).await? {
            ownership::lose(context, &mut tx, access, &mut changes).await?;
        }
        Ok(context.commit(tx, &changes).await?)
    };
    once(
        context,
        tenant,
        &caller.scope,
        &request,
        work,
        async |_, _| Ok(()),
    )
    .await
}
