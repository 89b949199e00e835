//! Saving: tested first, then all of it in one transaction.

use std::sync::Arc;

use bedrock::report::Report;
use domain::{ConnectionId, Name, Permission};
use serde_json::json;
use store::{
    TenantTx,
    accesses::{self, Edit},
    changes::Change,
    connections::{self, NAME_TAKEN, State, Update},
};

use super::{Saved, Verification, verification::Tested};
use crate::{
    Context,
    app::{
        Caller, Entry, Error, Misfit, Once, Result,
        access::{self, Way},
        audit,
        draft::{self, Draft},
        idempotency::{Claim, once},
        ownership, trials,
    },
};

/// A connection to be saved.
#[derive(Debug)]
pub struct NewConnection {
    /// A name for people.
    pub name: Name,
    /// Its method, region and fields.
    pub entry: Entry,
    /// Whether it is tested first.
    pub verification: Verification,
}

/// Tests a connection and saves it. The report is there if it was tested by this very request.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::ConnectFirst`], [`Error::MethodUnavailable`],
/// [`Error::StartNewConnection`], [`Error::AlreadySaved`], [`Error::TestFailed`], [`Error::WarningsNotAccepted`],
/// [`Error::LockedOut`], [`Error::TooManyTests`], [`Error::NotFound`], [`Error::Store`]; of the idempotency key.
pub async fn save(
    context: &Context,
    caller: &Caller,
    new: NewConnection,
    request: Once,
) -> Result<(Saved, Option<Arc<Report>>)> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let NewConnection {
        name,
        entry,
        verification,
    } = new;
    let work = async |claim: &Claim| {
        let draft = Draft::complete(context, tenant, entry).await?;
        require_savable(&draft)?;
        let tested = verification.of(context, caller, &draft, &[]).await?;
        let saving = Saving {
            context,
            caller,
            draft: &draft,
            name: &name,
            tested: tested.as_ref(),
            claim,
        };
        match saving.commit().await? {
            Some(saved) => Ok((saved, tested.map(|tested| tested.report))),
            // Another tenant has claimed the role while it was tested: it is refused now as AWS refuses.
            None => match verification.of(context, caller, &draft, &[]).await {
                Err(error) => Err(error),
                Ok(_) => Err(Error::ChangedMeanwhile),
            },
        }
    };
    let replay = async |_, id: String| {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        Ok((super::read(context, caller, id).await?, None))
    };
    once(context, tenant, &caller.scope, &request, work, replay).await
}

/// Only a reservation can be completed, and what it shares with other regions is edited there.
fn require_savable(draft: &Draft) -> Result<()> {
    let Some((connection, _)) = &draft.over else {
        return Ok(());
    };
    if connection.state != State::Pending {
        return Err(Error::AlreadySaved);
    }
    if draft.is_kept && draft.is_edited {
        return Err(Misfit::at(
            "/fields",
            "belong to an AWS access that other connections use: leave them out here, or edit one of those connections",
        )
        .into());
    }
    Ok(())
}

struct Saving<'a> {
    context: &'a Context,
    caller: &'a Caller,
    draft: &'a Draft,
    name: &'a Name,
    tested: Option<&'a Tested>,
    claim: &'a Claim,
}

