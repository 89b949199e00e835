//! What a test tries and a save keeps: what was entered, completed by what is kept, with all rules applied that need no
//! call to AWS.

use std::sync::Arc;

use bedrock::diagnosis::{self, Diagnosis};
use credential_provider::{
    Unfit,
    cognito::{MemoryTokens, Misplaced},
    iam_role::ExternalId,
};
use domain::{AccessId, AccountId, ConnectionId, Federation, Region, TenantId};
use store::{
    TenantTx,
    accesses::{self, Access, Fields},
    connections::{self, Connection, State},
    external_ids,
};

use super::{
    Entered, EnteredRole, Error, Misfit, Result, Unusable,
    access::{self, Bearings, Demand, Role, Way},
    integrations::Availability,
    usable::has_lost_account,
};
use crate::Context;

/// What is to be tested or saved.
#[derive(Debug)]
pub struct Entry {
    /// The reservation or the saved connection whose external ID and kept secrets are used.
    pub connection: Option<ConnectionId>,
    /// Bedrock's region.
    pub region: Region,
    /// The fields.
    pub fields: Entered,
}

/// An entry with all that it needs.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) tenant: TenantId,
    /// The connection it is about, and its access.
    pub(super) over: Option<(Connection, Access)>,
    /// The access it is, or would become.
    pub(super) access: AccessId,
    pub(super) region: Region,
    pub(super) way: Way,
    /// Whether there is a way that is kept already.
    pub(super) is_kept: bool,
    /// Whether the way differs from what is kept.
    pub(super) is_edited: bool,
    /// Whether the access has reached another account than its own, which a test alone can mend.
    has_lost_account: bool,
}

impl Draft {
    /// Completes an entry.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::ConnectFirst`], [`Error::MethodUnavailable`], [`Error::StartNewConnection`];
    /// [`Error::NotFound`], [`Error::Store`].
    pub(super) async fn complete(
        context: &Context,
        tenant: TenantId,
        entry: Entry,
    ) -> Result<Self> {
        let mut tx = context.store.read(tenant).await?;
        let over = match entry.connection {
            Some(id) => Some(find(&mut tx, id).await?),
            None => None,
        };
        require_available(context, over.as_ref(), &entry.fields)?;
        let kept = match &over {
            Some((_, access)) => {
                require_same_kind(access, &entry.fields)?;
                access::open(context, &mut tx, access).await?
            }
            None => None,
        };
        let has_lost_account = match &over {
            Some((_, access)) => connections::of_access(&mut tx, access.id)
                .await?
                .iter()
                .any(has_lost_account),
            None => false,
        };
        let own = match &over {
            Some((_, access)) => access::demand(&access.fields)?,
            None => None,
        };
        let entered_id = match &entry.fields {
            Entered::Role(role) => entered_external_id(role, own.as_ref())?,
            Entered::Key(_) | Entered::User(_) => None,
        };
        let is_kept = kept.is_some();
        let is_edited = !is_kept || !entry.fields.is_nothing();
        let mut way = entry
            .fields
            .complete(kept.as_ref(), own.as_ref())
            .map_err(Error::Invalid)?;
        if let Some(entered) = entered_id {
            require_replaceable(over.as_ref())?;
            require_enterable(context, &mut tx, &entered).await?;
        }
        if let Way::Role(Role {
            demand:
                Demand::ExternalId {
                    value,
                    is_generated,
                },
            ..
        }) = &mut way
        {
            *is_generated = is_ours(context, &mut tx, value).await?;
        }
        let draft = Self {
            tenant,
            access: match &over {
                Some((_, access)) => access.id,
                None => AccessId::new(context.now(), &mut context.rng()),
            },
            over,
            region: entry.region,
            way,
            is_kept,
            is_edited,
            has_lost_account,
        };
        draft.require_pools_in_place()?;
        Ok(draft)
    }

    /// The same for another region.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub(super) fn in_region(&self, region: &Region) -> Result<Self> {
        let draft = Self {
            region: region.clone(),
            ..self.clone()
        };
        draft.require_pools_in_place()?;
        Ok(draft)
    }

    /// What the audit log says it is about: the connection, or the access that it would become.
    pub(super) fn subject(&self) -> String {
        match &self.over {
            Some((connection, _)) => connection.id.to_string(),
            None => self.access.to_string(),
        }
    }

    /// The account that the access reached before.
    pub(super) fn account(&self) -> Option<AccountId> {
        self.over.as_ref().and_then(|(_, access)| access.account)
    }

    /// Whether it may be saved untested: as far as is known without asking AWS, it can work.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Unusable`] for what a test alone can mend.
    pub(super) fn require_fit(&self, context: &Context) -> Result<()> {
        if self.has_lost_account {
            return Err(Unusable::account_changed().into());
        }
        let strategy =
            self.way.strategy(
                &self.bearings(context),
                || Arc::new(MemoryTokens::default()),
            );
        strategy
            .check(&context.aws, &self.region)
            .map_err(|unfit| misfit(unfit, &self.region).into())
    }

    pub(super) fn bearings<'a>(&self, context: &'a Context) -> Bearings<'a> {
        Bearings::of(context, self.tenant, self.access)
    }

    fn require_pools_in_place(&self) -> Result<()> {
        let Way::User(user) = &self.way else {
            return Ok(());
        };
        user.pools.check(&self.region).map_err(|misplaced| {
            let pointer = match misplaced {
                Misplaced::UserPool => "/fields/user_pool_id",
                Misplaced::IdentityPool => "/fields/identity_pool_id",
                Misplaced::PoolRegion => "/fields/pool_region",
            };
            Misfit::at(pointer, misplaced.to_string()).into()
        })
    }
}

