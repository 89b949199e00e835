//! Editing. Fields belong to the access: an edit holds for all its connections, and is tested in the region of each.

use std::sync::Arc;

use bedrock::{diagnosis::Code, report::Report};
use domain::{ConnectionId, Name, Permission, Region, TenantId};
use serde_json::json;
use store::{
    TenantTx,
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection, State, Update},
    models,
};

use super::{Saved, Verification, role_of, save::name_taken, verification::Tested};
use crate::{
    Context,
    app::{
        Caller, Entered, Entry, Error, Once, Result, Unusable,
        access::{self, SignIn, Way},
        audit,
        draft::{self, Draft},
        idempotency::{Claim, once},
        ownership, trials,
    },
};
use time::OffsetDateTime;

/// What is to be changed; what is absent stays.
#[derive(Debug)]
pub struct Edit {
    /// The etag that the caller has seen.
    pub etag: i64,
    /// Another name.
    pub name: Option<Name>,
    /// Whether it is the default.
    pub is_default: Option<bool>,
    /// Another region.
    pub region: Option<Region>,
    /// Other fields. They are of the connection's method, or the edit is refused.
    pub fields: Option<Entered>,
    /// Whether it is tested first.
    pub verification: Verification,
}

/// What an edit left.
#[derive(Debug)]
pub struct Edited {
    /// The connection.
    pub saved: Saved,
    /// What the test of it found, if it was tested.
    pub report: Option<Arc<Report>>,
    /// The other connections over the same access, for which the edit holds too.
    pub also_changed: Vec<ConnectionId>,
}

/// Edits a saved connection.
///
/// # Errors
/// [`Error::EtagMismatch`] if it is not as the caller has seen it; [`Error::StartNewConnection`] for what is fixed;
/// otherwise as saving.
pub async fn edit(
    context: &Context,
    caller: &Caller,
    id: ConnectionId,
    edit: Edit,
    request: Once,
) -> Result<Edited> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let work = async |claim: &Claim| {
        let editing = Editing::prepare(context, caller, tenant, id, edit).await?;
        editing.commit(context, caller, claim).await
    };
    let replay = async |_, _| {
        Ok(Edited {
            saved: super::read(context, caller, id).await?,
            report: None,
            also_changed: Vec::new(),
        })
    };
    once(context, tenant, &caller.scope, &request, work, replay).await
}

/// An edit, tested as far as it is to be.
struct Editing {
    tenant: TenantId,
    connection: Connection,
    access: Access,
    /// All connections over the access, as they were read.
    siblings: Vec<Connection>,
    /// The way as it is to be, if a test or an edit of it is called for.
    draft: Option<Draft>,
    /// Whether the fields change, and not just the region.
    has_fields: bool,
    name: Option<Name>,
    region: Region,
    is_default: Option<bool>,
    tested: Option<Tested>,
}

impl Editing {
    async fn prepare(
        context: &Context,
        caller: &Caller,
        tenant: TenantId,
        id: ConnectionId,
        edit: Edit,
    ) -> Result<Self> {
        let mut tx = context.store.read(tenant).await?;
        let (connection, access) = draft::find(&mut tx, id).await?;
        let siblings = connections::of_access(&mut tx, access.id).await?;
        drop(tx);
        if connection.state == State::Pending {
            return Err(Unusable::reserved().into());
        }
        if connection.etag != edit.etag {
            return Err(Error::EtagMismatch);
        }
        let region = edit.region.unwrap_or_else(|| connection.region.clone());
        let fields = edit.fields.filter(|fields| !fields.is_nothing());
        let mut editing = Self {
            tenant,
            has_fields: fields.is_some(),
            name: edit.name,
            is_default: edit.is_default,
            draft: None,
            tested: None,
            connection,
            access,
            siblings,
            region,
        };
        if fields.is_some() || editing.region != editing.connection.region {
            let fields = fields.unwrap_or_else(|| Entered::nothing(editing.access.fields.method()));
            editing
                .test(context, caller, fields, &edit.verification)
                .await?;
        }
        Ok(editing)
    }

