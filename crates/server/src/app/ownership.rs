//! Whose role it is. A role that refused everything but an external ID that we made for the tenant is the tenant's; one
//! that the tenant reached by an external ID of its own choice is its own only as long as no other tenant holds it.

use bedrock::report::Report;
use credential_provider::iam_role::RoleArn;
use domain::AccessId;
use serde_json::json;
use store::{
    TenantTx, accesses,
    changes::Change,
    claims,
    connections::{self, State},
};

use super::{
    Caller, Error, Result,
    access::{self, Way},
    audit, trials,
};
use crate::Context;

/// Why a connection fails whose role turned out to be another tenant's.
pub(super) const OWNERSHIP_LOST: &str = "ownership_lost";

/// Takes the locks of whatever changes a tenant's connections, in the one order that there is: the role, if there is one,
/// then the tenant's connections. Before anything else of the transaction.
pub(super) async fn lock(context: &Context, tx: &mut TenantTx, way: Option<&Way>) -> Result<()> {
    if let Some(Way::Role(role)) = way {
        let key = context.hash_key().ok_or(Error::Starting)?;
        claims::lock(tx, &access::role_hash(key, &role.role_arn)).await?;
    }
    Ok(connections::lock(tx).await?)
}

/// Claims the role of a way that a test reached, as far as the test proves. False if another tenant holds it.
/// Those who only entered an external ID lose a role that is proven by somebody else.
pub(super) async fn hold(
    context: &Context,
    mut tx: TenantTx,
    way: &Way,
    report: &Report,
    changes: &mut Vec<Change>,
) -> Result<(TenantTx, bool)> {
    let Way::Role(role) = way else {
        return Ok((tx, true));
    };
    let key = context.hash_key().ok_or(Error::Starting)?;
    let hash = access::role_hash(key, &role.role_arn);
    if !(role.demands_ours() && trials::is_enforced(report)) {
        let is_held = claims::enter(&mut tx, &hash, context.now()).await?;
        return Ok((tx, is_held));
    }
    let own = tx.tenant();
    for displaced in claims::prove(&mut tx, &hash, context.now()).await? {
        tx = tx.enter(displaced).await?;
        for access in accesses::by_entered_role(&mut tx, role.role_arn.as_str()).await? {
            lose(context, &mut tx, access, changes).await?;
        }
    }
    Ok((tx.enter(own).await?, true))
}

/// Ends what a tenant does with a role that is not its own any more.
pub(super) async fn lose(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), context.now());
    accesses::unprove(tx, access, now).await?;
    changes.push(Change::Access(tenant, access));
    for connection in connections::of_access(tx, access).await? {
        connections::set_state(tx, connection.id, State::Failing, Some(OWNERSHIP_LOST), now)
            .await?;
        changes.push(Change::Connection(tenant, connection.id));
    }
    // Who did it is another tenant's caller, and none of this one's business.
    let service = Caller::service(tenant);
    let detail = json!({ "reason": OWNERSHIP_LOST });
    audit::append(context, tx, &service, "access.lost", access, detail).await?;
    Ok(())
}

/// Gives a role up that the tenant uses by no other access.
pub(super) async fn give_up(
    context: &Context,
    tx: &mut TenantTx,
    role_arn: &RoleArn,
    but: AccessId,
) -> Result<()> {
    if !accesses::uses_role_elsewhere(tx, role_arn.as_str(), but).await? {
        let key = context.hash_key().ok_or(Error::Starting)?;
        claims::give_up(tx, &access::role_hash(key, role_arn)).await?;
    }
    Ok(())
}