impl Saving<'_> {
    /// All of it or nothing. None if another tenant holds the role.
    async fn commit(&self) -> Result<Option<Saved>> {
        let (context, draft) = (self.context, self.draft);
        let (tenant, now) = (draft.tenant, context.now());
        let mut tx = context.store.write(tenant).await?;
        ownership::lock(context, &mut tx, Some(&draft.way)).await?;
        let mut changes = vec![Change::Access(tenant, draft.access)];
        let id = match &draft.over {
            Some((connection, _)) => {
                let id = connection.id;
                self.complete(&mut tx, id, &mut changes).await?;
                id
            }
            None => self.add(&mut tx, &mut changes).await?,
        };
        changes.push(Change::Connection(tenant, id));
        let report = self.tested.map(|tested| &*tested.report);
        if let Some(report) = report {
            let is_held;
            (tx, is_held) = ownership::hold(context, tx, &draft.way, report, &mut changes).await?;
            if !is_held {
                return Ok(None);
            }
            connections::note_test(&mut tx, id, true, now).await?;
        }
        connections::set_first_default(&mut tx, id).await?;
        self.claim.complete(&mut tx, 201, &id.to_string()).await?;
        let detail = json!({
            "name": self.name.as_str(),
            "method": draft.way.method().as_str(),
            "region": draft.region.as_str(),
            "verified": report.is_some(),
        });
        let (action, reached) = ("connection.saved", report.map(Into::into));
        let reached = reached.unwrap_or_default();
        audit::append_reached(context, &mut tx, self.caller, action, id, reached, detail).await?;
        let (connection, access) = draft::find(&mut tx, id).await?;
        context.commit(tx, &changes).await?;
        Ok(Some(Saved { connection, access }))
    }

    /// A reservation becomes a connection.
    async fn complete(
        &self,
        tx: &mut TenantTx,
        id: ConnectionId,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        let (draft, now) = (self.draft, self.context.now());
        let access = accesses::lock(tx, draft.access)
            .await?
            .ok_or(Error::NotFound)?;
        let connection = connections::find(tx, id).await?.ok_or(Error::NotFound)?;
        if connection.state != State::Pending {
            return Err(Error::AlreadySaved);
        }
        let seen = draft.over.as_ref().map(|(_, access)| access.revision);
        if seen != Some(access.revision) {
            return Err(Error::ChangedMeanwhile);
        }
        let revision = if draft.is_edited {
            self.edit_access(tx).await?;
            access.revision + 1
        } else {
            access.revision
        };
        self.note_reached(tx, revision, changes).await?;
        let update = Update {
            name: Some(self.name),
            region: &draft.region,
            state: self.state(),
            state_reason: None,
        };
        let updated = connections::update(tx, id, &update, now).await;
        updated.map_err(name_taken)?.ok_or(Error::NotFound)?;
        Ok(())
    }

    /// A connection without a reservation.
    async fn add(&self, tx: &mut TenantTx, changes: &mut Vec<Change>) -> Result<ConnectionId> {
        let (context, draft, now) = (self.context, self.draft, self.context.now());
        let (fields, hints) = (draft.way.fields(), draft.way.hints());
        let edit = Edit {
            fields: &fields,
            secret_hints: &hints,
            secret_expires_at: draft.way.expires_at(),
        };
        accesses::insert(tx, draft.access, &edit, now).await?;
        access::keep(context, tx, draft.access, &draft.way).await?;
        self.note_reached(tx, 1, changes).await?;
        let id = ConnectionId::new(now, &mut context.rng());
        let new = connections::NewConnection {
            id,
            access: draft.access,
            name: Some(self.name),
            region: &draft.region,
            state: self.state(),
            reserved_until: None,
        };
        let inserted = connections::insert(tx, &new, now).await;
        inserted.map_err(name_taken)?;
        Ok(id)
    }

    async fn edit_access(&self, tx: &mut TenantTx) -> Result<()> {
        let (context, draft) = (self.context, self.draft);
        let (fields, hints) = (draft.way.fields(), draft.way.hints());
        let edit = Edit {
            fields: &fields,
            secret_hints: &hints,
            secret_expires_at: draft.way.expires_at(),
        };
        accesses::edit(tx, draft.access, &edit, context.now()).await?;
        access::keep(context, tx, draft.access, &draft.way).await
    }

    /// What the test found, for the revision that is saved.
    async fn note_reached(
        &self,
        tx: &mut TenantTx,
        revision: i32,
        changes: &mut Vec<Change>,
    ) -> Result<()> {
        let (context, access) = (self.context, self.draft.access);
        let Some(Tested { report, kept }) = self.tested else {
            return Ok(());
        };
        trials::note_reached(context, tx, access, revision, report, changes).await?;
        if let Way::User(user) = &self.draft.way {
            access::adopt(context, tx, access, revision, user, kept).await?;
        }
        Ok(())
    }

    const fn state(&self) -> State {
        match self.tested {
            Some(_) => State::Healthy,
            None => State::Unverified,
        }
    }
}

/// A name that is taken is told where it was entered.
pub(super) fn name_taken(error: store::Error) -> Error {
    if error.is_conflict_on(NAME_TAKEN) {
        Misfit::at("/name", "is the name of another connection of yours").into()
    } else {
        error.into()
    }
}
