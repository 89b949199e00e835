//! The start: an access is reserved with its external ID, and told what to set up in AWS before any role exists.

use ::setup::Kit;
use credential_provider::iam_role::ExternalId;
use domain::{AccessId, ConnectionId, Federation, Method, Permission, Region, TenantId};
use serde_json::json;
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
    setup::{self, Choice},
};
use crate::Context;

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
    /// The models that alone are to be allowed, by id or ARN; none for all.
    pub models: Vec<String>,
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
        setup::check(context, start.method, start.federation, &start.region)?;
    }
    let choice = Choice {
        ids: &start.models,
        pointer: "/models",
    };
    // Nothing is known of the account yet.
    let models = setup::models(&start.region, None, choice)?;
    let work = async |claim: &Claim| reserve(context, caller, tenant, &start, claim).await;
    let replay = async |_, id: String| {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        let mut tx = context.store.read(tenant).await?;
        draft::find(&mut tx, id).await
    };
    let (connection, access) = once(context, tenant, &caller.scope, &request, work, replay).await?;
    let kit = setup::kit(context, tenant, (&connection, &access), &models)?;
    Ok((Saved { connection, access }, kit))
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
    setup::check(context, start.method, federation, &start.region)?;
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
