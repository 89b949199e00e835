//! What a report says about a connection, and what that changes.

use bedrock::{
    diagnosis::Code,
    report::{Name, Report, Status},
};
use domain::{ConnectionId, Method};
use store::{
    TenantTx,
    accesses::{self, Access},
    changes::Change,
    connections::{self, State},
};

use super::{
    is_enforced,
    reached::{is_of_access, note_reached},
};
use crate::{
    Context,
    app::{
        Result,
        access::{Way, is_proven},
        ownership,
    },
};

/// What a report says about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Verdict {
    Works,
    /// It does not, for this reason.
    Fails(Code),
    /// It was AWS's moment or the service's own fault, not the connection's.
    Unclear,
}

impl Verdict {
    pub(in crate::app) fn of(report: &Report) -> Self {
        let failed = report.steps.iter().find(|step| {
            step.status == Status::Failed
                // A model that refuses is no fault of the connection's.
                && !matches!(step.name, Name::Invoke | Name::InvokeStream)
        });
        match failed.and_then(|step| step.diagnosis.as_ref()) {
            None => Self::Works,
            Some(diagnosis) if diagnosis.retryable || is_ours(diagnosis.code) => Self::Unclear,
            Some(diagnosis) => Self::Fails(diagnosis.code),
        }
    }
}

/// What is the service's own fault.
const fn is_ours(code: Code) -> bool {
    matches!(
        code,
        Code::ServiceIdentityMissing
            | Code::ServiceIdentityDenied
            | Code::SessionPolicyDenied
            | Code::SessionPolicyInvalid
            | Code::SignatureRefused
            | Code::AccessChanged
            | Code::StoreUnavailable
    )
}

/// A tested connection, whose access has the revision that was tested.
pub(in crate::app) struct Tested<'a> {
    pub(in crate::app) connection: ConnectionId,
    pub(in crate::app) access: &'a Access,
    pub(in crate::app) way: &'a Way,
    pub(in crate::app) report: &'a Report,
}

impl Tested<'_> {
    /// Changes what the verdict calls for.
    pub(in crate::app) async fn settle(
        &self,
        context: &Context,
        mut tx: TenantTx,
        verdict: Verdict,
        changes: &mut Vec<Change>,
    ) -> Result<TenantTx> {
        match verdict {
            Verdict::Works => {
                let is_held;
                (tx, is_held) =
                    ownership::hold(context, tx, self.way, self.report, changes).await?;
                if is_held {
                    self.note_works(context, &mut tx, changes).await?;
                } else {
                    ownership::lose(context, &mut tx, self.access.id, changes).await?;
                }
            }
            Verdict::Fails(code) => self.note_fails(context, &mut tx, code, changes).await?,
            Verdict::Unclear => {}
        }
        Ok(tx)
    }

    async fn note_works(
        &self,
        context: &Context,
        tx: &mut TenantTx,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        let Self { access, report, .. } = *self;
        let (tenant, now) = (tx.tenant(), context.now());
        let account = report.account_id;
        let mut is_news =
            !is_proven(access) || account.is_some_and(|it| access.account != Some(it));
        // A warning that nobody accepted proves nothing that was not proven before.
        let is_proof = is_enforced(report) || access.fields.method() != Method::IamRole;
        if !is_proof && !is_proven(access) {
            return Ok(());
        }
        note_reached(context, tx, access.id, access.revision, report, changes).await?;
        is_news |= connections::set_state(tx, self.connection, State::Healthy, None, now).await?;
        if is_news {
            changes.push(Change::Access(tenant, access.id));
        }
        Ok(())
    }

    async fn note_fails(
        &self,
        context: &Context,
        tx: &mut TenantTx,
        code: Code,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        let (tenant, access, now) = (tx.tenant(), self.access.id, context.now());
        let reason = code.as_str();
        let mut failing = vec![self.connection];
        if is_of_access(reason) {
            // Whatever the other connections' own tests said, there is no lease for them any more.
            accesses::unprove(tx, access, now).await?;
            let others = connections::of_access(tx, access).await?;
            failing = others.iter().map(|other| other.id).collect();
        }
        let mut is_news = false;
        for id in failing {
            if connections::set_state(tx, id, State::Failing, Some(reason), now).await? {
                is_news = true;
                changes.push(Change::Connection(tenant, id));
            }
        }
        if is_news {
            changes.push(Change::Access(tenant, access));
        }
        Ok(())
    }
}