/// The connection of that id, with its access.
pub(super) async fn find(tx: &mut TenantTx, id: ConnectionId) -> Result<(Connection, Access)> {
    let connection = connections::find(tx, id).await?.ok_or(Error::NotFound)?;
    let access = accesses::find(tx, connection.access)
        .await?
        .ok_or(Error::NotFound)?;
    Ok((connection, access))
}

fn require_available(
    context: &Context,
    over: Option<&(Connection, Access)>,
    fields: &Entered,
) -> Result<()> {
    let entered = match fields {
        Entered::Role(role) => role.federation,
        Entered::Key(_) | Entered::User(_) => None,
    };
    let federation = entered.or_else(|| over?.1.fields.federation());
    match Availability::here(context).why_not(fields.method(), federation) {
        Some(why) => Err(Error::MethodUnavailable(why)),
        None => Ok(()),
    }
}

fn require_same_kind(access: &Access, fields: &Entered) -> Result<()> {
    let same_federation = match (&access.fields, fields) {
        (Fields::IamRole { federation, .. }, Entered::Role(role)) => {
            role.federation.is_none_or(|entered| entered == *federation)
        }
        _ => true,
    };
    if access.fields.method() == fields.method() && same_federation {
        Ok(())
    } else {
        Err(Error::StartNewConnection)
    }
}

/// The external ID that is entered in place of what was made or kept for a role to demand; none if there is none.
fn entered_external_id(role: &EnteredRole, own: Option<&Demand>) -> Result<Option<ExternalId>> {
    let is_by_token = own == Some(&Demand::Token) || role.federation == Some(Federation::Oidc);
    match (own, &role.external_id) {
        (_, Some(_)) if is_by_token => Err(Misfit::at(
            "/fields/external_id",
            "is for assume_role: by oidc a role demands the subject of the setup instructions",
        )
        .into()),
        (None, external_id) if is_by_token || external_id.is_none() => Err(Error::ConnectFirst),
        (Some(Demand::ExternalId { value, .. }), Some(entered)) if value == entered => Ok(None),
        (_, external_id) => Ok(external_id.clone()),
    }
}

/// What we generated stays once it is saved: it is in the role's trust policy, and proves whose the role is.
fn require_replaceable(over: Option<&(Connection, Access)>) -> Result<()> {
    let is_fixed = over.is_some_and(|(connection, access)| {
        let is_generated = matches!(
            &access.fields,
            Fields::IamRole { external_id: Some(id), .. } if id.is_generated
        );
        is_generated && connection.state != State::Pending
    });
    if is_fixed {
        return Err(Misfit::at(
            "/fields/external_id",
            "is fixed: this service made one for this AWS access; leave it out, or start a new connection",
        )
        .into());
    }
    Ok(())
}

/// One that looks like ours and is not this tenant's is refused the same way whether it exists or not.
async fn require_enterable(
    context: &Context,
    tx: &mut TenantTx,
    entered: &ExternalId,
) -> Result<()> {
    const POINTER: &str = "/fields/external_id";
    if is_ours(context, tx, entered).await? {
        return Ok(());
    }
    if entered.has_our_prefix() {
        return Err(Misfit::at(
            POINTER,
            "is not one that this service made for you: leave it empty, or copy it from the setup of this connection",
        )
        .into());
    }
    if !context.settings.aws.takes_entered_external_id {
        return Err(Misfit::at(
            POINTER,
            "cannot be chosen here: leave it empty and put the one that this service made into the role's trust policy",
        )
        .into());
    }
    Ok(())
}

/// Whether we made it for this tenant.
async fn is_ours(context: &Context, tx: &mut TenantTx, external_id: &ExternalId) -> Result<bool> {
    let key = context.hash_key().ok_or(Error::Starting)?;
    Ok(external_ids::is_own(tx, &access::external_id(key, external_id)).await?)
}

/// What does not fit, where it was entered.
fn misfit(unfit: Unfit, region: &Region) -> Misfit {
    let pointer = match unfit {
        Unfit::KeyExpired => "/fields/api_key",
        Unfit::KeyOfAnotherRegion => "/region",
        Unfit::RoleOfAnotherPartition => "/fields/role_arn",
        Unfit::PoolOfAnotherRegion => "/fields/user_pool_id",
    };
    let context = diagnosis::Context {
        region: Some(region),
        ..diagnosis::Context::default()
    };
    let Diagnosis {
        message, remedy, ..
    } = diagnosis::diagnose(&unfit.into(), context);
    Misfit::at(pointer, format!("{message} {remedy}"))
}
