//! A test of what is saved: what it finds is noted.

use bedrock::{
    diagnosis::Code,
    report::{Name, Report, Status},
};
use domain::{ConnectionId, Denied, Method, ModelId, Permission, Role, Scope};
use store::{
    TenantTx,
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection, State},
    models,
};

use super::{
    Run, Trial, found, is_enforced,
    reached::{is_of_access, note_reached},
    runs::{self, RunKey},
};
use crate::{
    Context,
    app::{
        Caller, Error, Result, Unusable,
        access::{self, is_proven},
        audit, draft, ownership,
        usable::has_lost_account,
    },
};

/// Tests a saved connection, and notes what was found. Identical runs within a few seconds are one.
///
/// # Errors
/// [`Error::Denied`], also for `invoke` on a model that a member may not call; [`Error::NotFound`], [`Error::Unusable`]
/// for a reservation, [`Error::TooManyTests`], [`Error::Store`].
pub async fn test_connection(
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
    let invoke = match invoke {
        Some(named) => {
            let registered = models::of_connection(&mut tx, id).await?;
            Some(invocable(caller, &registered, named)?)
        }
        None => None,
    };
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
    let mut tx = context.store.write(trial.tenant).await?;
    ownership::lock(context, &mut tx, Some(&trial.way)).await?;
    let locked = accesses::lock(&mut tx, access.id).await?;
    let (action, id) = ("connection.tested", connection.id);
    let detail = found(report, &trial.way, &connection.region);
    audit::append_reached(context, &mut tx, caller, action, id, report.into(), detail).await?;
    let Some(access) = locked.filter(|locked| locked.revision == access.revision) else {
        return Ok(context.commit(tx, &[]).await?);
    };
    // A test of another region than the connection's present one says nothing about it.
    let present = connections::find(&mut tx, id).await?;
    if present.is_none_or(|present| present.region != connection.region) {
        return Ok(context.commit(tx, &[]).await?);
    }
    connections::note_test(&mut tx, id, report.ok, context.now()).await?;
    let verdict = Verdict::of(report);
    // Whoever tests has changed something in AWS, maybe: what can be invoked is asked for anew, but not of an AWS that is out.
    let mut changes = match verdict {
        Verdict::Unclear => Vec::new(),
        Verdict::Works | Verdict::Fails(_) => vec![Change::Connection(trial.tenant, id)],
    };
    match verdict {
        Verdict::Works => {
            let is_held;
            (tx, is_held) = ownership::hold(context, tx, &trial.way, report, &mut changes).await?;
            if is_held {
                note_works(context, &mut tx, id, &access, report, &mut changes).await?;
            } else {
                ownership::lose(context, &mut tx, access.id, &mut changes).await?;
            }
        }
        Verdict::Fails(code) => {
            note_fails(context, &mut tx, id, &access, code, &mut changes).await?;
        }
        Verdict::Unclear => {}
    }
    Ok(context.commit(tx, &changes).await?)
}

async fn note_works(
    context: &Context,
    tx: &mut TenantTx,
    id: ConnectionId,
    access: &Access,
    report: &Report,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), context.now());
    let account = report.account_id;
    let mut is_news = !is_proven(access) || account.is_some_and(|it| access.account != Some(it));
    // A warning that nobody accepted proves nothing that was not proven before.
    let is_proof = is_enforced(report) || access.fields.method() != Method::IamRole;
    if !is_proof && !is_proven(access) {
        return Ok(());
    }
    note_reached(context, tx, access.id, access.revision, report, changes).await?;
    is_news |= connections::set_state(tx, id, State::Healthy, None, now).await?;
    if is_news {
        changes.push(Change::Access(tenant, access.id));
    }
    Ok(())
}

async fn note_fails(
    context: &Context,
    tx: &mut TenantTx,
    id: ConnectionId,
    access: &Access,
    code: Code,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), context.now());
    let reason = code.as_str();
    let mut failing = vec![id];
    if is_of_access(reason) {
        // Whatever the other connections' own tests said, there is no lease for them any more.
        accesses::unprove(tx, access.id, now).await?;
        let others = connections::of_access(tx, access.id).await?;
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
        changes.push(Change::Access(tenant, access.id));
    }
    Ok(())
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

const fn is_admin(scope: &Scope) -> bool {
    matches!(
        scope,
        Scope::Tenant {
            role: Role::Admin,
            ..
        }
    )
}

/// The model to be invoked. Members may have one invoked that is registered over this connection, however they call it,
/// admins any, the platform none.
fn invocable(caller: &Caller, registered: &[models::Model], named: String) -> Result<String> {
    let id = named.parse::<ModelId>().ok();
    let found = registered.iter().find(|it| {
        Some(it.id) == id || [&it.alias, &it.facts.model_id, &it.facts.invoke_id].contains(&&named)
    });
    match (&caller.scope, found) {
        (Scope::Platform { .. }, _) => Err(Denied::NotForOperators.into()),
        (Scope::Tenant { .. }, Some(model)) => Ok(model.facts.invoke_id.clone()),
        (scope, None) if is_admin(scope) => Ok(named),
        (Scope::Tenant { .. }, None) => Err(Denied::NeedsRole(Role::Admin).into()),
    }
}
