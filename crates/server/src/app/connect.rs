//! The start: an access is reserved with its external ID, and told what to set up in AWS before any role exists.

use credential_provider::iam_role::{ExternalId, Subject};
use domain::{AccessId, ConnectionId, Federation, Method, Partition, Permission, Region, TenantId};
use serde_json::json;
use setup::{Kit, Oidc, Place, Way};
use store::{
    TenantTx,
    accesses::{self, Access, CognitoFields, Edit, Fields, Hints},
    changes::Change,
    connections::{self, Connection, NewConnection, State},
    external_ids,
};
use time::Duration;

use super::{
    Caller, Error, Misfit, Once, Result, access, audit,
    connections::Saved,
    draft,
    idempotency::{Claim, once},
    integrations::Availability,
};
use crate::{Context, issuer::AUDIENCE};

/// How long a reservation holds.
const RESERVED_FOR: Duration = Duration::days(7);
/// The most reservations of a tenant.
const MOST: i64 = 20;

/// What is to be connected.
#[derive(Debug)]
pub struct Start {
    /// By which method.
    pub method: Method,
    /// How the service proves who it is, for a role.
    pub federation: Option<Federation>,
    /// Bedrock's region.
    pub region: Region,
    /// An access that is there already: another region of the same account.
    pub access: Option<AccessId>,
}

/// Reserves a connection, and says what to set up in AWS.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::MethodUnavailable`], [`Error::TooManyReservations`],
/// [`Error::Store`]; of the idempotency key.
pub async fn start(
    context: &Context,
    caller: &Caller,
    start: Start,
    request: Once,
) -> Result<(Saved, Kit)> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    if start.access.is_none() {
        check(context, start.method, start.federation, &start.region)?;
    }
    let work = async |claim: &Claim| reserve(context, caller, tenant, &start, claim).await;
    let replay = async |_, id: String| {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        let mut tx = context.store.read(tenant).await?;
        draft::find(&mut tx, id).await
    };
    let (connection, access) = once(context, tenant, &caller.scope, &request, work, replay).await?;
    let kit = kit(context, tenant, &connection, &access)?;
    Ok((Saved { connection, access }, kit))
}

/// Refuses a method by which the region cannot be reached from here.
fn check(
    context: &Context,
    method: Method,
    federation: Option<Federation>,
    region: &Region,
) -> Result<()> {
    if let Some(why) = Availability::here(context).why_not(method, federation) {
        return Err(Error::MethodUnavailable(why));
    }
    let is_assumed = method == Method::IamRole && federation != Some(Federation::Oidc);
    if is_assumed && !is_in_our_partition(context, region) {
        return Err(Error::MethodUnavailable(
            "A role cannot be taken on from another partition of AWS, such as GovCloud or China: use oidc, a Bedrock API key or Cognito there.",
        ));
    }
    Ok(())
}

/// Whether the service's own identity is in the region's partition.
fn is_in_our_partition(context: &Context, region: &Region) -> bool {
    let principal = context.settings.aws.principal_arn.as_deref();
    let partition = principal.and_then(|arn| arn.split(':').nth(1));
    partition.is_none_or(|name| Partition::named(name) == Some(region.partition()))
}

/// What to set up in AWS, again.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::MethodUnavailable`], [`Error::Store`].
pub async fn setup(context: &Context, caller: &Caller, id: ConnectionId) -> Result<Kit> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let mut tx = context.store.read(tenant).await?;
    let (connection, access) = draft::find(&mut tx, id).await?;
    kit(context, tenant, &connection, &access)
}

