//! Tests: of what is entered, and of what is saved.

use bedrock::{
    diagnosis::Code,
    report::{Name, Report, Status},
};
use domain::{ConnectionId, Denied, ModelId, Permission, Role, Scope};
use serde_json::{Value, json};
use store::{
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection, State},
    models,
};

use super::{
    Caller, Entry, Error, Result, Unusable,
    access::{self, Way},
    audit,
    draft::{self, Draft},
    ownership,
    runs::{self, Run, RunKey},
    trial::{self, Trial},
};
use crate::Context;

/// Tests what is entered. Nothing is saved.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::ConnectFirst`], [`Error::MethodUnavailable`],
/// [`Error::StartNewConnection`], [`Error::NotFound`], [`Error::TooManyTests`], [`Error::Store`].
pub async fn entered(
    context: &Context,
    caller: &Caller,
    entry: Entry,
    invoke: Option<String>,
) -> Result<Run> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let draft = Draft::complete(context, tenant, entry).await?;
    context
        .runs
        .entered
        .take(tenant)
        .map_err(Error::TooManyTests)?;
    let trial = Trial::of_draft(context, &draft, trial::tokens(), invoke).await?;
    let (context, caller) = (context.clone(), caller.clone());
    Ok(runs::start(|noting| async move {
        let report = trial.run(&context, |step| noting.step(step)).await?;
        let mut tx = context.store.write(tenant).await?;
        let subject = draft.over.as_ref().map_or_else(
            || draft.access.to_string(),
            |(connection, _)| connection.id.to_string(),
        );
        let detail = found(&report, &draft.way, draft.region.as_str());
        audit::append(
            &context,
            &mut tx,
            &caller,
            "connection.tried",
            subject,
            detail,
        )
        .await?;
        context.commit(tx, &[]).await?;
        Ok(report)
    }))
}

/// Tests what is saved, and notes what was found. Identical runs within a few seconds are one.
///
/// # Errors
/// [`Error::Denied`], also for `invoke` on a model that a member may not call; [`Error::NotFound`], [`Error::Unusable`]
/// for a reservation, [`Error::TooManyTests`], [`Error::Store`].
pub async fn saved(
    context: &Context,
    caller: &Caller,
    id: ConnectionId,
    invoke: Option<String>,
) -> Result<Run> {
    let tenant = caller.scope.require(Permission::TestConnections)?;
    let mut tx = context.store.read(tenant).await?;
    let (connection, access) = draft::find(&mut tx, id).await?;
    let way = access::open(context, &mut tx, &access).await?;
    let (Some(way), false) = (way, connection.state == State::Pending) else {
        return Err(Unusable::reserved().into());
    };
    if let Some(model) = &invoke {
        require_invocable(caller, &models::of_connection(&mut tx, id).await?, model)?;
    }
    drop(tx);
    let takes_account = is_admin(&caller.scope) && has_lost_account(&connection);
    let key = RunKey {
        tenant,
        connection: id,
        etag: connection.etag,
        revision: access.revision,
        invoke: invoke.clone(),
        takes_account,
    };
    let trial = Trial::of_kept(context, tenant, &connection, &access, way, invoke).await?;
    let trial = Trial {
        account: access.account.filter(|_| !takes_account),
        ..trial
    };
    context.runs.share(key, || {
        context
            .runs
            .saved
            .take(tenant)
            .map_err(Error::TooManyTests)?;
        let (context, caller) = (context.clone(), caller.clone());
        Ok(runs::start(|noting| async move {
            let report = trial.run(&context, |step| noting.step(step)).await?;
            note(&context, &caller, &trial, &connection, &access, &report).await?;
            Ok(report)
        }))
    })
}