    /// Completes the way as it is to be, and tests it: fields in the region of each connection that they are of.
    async fn test(
        &mut self,
        context: &Context,
        caller: &Caller,
        fields: Entered,
        verification: &Verification,
    ) -> Result<()> {
        let entry = Entry {
            connection: Some(self.connection.id),
            region: self.region.clone(),
            fields,
        };
        let draft = Draft::complete(context, self.tenant, entry).await?;
        let mut others = Vec::new();
        if self.has_fields {
            require_same_account(&self.access, &draft.way)?;
            let siblings = self.siblings.iter().filter(|it| self.is_sibling(it));
            others.extend(siblings.map(|sibling| sibling.region.clone()));
            others.retain(|region| *region != self.region);
            others.sort_unstable();
            others.dedup();
        }
        let tested = verification.of(context, caller, &draft, &others).await;
        self.tested = tested.map_err(|error| match error {
            Error::TestFailed(_, report) if self.has_fields && reached_another(&report) => {
                Error::StartNewConnection
            }
            error => error,
        })?;
        self.draft = Some(draft);
        Ok(())
    }

    async fn commit(self, context: &Context, caller: &Caller, claim: &Claim) -> Result<Edited> {
        let (tenant, id, now) = (self.tenant, self.connection.id, context.now());
        let mut tx = context.store.write(tenant).await?;
        let way = self.draft.as_ref().map(|draft| &draft.way);
        ownership::lock(context, &mut tx, way).await?;
        let present = self.require_unchanged(&mut tx).await?;
        let mut changes = vec![Change::Connection(tenant, id)];
        let mut also_changed = Vec::new();
        let sign_in = if self.has_fields {
            SignIn::of(context, &mut tx, &self.access).await
        } else {
            None
        };
        if let Some(draft) = &self.draft {
            changes.push(Change::Access(tenant, draft.access));
            tx = self.edit_access(context, tx, draft, &mut changes).await?;
            if self.has_fields {
                also_changed = self.mark_others(&mut tx, &mut changes, now).await?;
            }
        }
        let (state, reason) = match &self.draft {
            Some(_) => (self.state(), None),
            None => (present.state, present.state_reason.as_deref()),
        };
        let update = Update {
            name: self.name.as_ref(),
            region: &self.region,
            state,
            state_reason: reason,
        };
        let updated = connections::update(&mut tx, id, &update, now).await;
        updated.map_err(name_taken)?.ok_or(Error::NotFound)?;
        if self.region != present.region {
            let doubted = models::doubt(&mut tx, id, now).await?;
            changes.extend(
                doubted
                    .into_iter()
                    .map(|model| Change::Model(tenant, model)),
            );
        }
        if self.tested.is_some() {
            connections::note_test(&mut tx, id, true, now).await?;
        }
        match self.is_default {
            Some(true) => {
                let before = connections::set_default(&mut tx, Some(id), now).await?;
                changes.extend(before.map(|before| Change::Connection(tenant, before)));
            }
            Some(false) if present.is_default => {
                connections::set_default(&mut tx, None, now).await?;
            }
            Some(false) | None => {}
        }
        claim.complete(&mut tx, 200, &id.to_string()).await?;
        let report = self.tested.map(|tested| tested.report);
        let (connection, access) = draft::find(&mut tx, id).await?;
        let detail = json!({
            "name": connection.name,
            "region": connection.region.as_str(),
            "fields_changed": self.has_fields,
            "verified": report.is_some(),
        });
        let (action, reached) = ("connection.edited", report.as_deref().map(Into::into));
        let reached = reached.unwrap_or_default();
        audit::append_reached(context, &mut tx, caller, action, id, reached, detail).await?;
        context.commit(tx, &changes).await?;
        if let Some(sign_in) = sign_in {
            sign_in.end(context);
        }
        Ok(Edited {
            saved: Saved { connection, access },
            report,
            also_changed,
        })
    }

    /// The connection as it is now. Nobody may have edited it or its access since they were read.
    async fn require_unchanged(&self, tx: &mut TenantTx) -> Result<Connection> {
        let access = accesses::lock(tx, self.access.id)
            .await?
            .ok_or(Error::NotFound)?;
        let connection = connections::find(tx, self.connection.id)
            .await?
            .ok_or(Error::NotFound)?;
        if connection.etag != self.connection.etag || access.revision != self.access.revision {
            return Err(Error::EtagMismatch);
        }
        Ok(connection)
    }

