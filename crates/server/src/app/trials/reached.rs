//! What a passed test says about the access, and so about all connections over it.

use bedrock::{diagnosis::Code, report::Report};
use domain::AccessId;
use store::{
    TenantTx, accesses,
    changes::Change,
    connections::{self, State},
};

use crate::{
    Context,
    app::{Result, ownership::OWNERSHIP_LOST},
};

/// Notes whose account a passed test reached, and that the access at that revision is proven. What failed for all
/// connections over it has passed for all; how they are in their regions is not known.
pub(in crate::app) async fn note_reached(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    revision: i32,
    report: &Report,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), context.now());
    let (account, arn) = (report.account_id, report.identity_arn.as_deref());
    accesses::note_reached(tx, access, revision, account, arn, now).await?;
    for connection in connections::of_access(tx, access).await? {
        if connection.state_reason.as_deref().is_some_and(is_of_access) {
            connections::set_state(tx, connection.id, State::Unverified, None, now).await?;
            changes.push(Change::Connection(tenant, connection.id));
        }
    }
    Ok(())
}

/// Whether a connection fails for a reason that is the access's, in whichever region.
pub(super) fn is_of_access(reason: &str) -> bool {
    [
        OWNERSHIP_LOST,
        Code::AccountChanged.as_str(),
        Code::ExternalIdNotEnforced.as_str(),
    ]
    .contains(&reason)
}
