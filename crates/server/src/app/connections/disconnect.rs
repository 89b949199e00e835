//! Disconnecting: what was saved here goes, what stands in AWS stays and is told.

use domain::{ConnectionId, Federation, Permission, TenantId};
use serde::Deserialize;
use serde_json::json;
use store::{
    accesses::{self, Access, Fields},
    changes::Change,
    connections::{self, State},
    models,
};

use super::role_of;
use crate::{
    Context,
    app::{
        Caller, Error, Once, Result,
        access::SignIn,
        audit, draft,
        idempotency::{Claim, once},
        ownership,
    },
};

/// What a disconnect removed and left. The audit log keeps it, and tells it again to who asks again.
#[derive(Debug, Clone, Deserialize)]
pub struct Disconnected {
    /// The aliases of the models that were registered over it.
    pub models: Vec<String>,
    /// Whether the access went with it, and its secrets.
    pub secrets: bool,
    /// What the customer may remove in AWS.
    pub left_in_aws: Vec<String>,
}

/// Disconnects. The last connection over an access takes the access and its secrets with it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Store`]; of the idempotency key.
pub async fn disconnect(
    context: &Context,
    caller: &Caller,
    id: ConnectionId,
    request: Once,
) -> Result<Disconnected> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let work = async |claim: &Claim| remove(context, caller, tenant, id, claim).await;
    let replay = async |_, event: String| {
        let event = event.parse().map_err(|_| Error::NotFound)?;
        let mut tx = context.store.read(tenant).await?;
        let event = store::audit::find(&mut tx, event).await?;
        let told = event.and_then(|event| serde_json::from_value(event.detail).ok());
        told.ok_or(Error::NotFound)
    };
    once(context, tenant, &caller.scope, &request, work, replay).await
}

async fn remove(
    context: &Context,
    caller: &Caller,
    tenant: TenantId,
    id: ConnectionId,
    claim: &Claim,
) -> Result<Disconnected> {
    let mut tx = context.store.write(tenant).await?;
    ownership::lock(context, &mut tx, None).await?;
    let (connection, _) = draft::find(&mut tx, id).await?;
    // Edits of the access come before or after.
    let access = accesses::lock(&mut tx, connection.access)
        .await?
        .ok_or(Error::NotFound)?;
    let models = models::of_connection(&mut tx, id).await?;
    if !connections::delete(&mut tx, id).await? {
        return Err(Error::NotFound);
    }
    let mut changes = vec![Change::Connection(tenant, id)];
    changes.extend(models.iter().map(|model| Change::Model(tenant, model.id)));
    let rest = connections::of_access(&mut tx, access.id).await?;
    // Reservations of other regions alone keep no secret.
    let is_last = rest.iter().all(|other| other.state == State::Pending);
    let mut sign_in = None;
    if is_last {
        sign_in = SignIn::of(context, &mut tx, &access).await;
        for reserved in rest {
            connections::delete(&mut tx, reserved.id).await?;
        }
        if let Some(role) = role_of(&access) {
            ownership::give_up(context, &mut tx, &role, access.id).await?;
        }
        accesses::delete(&mut tx, access.id).await?;
        changes.push(Change::Access(tenant, access.id));
    }
    let disconnected = Disconnected {
        models: models.into_iter().map(|model| model.alias).collect(),
        secrets: is_last,
        left_in_aws: left_in_aws(&access, is_last),
    };
    let Disconnected {
        models,
        secrets,
        left_in_aws,
    } = &disconnected;
    let detail = json!({
        "name": connection.name,
        "models": models,
        "secrets": secrets,
        "left_in_aws": left_in_aws,
    });
    let (action, reached) = (
        "connection.disconnected",
        audit::Reached::account(access.account),
    );
    let event =
        audit::append_reached(context, &mut tx, caller, action, id, reached, detail).await?;
    claim.complete(&mut tx, 200, &event.to_string()).await?;
    context.commit(tx, &changes).await?;
    if let Some(sign_in) = sign_in {
        sign_in.end(context);
    }
    Ok(disconnected)
}

/// What the customer may remove in AWS, once nothing here uses it any more.
fn left_in_aws(access: &Access, is_last: bool) -> Vec<String> {
    if !is_last {
        return Vec::new();
    }
    match &access.fields {
        Fields::IamRole {
            federation,
            role_arn: Some(role_arn),
            ..
        } => {
            let role = format!(
                "The role {role_arn} with its policies. Sessions that AWS gave out before end within an hour; Revoke sessions on the role's page ends them now."
            );
            let provider = "The identity provider for this service, if no other role trusts it: IAM console, Identity providers.";
            match federation {
                Federation::AssumeRole => vec![role],
                Federation::Oidc => vec![role, provider.to_owned()],
            }
        }
        Fields::IamRole { .. } => Vec::new(),
        Fields::ApiKey => vec![
            "The Bedrock API key. A long-term key works until it is deleted: Amazon Bedrock console, API keys.".to_owned(),
        ],
        Fields::Cognito(fields) => match (&fields.username, &fields.user_pool_id) {
            (Some(username), Some(pool)) => vec![
                format!("The user {username} in the user pool {pool}."),
                "The permissions of the identity pool's authenticated role.".to_owned(),
            ],
            _ => Vec::new(),
        },
    }
}