/// Notes what a test of a saved connection found, unless the access was edited meanwhile.
async fn note(
    context: &Context,
    caller: &Caller,
    trial: &Trial,
    connection: &Connection,
    access: &Access,
    report: &Report,
) -> Result<()> {
    let (tenant, id, now) = (trial.tenant, connection.id, context.now());
    let mut tx = context.store.write(tenant).await?;
    let is_current = accesses::lock(&mut tx, access.id)
        .await?
        .is_some_and(|locked| locked.revision == access.revision);
    let detail = found(report, &trial.way, connection.region.as_str());
    audit::append(context, &mut tx, caller, "connection.tested", id, detail).await?;
    if !is_current {
        return Ok(context.commit(tx, &[]).await?);
    }
    connections::note_test(&mut tx, id, report.ok, now).await?;
    let verdict = Verdict::of(report);
    let mut changes = vec![
        Change::Access(tenant, access.id),
        Change::Connection(tenant, id),
    ];
    match verdict {
        Verdict::Works => {
            let (account, arn) = (report.account_id, report.identity_arn.as_deref());
            accesses::note_reached(&mut tx, access.id, access.revision, account, arn, now).await?;
            let is_held;
            (tx, is_held) =
                ownership::hold(context, tx, caller, &trial.way, report, &mut changes).await?;
            if is_held {
                connections::set_state(&mut tx, id, State::Healthy, None, now).await?;
            } else {
                ownership::lose(context, &mut tx, caller, access.id, &mut changes).await?;
            }
        }
        Verdict::Fails(code) => {
            let reason = Some(code.as_str());
            if is_of_access(code) {
                // Whatever the other connections' own tests said, there is no lease for them any more.
                accesses::unprove(&mut tx, access.id, now).await?;
                for other in connections::of_access(&mut tx, access.id).await? {
                    connections::set_state(&mut tx, other.id, State::Failing, reason, now).await?;
                    changes.push(Change::Connection(tenant, other.id));
                }
            } else {
                connections::set_state(&mut tx, id, State::Failing, reason, now).await?;
            }
        }
        Verdict::Unclear => {}
    }
    Ok(context.commit(tx, &changes).await?)
}

/// What a report says about a connection.
enum Verdict {
    Works,
    /// It does not, for this reason.
    Fails(Code),
    /// It was AWS's moment, not the connection's fault.
    Unclear,
}

impl Verdict {
    fn of(report: &Report) -> Self {
        let failed = report.steps.iter().find(|step| {
            step.status == Status::Failed
                // A model that refuses is no fault of the connection's.
                && !matches!(step.name, Name::Invoke | Name::InvokeStream)
        });
        match failed.and_then(|step| step.diagnosis.as_ref()) {
            None => Self::Works,
            Some(diagnosis) if diagnosis.retryable => Self::Unclear,
            Some(diagnosis) => Self::Fails(diagnosis.code),
        }
    }
}

/// Whether the fault is the access's, in whichever region.
const fn is_of_access(code: Code) -> bool {
    matches!(code, Code::AccountChanged | Code::ExternalIdNotEnforced)
}

fn has_lost_account(connection: &Connection) -> bool {
    connection.state_reason.as_deref() == Some(Code::AccountChanged.as_str())
}

const fn is_admin(scope: &Scope) -> bool {
    matches!(
        scope,
        Scope::Tenant {
            role: Role::Admin,
            ..
        }
    )
}

/// Members may have a model invoked that is registered over this connection, admins any, the platform none.
fn require_invocable(caller: &Caller, registered: &[models::Model], model: &str) -> Result<()> {
    match &caller.scope {
        Scope::Platform { .. } => Err(Denied::NotForOperators.into()),
        Scope::Tenant {
            role: Role::Admin, ..
        } => Ok(()),
        Scope::Tenant { .. } => {
            let named = model.parse::<ModelId>().ok();
            let is_registered = registered.iter().any(|it| {
                Some(it.id) == named
                    || [&it.alias, &it.facts.model_id, &it.facts.invoke_id]
                        .contains(&&model.to_owned())
            });
            if is_registered {
                Ok(())
            } else {
                Err(Denied::NeedsRole(Role::Admin).into())
            }
        }
    }
}

/// What the audit log tells of a test.
pub(super) fn found(report: &Report, way: &Way, region: &str) -> Value {
    let failed = report
        .steps
        .iter()
        .find(|step| step.status == Status::Failed)
        .and_then(|step| step.diagnosis.as_ref());
    json!({
        "method": way.method().as_str(),
        "region": region,
        "ok": report.ok,
        "code": failed.map(|diagnosis| diagnosis.code.as_str()),
        "account_id": report.account_id.map(|account| account.to_string()),
        "aws_request_ids": report.request_ids,
    })
}