    async fn edit_access(
        &self,
        context: &Context,
        mut tx: TenantTx,
        draft: &Draft,
        changes: &mut Vec<Change>,
    ) -> Result<TenantTx> {
        let mut revision = self.access.revision;
        if self.has_fields {
            revision += 1;
            self.edit_fields(context, &mut tx, draft).await?;
        }
        let Some(Tested { report, kept }) = &self.tested else {
            return Ok(tx);
        };
        trials::note_reached(context, &mut tx, draft.access, revision, report, changes).await?;
        if let (Way::User(user), true) = (&draft.way, self.has_fields) {
            access::adopt(context, &mut tx, draft.access, revision, user, kept).await?;
        }
        let (tx, is_held) = ownership::hold(context, tx, &draft.way, report, changes).await?;
        // Another tenant has claimed the role while it was tested: the next try is refused as AWS refuses.
        if is_held {
            Ok(tx)
        } else {
            Err(Error::ChangedMeanwhile)
        }
    }

    async fn edit_fields(&self, context: &Context, tx: &mut TenantTx, draft: &Draft) -> Result<()> {
        let (fields, hints) = (draft.way.fields(), draft.way.hints());
        let edit = accesses::Edit {
            fields: &fields,
            secret_hints: &hints,
            secret_expires_at: draft.way.expires_at(),
        };
        accesses::edit(tx, draft.access, &edit, context.now()).await?;
        access::keep(context, tx, draft.access, &draft.way).await?;
        match (role_of(&self.access), &draft.way) {
            (Some(before), Way::Role(role)) if role.role_arn != before => {
                ownership::give_up(context, tx, &before, draft.access).await
            }
            _ => Ok(()),
        }
    }

    /// The other saved connections over the same access are as the edit left them.
    async fn mark_others(
        &self,
        tx: &mut TenantTx,
        changes: &mut Vec<Change>,
        now: OffsetDateTime,
    ) -> Result<Vec<ConnectionId>> {
        let mut also_changed = Vec::new();
        let present = connections::of_access(tx, self.access.id).await?;
        // What was not there to be tested, or went elsewhere since, was not tested.
        let regions = |connections: &[Connection]| -> Vec<(ConnectionId, Region)> {
            let siblings = connections.iter().filter(|other| self.is_sibling(other));
            siblings
                .map(|other| (other.id, other.region.clone()))
                .collect()
        };
        if regions(&present) != regions(&self.siblings) {
            return Err(Error::ChangedMeanwhile);
        }
        for other in present {
            if !self.is_sibling(&other) {
                continue;
            }
            connections::raise_etag(tx, other.id).await?;
            connections::set_state(tx, other.id, self.state(), None, now).await?;
            if self.tested.is_some() {
                connections::note_test(tx, other.id, true, now).await?;
            }
            changes.push(Change::Connection(self.tenant, other.id));
            also_changed.push(other.id);
        }
        Ok(also_changed)
    }

    fn is_sibling(&self, other: &Connection) -> bool {
        other.id != self.connection.id && other.state != State::Pending
    }

    const fn state(&self) -> State {
        match self.tested {
            Some(_) => State::Healthy,
            None => State::Unverified,
        }
    }
}

/// The account is fixed, as far as the fields tell it …
fn require_same_account(access: &Access, way: &Way) -> Result<()> {
    let before = match role_of(access) {
        Some(role) => Some(role.account()),
        None => access.account,
    };
    match (before, way.account()) {
        (Some(before), Some(after)) if before != after => Err(Error::StartNewConnection),
        _ => Ok(()),
    }
}

/// … and as far as AWS tells it.
fn reached_another(report: &Report) -> bool {
    report.steps.iter().any(|step| {
        let diagnosis = step.diagnosis.as_ref();
        diagnosis.is_some_and(|diagnosis| diagnosis.code == Code::AccountChanged)
    })
}
