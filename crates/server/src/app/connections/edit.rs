//! Editing. Fields belong to the access: an edit holds for all its connections, and is tested in the region of each.

use std::sync::Arc;

use bedrock::report::Report;
use credential_provider::cognito::Kept;
use domain::{ConnectionId, Name, Permission, Region, TenantId};
use serde_json::json;
use store::{
    TenantTx,
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection, State, Update},
};

use super::{Saved, Verification, save::name_taken};
use crate::{
    Context,
    app::{
        Caller, Entered, Entry, Error, Once, Result, Unusable,
        access::{self, Way},
        audit,
        draft::{self, Draft},
        idempotency::{Claim, once},
        ownership,
    },
};

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
        let editing = Editing::prepare(context, tenant, id, edit).await?;
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
    /// The way as it is to be, if a test or an edit of it is called for.
    draft: Option<Draft>,
    /// Whether the fields change, and not just the region.
    has_fields: bool,
    name: Name,
    region: Region,
    is_default: Option<bool>,
    tested: Option<(Arc<Report>, Kept)>,
}

impl Editing {
    async fn prepare(
        context: &Context,
        tenant: TenantId,
        id: ConnectionId,
        edit: Edit,
    ) -> Result<Self> {
        let mut tx = context.store.read(tenant).await?;
        let (connection, access) = draft::find(&mut tx, id).await?;
        let siblings = connections::of_access(&mut tx, access.id).await?;
        drop(tx);
        let Some(kept_name) = connection.name.as_deref() else {
            return Err(Unusable::reserved().into());
        };
        if connection.etag != edit.etag {
            return Err(Error::EtagMismatch);
        }
        // What is kept kept the rules when it was entered.
        let kept_name = kept_name
            .parse()
            .map_err(|_| store::Error::Unreadable("connections.name"))?;
        let region = edit.region.unwrap_or_else(|| connection.region.clone());
        let fields = edit.fields.filter(|fields| !fields.is_nothing());
        let has_fields = fields.is_some();
        let (draft, tested) = if has_fields || region != connection.region {
            let fields = fields.unwrap_or_else(|| Entered::nothing(access.fields.method()));
            let others = if has_fields { &siblings[..] } else { &[] };
            let (draft, tested) = test(
                context,
                &access,
                id,
                &region,
                fields,
                others,
                &edit.verification,
                tenant,
            )
            .await?;
            (Some(draft), tested)
        } else {
            (None, None)
        };
        Ok(Self {
            tenant,
            connection,
            access,
            draft,
            has_fields,
            name: edit.name.unwrap_or(kept_name),
            region,
            is_default: edit.is_default,
            tested,
        })
    }

    async fn commit(self, context: &Context, caller: &Caller, claim: &Claim) -> Result<Edited> {
        let (tenant, id, now) = (self.tenant, self.connection.id, context.now());
        let mut tx = context.store.write(tenant).await?;
        self.require_unchanged(&mut tx).await?;
        let mut changes = vec![Change::Connection(tenant, id)];
        let mut also_changed = Vec::new();
        if let Some(draft) = &self.draft {
            changes.push(Change::Access(tenant, draft.access));
            tx = self
                .edit_access(context, caller, tx, draft, &mut changes)
                .await?;
            if self.has_fields {
                also_changed = self.mark_others(&mut tx, &mut changes, now).await?;
            }
        }
        let (state, reason) = match (&self.draft, &self.tested) {
            (None, _) => (
                self.connection.state,
                self.connection.state_reason.as_deref(),
            ),
            (Some(_), Some(_)) => (State::Healthy, None),
            (Some(_), None) => (State::Unverified, None),
        };
        let update = Update {
            name: &self.name,
            region: &self.region,
            state,
            state_reason: reason,
        };
        let updated = connections::update(&mut tx, id, &update, now).await;
        updated.map_err(name_taken)?.ok_or(Error::NotFound)?;
        if self.tested.is_some() {
            connections::note_test(&mut tx, id, true, now).await?;
        }
        match self.is_default {
            Some(true) => {
                if let Some(before) = connections::default(&mut tx).await? {
                    changes.push(Change::Connection(tenant, before));
                }
                connections::set_default(&mut tx, Some(id), now).await?;
            }
            Some(false) if self.connection.is_default => {
                connections::set_default(&mut tx, None, now).await?;
            }
            Some(false) | None => {}
        }
        claim.complete(&mut tx, 200, &id.to_string()).await?;
        let report = self.tested.map(|(report, _)| report);
        let detail = json!({
            "name": self.name.as_str(),
            "region": self.region.as_str(),
            "fields_changed": self.has_fields,
            "verified": report.is_some(),
            "account_id": report.as_ref().and_then(|report| report.account_id).map(|account| account.to_string()),
            "aws_request_ids": report.as_ref().map(|report| &report.request_ids),
        });
        audit::append(context, &mut tx, caller, "connection.edited", id, detail).await?;
        let (connection, access) = draft::find(&mut tx, id).await?;
        context.commit(tx, &changes).await?;
        Ok(Edited {
            saved: Saved { connection, access },
            report,
            also_changed,
        })
    }

