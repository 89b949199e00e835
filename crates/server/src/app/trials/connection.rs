//! A test of what is saved: what it finds is noted.

use bedrock::report::Report;
use domain::{ConnectionId, Denied, ModelId, Permission, Role, Scope};
use store::{
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection, State},
    models,
};

use super::{
    Run, Tested, Trial, Verdict, found,
    runs::{self, RunKey},
};
use crate::{
    Context,
    app::{
        Caller, Error, Result, Unusable, access, audit, draft, ownership, usable::has_lost_account,
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
    let tested = Tested {
        connection: id,
        access: &access,
        way: &trial.way,
        report,
    };
    let tx = tested.settle(context, tx, verdict, &mut changes).await?;
    Ok(context.commit(tx, &changes).await?)
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