async fn reserve(
    context: &Context,
    caller: &Caller,
    tenant: TenantId,
    start: &Start,
    claim: &Claim,
) -> Result<(Connection, Access)> {
    let now = context.now();
    let mut tx = context.store.write(tenant).await?;
    connections::lock(&mut tx).await?;
    if connections::count_pending(&mut tx, now).await? >= MOST {
        return Err(Error::TooManyReservations);
    }
    let access = match start.access {
        Some(id) => shared(context, &mut tx, id, start).await?,
        None => {
            let id = AccessId::new(now, &mut context.rng());
            let fields = reserved_fields(context, &mut tx, start).await?;
            let edit = Edit {
                fields: &fields,
                secret_hints: &Hints::new(),
                secret_expires_at: None,
            };
            accesses::insert(&mut tx, id, &edit, now).await?;
            id
        }
    };
    let id = ConnectionId::new(now, &mut context.rng());
    let new = NewConnection {
        id,
        access,
        name: None,
        region: &start.region,
        state: State::Pending,
        reserved_until: Some(now + RESERVED_FOR),
    };
    connections::insert(&mut tx, &new, now).await?;
    claim.complete(&mut tx, 201, &id.to_string()).await?;
    let detail = json!({
        "method": start.method.as_str(),
        "region": start.region.as_str(),
        "access_id": access.to_string(),
    });
    audit::append(context, &mut tx, caller, "connection.reserved", id, detail).await?;
    let reserved = draft::find(&mut tx, id).await?;
    context
        .commit(tx, &[Change::Connection(tenant, id)])
        .await?;
    Ok(reserved)
}

/// The access that another region is to share.
async fn shared(
    context: &Context,
    tx: &mut TenantTx,
    id: AccessId,
    start: &Start,
) -> Result<AccessId> {
    const POINTER: &str = "/access_id";
    let access = accesses::lock(tx, id)
        .await?
        .ok_or_else(|| Misfit::at(POINTER, "names no AWS access of yours"))?;
    if access.fields.method() != start.method {
        return Err(Misfit::at("/method", "is not the method of that AWS access").into());
    }
    let federation = access.fields.federation();
    if start.federation.is_some() && start.federation != federation {
        return Err(Misfit::at("/federation", "is not that of that AWS access").into());
    }
    check(context, start.method, federation, &start.region)?;
    let others = connections::of_access(tx, id).await?;
    if others.iter().all(|other| other.state == State::Pending) {
        return Err(Misfit::at(
            POINTER,
            "names an AWS access that is not saved yet: save its first connection before",
        )
        .into());
    }
    Ok(id)
}

async fn reserved_fields(context: &Context, tx: &mut TenantTx, start: &Start) -> Result<Fields> {
    Ok(match start.method {
        Method::IamRole => {
            let federation = start.federation.unwrap_or(Federation::AssumeRole);
            let external_id = match federation {
                Federation::AssumeRole => Some(accesses::ExternalId {
                    value: new_external_id(context, tx).await?.to_string(),
                    is_generated: true,
                }),
                Federation::Oidc => None,
            };
            Fields::IamRole {
                federation,
                role_arn: None,
                external_id,
            }
        }
        Method::ApiKey => Fields::ApiKey,
        Method::Cognito => Fields::Cognito(CognitoFields::default()),
    })
}

/// An external ID that nobody ever had.
async fn new_external_id(context: &Context, tx: &mut TenantTx) -> Result<ExternalId> {
    let key = context.hash_key().ok_or(Error::Starting)?;
    loop {
        let external_id = ExternalId::generate(context.aws.entropy());
        let hash = access::external_id(key, &external_id);
        if external_ids::insert(tx, &hash, context.now()).await? {
            return Ok(external_id);
        }
    }
}

fn kit(
    context: &Context,
    tenant: TenantId,
    connection: &Connection,
    access: &Access,
) -> Result<Kit> {
    let (method, federation) = (access.fields.method(), access.fields.federation());
    check(context, method, federation, &connection.region)?;
    let issuer = context.issuer.of(tenant);
    let subject = Subject {
        tenant,
        access: access.id,
    };
    let subject = subject.to_string();
    let way = match &access.fields {
        Fields::IamRole {
            federation: Federation::Oidc,
            ..
        } => Way::Oidc(Oidc {
            issuer: issuer.as_deref().ok_or(Error::NotFound)?,
            audience: AUDIENCE,
            subject: &subject,
        }),
        Fields::IamRole { external_id, .. } => {
            let principal = context.settings.aws.principal_arn.as_deref();
            let (principal_arn, external_id) =
                principal.zip(external_id.as_ref()).ok_or(Error::NotFound)?;
            Way::AssumeRole {
                principal_arn,
                external_id: &external_id.value,
            }
        }
        Fields::ApiKey => Way::ApiKey,
        Fields::Cognito(fields) => Way::Cognito {
            identity_pool_id: fields.identity_pool_id.as_deref(),
        },
    };
    Ok(Kit::of(&Place {
        region: &connection.region,
        way,
        account_id: access.account,
    }))
}