    /// Nobody may have edited connection or access since they were read.
    async fn require_unchanged(&self, tx: &mut TenantTx) -> Result<()> {
        let access = accesses::lock(tx, self.access.id)
            .await?
            .ok_or(Error::NotFound)?;
        let connection = connections::find(tx, self.connection.id)
            .await?
            .ok_or(Error::NotFound)?;
        if connection.etag != self.connection.etag || access.revision != self.access.revision {
            return Err(Error::EtagMismatch);
        }
        Ok(())
    }

    async fn edit_access(
        &self,
        context: &Context,
        caller: &Caller,
        mut tx: TenantTx,
        draft: &Draft,
        changes: &mut Vec<Change>,
    ) -> Result<TenantTx> {
        let now = context.now();
        let mut revision = self.access.revision;
        if self.has_fields {
            revision += 1;
            let (fields, hints) = (draft.way.fields(), draft.way.hints());
            let edit = accesses::Edit {
                fields: &fields,
                secret_hints: &hints,
                secret_expires_at: draft.way.expires_at(),
            };
            accesses::edit(&mut tx, draft.access, &edit, now).await?;
            access::keep(context, &mut tx, draft.access, &draft.way).await?;
            if let accesses::Fields::IamRole {
                role_arn: Some(before),
                ..
            } = &self.access.fields
                && let (Ok(before), Way::Role(role)) = (before.parse(), &draft.way)
                && role.role_arn != before
            {
                ownership::give_up(context, &mut tx, &before, draft.access).await?;
            }
        }
        let Some((report, kept)) = &self.tested else {
            return Ok(tx);
        };
        let (account, arn) = (report.account_id, report.identity_arn.as_deref());
        accesses::note_reached(&mut tx, draft.access, revision, account, arn, now).await?;
        if let (Way::User(user), true) = (&draft.way, self.has_fields) {
            access::adopt(context, &mut tx, draft.access, revision, user, kept).await?;
        }
        let (tx, is_held) =
            ownership::hold(context, tx, caller, &draft.way, report, changes).await?;
        // Another tenant has claimed the role while it was tested: the next try is refused as AWS refuses.
        if is_held {
            Ok(tx)
        } else {
            Err(Error::ChangedMeanwhile)
        }
    }

    /// The other saved connections over the same access are as the edit left them.
    async fn mark_others(
        &self,
        tx: &mut TenantTx,
        changes: &mut Vec<Change>,
        now: time::OffsetDateTime,
    ) -> Result<Vec<ConnectionId>> {
        let state = match self.tested {
            Some(_) => State::Healthy,
            None => State::Unverified,
        };
        let mut also_changed = Vec::new();
        for other in connections::of_access(tx, self.access.id).await? {
            if other.id == self.connection.id || other.state == State::Pending {
                continue;
            }
            connections::set_state(tx, other.id, state, None, now).await?;
            if self.tested.is_some() {
                connections::note_test(tx, other.id, true, now).await?;
            }
            changes.push(Change::Connection(self.tenant, other.id));
            also_changed.push(other.id);
        }
        Ok(also_changed)
    }
}

/// Completes the way as it is to be, and tests it in the connection's region and in those of the others.
#[expect(
    clippy::too_many_arguments,
    reason = "one call; each is a part of the edit"
)]
async fn test(
    context: &Context,
    access: &Access,
    id: ConnectionId,
    region: &Region,
    fields: Entered,
    siblings: &[Connection],
    verification: &Verification,
    tenant: TenantId,
) -> Result<(Draft, Option<(Arc<Report>, Kept)>)> {
    let complete = async |region: &Region| {
        let entry = Entry {
            connection: Some(id),
            region: region.clone(),
            fields: fields.clone(),
        };
        let draft = Draft::complete(context, tenant, entry).await?;
        require_same_account(access, &draft.way)?;
        Ok::<_, Error>(draft)
    };
    let draft = complete(region).await?;
    let tested = verification.of(context, &draft).await?;
    require_account_kept(access, tested.as_ref().map(|(report, _)| &**report))?;
    let mut regions = vec![region.clone()];
    for other in siblings {
        let is_other = other.id != id && other.state != State::Pending;
        if is_other && !regions.contains(&other.region) {
            verification
                .of(context, &complete(&other.region).await?)
                .await?;
            regions.push(other.region.clone());
        }
    }
    Ok((draft, tested))
}

/// The account is fixed, as far as the fields tell it.
fn require_same_account(access: &Access, way: &Way) -> Result<()> {
    let named = match &access.fields {
        accesses::Fields::IamRole { role_arn, .. } => role_arn
            .as_deref()
            .and_then(|arn| arn.parse::<credential_provider::iam_role::RoleArn>().ok())
            .map(|arn| arn.account()),
        accesses::Fields::ApiKey | accesses::Fields::Cognito(_) => access.account,
    };
    match (named, way.account()) {
        (Some(before), Some(after)) if before != after => Err(Error::StartNewConnection),
        _ => Ok(()),
    }
}

/// … and as far as AWS told.
fn require_account_kept(access: &Access, report: Option<&Report>) -> Result<()> {
    match (access.account, report.and_then(|report| report.account_id)) {
        (Some(before), Some(after)) if before != after => Err(Error::StartNewConnection),
        _ => Ok(()),
    }
}
