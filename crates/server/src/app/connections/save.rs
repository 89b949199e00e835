//! Saving: tested first, then all of it in one transaction.

use std::sync::Arc;

use bedrock::report::Report;
use credential_provider::cognito::Kept;
use domain::{ConnectionId, Name, Permission};
use serde_json::json;
use store::{
    TenantTx,
    accesses::{self, Edit},
    changes::Change,
    connections::{self, NAME_TAKEN, State, Update},
};

use super::{Saved, Verification};
use crate::{
    Context,
    app::{
        Caller, Entry, Error, Misfit, Once, Result,
        access::{self, Way},
        audit,
        draft::{self, Draft},
        idempotency::{Claim, once},
        ownership, tests,
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
        let tested = match verification.of(context, &draft).await {
            Ok(tested) => tested,
            Err(error) => return Err(note_refusal(context, caller, &draft, error).await),
        };
        let (report, kept) = tested.unzip();
        let saving = Saving {
            context,
            caller,
            draft: &draft,
            name: &name,
            report: report.as_deref(),
            kept: kept.as_ref(),
            claim,
        };
        match saving.commit().await? {
            Some(saved) => Ok((saved, report)),
            // Another tenant has claimed the role while it was tested: it is refused now as AWS refuses.
            None => match verification.of(context, &draft).await {
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

/// A test that failed is audited, whatever becomes of the save.
async fn note_refusal(context: &Context, caller: &Caller, draft: &Draft, error: Error) -> Error {
    let (Error::TestFailed(report) | Error::WarningsNotAccepted(report)) = &error else {
        return error;
    };
    let noted = async {
        let mut tx = context.store.write(draft.tenant).await?;
        let subject = draft.over.as_ref().map_or_else(
            || draft.access.to_string(),
            |(connection, _)| connection.id.to_string(),
        );
        let detail = tests::found(report, &draft.way, draft.region.as_str());
        audit::append(
            context,
            &mut tx,
            caller,
            "connection.tried",
            subject,
            detail,
        )
        .await?;
        Ok::<_, Error>(context.commit(tx, &[]).await?)
    };
    noted.await.err().unwrap_or(error)
}

struct Saving<'a> {
    context: &'a Context,
    caller: &'a Caller,
    draft: &'a Draft,
    name: &'a Name,
    report: Option<&'a Report>,
    kept: Option<&'a Kept>,
    claim: &'a Claim,
}

impl Saving<'_> {
    /// All of it or nothing. None if another tenant holds the role.
    async fn commit(&self) -> Result<Option<Saved>> {
        let (context, draft) = (self.context, self.draft);
        let (tenant, now) = (draft.tenant, context.now());
        let mut tx = context.store.write(tenant).await?;
        let id = match &draft.over {
            Some((connection, _)) => self.complete(&mut tx, connection.id).await?,
            None => self.add(&mut tx).await?,
        };
        let mut changes = vec![
            Change::Access(tenant, draft.access),
            Change::Connection(tenant, id),
        ];
        if let Some(report) = self.report {
            let is_held;
            (tx, is_held) =
                ownership::hold(context, tx, self.caller, &draft.way, report, &mut changes).await?;
            if !is_held {
                return Ok(None);
            }
            connections::note_test(&mut tx, id, true, now).await?;
        }
        if connections::default(&mut tx).await?.is_none() {
            connections::set_default(&mut tx, Some(id), now).await?;
        }
        self.claim.complete(&mut tx, 201, &id.to_string()).await?;
        let detail = json!({
            "name": self.name.as_str(),
            "method": draft.way.method().as_str(),
            "region": draft.region.as_str(),
            "verified": self.report.is_some(),
            "account_id": self.report.and_then(|report| report.account_id).map(|account| account.to_string()),
            "aws_request_ids": self.report.map(|report| &report.request_ids),
        });
        audit::append(
            context,
            &mut tx,
            self.caller,
            "connection.saved",
            id,
            detail,
        )
        .await?;
        let (connection, access) = draft::find(&mut tx, id).await?;
        context.commit(tx, &changes).await?;
        Ok(Some(Saved { connection, access }))
    }

    /// A reservation becomes a connection.
    async fn complete(&self, tx: &mut TenantTx, id: ConnectionId) -> Result<ConnectionId> {
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
        self.note_reached(tx, revision).await?;
        let update = Update {
            name: self.name,
            region: &draft.region,
            state: self.state(),
            state_reason: None,
        };
        let updated = connections::update(tx, id, &update, now).await;
        updated.map_err(name_taken)?.ok_or(Error::NotFound)?;
        Ok(id)
    }

    /// A connection without a reservation.
    async fn add(&self, tx: &mut TenantTx) -> Result<ConnectionId> {
        let (context, draft, now) = (self.context, self.draft, self.context.now());
        let (fields, hints) = (draft.way.fields(), draft.way.hints());
        let edit = Edit {
            fields: &fields,
            secret_hints: &hints,
            secret_expires_at: draft.way.expires_at(),
        };
        accesses::insert(tx, draft.access, &edit, now).await?;
        access::keep(context, tx, draft.access, &draft.way).await?;
        self.note_reached(tx, 1).await?;
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
    async fn note_reached(&self, tx: &mut TenantTx, revision: i32) -> Result<()> {
        let (context, access) = (self.context, self.draft.access);
        let Some(report) = self.report else {
            return Ok(());
        };
        let (account, arn) = (report.account_id, report.identity_arn.as_deref());
        accesses::note_reached(tx, access, revision, account, arn, context.now()).await?;
        if let (Way::User(user), Some(kept)) = (&self.draft.way, self.kept) {
            access::adopt(context, tx, access, revision, user, kept).await?;
        }
        Ok(())
    }

    const fn state(&self) -> State {
        match self.report {
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
