//! Disconnecting: what was saved here goes, what stands in AWS stays and is told.

use domain::{ConnectionId, Permission, TenantId};
use serde_json::json;
use store::{
    accesses::{self, Access, Fields},
    changes::Change,
    connections, models,
};

use crate::{
    Context,
    app::{
        Caller, Error, Once, Result, audit, draft,
        idempotency::{Claim, once},
        ownership,
    },
};

/// What a disconnect removed and left.
#[derive(Debug, Clone, Default)]
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
    // What was removed then is not known any more.
    let replay = async |_, _| Ok(Disconnected::default());
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
    let (connection, _) = draft::find(&mut tx, id).await?;
    // Edits of the access come before or after.
    let access = accesses::lock(&mut tx, connection.access)
        .await?
        .ok_or(Error::NotFound)?;
    let models = models::of_connection(&mut tx, id).await?;
    if !connections::delete(&mut tx, id).await? {
        return Err(Error::NotFound);
    }
    let is_last = connections::of_access(&mut tx, access.id).await?.is_empty();
    let mut changes = vec![Change::Connection(tenant, id)];
    changes.extend(models.iter().map(|model| Change::Model(tenant, model.id)));
    if is_last {
        if let Some(role_arn) = role_of(&access).and_then(|arn| arn.parse().ok()) {
            ownership::give_up(context, &mut tx, &role_arn, access.id).await?;
        }
        accesses::delete(&mut tx, access.id).await?;
        changes.push(Change::Access(tenant, access.id));
    }
    let disconnected = Disconnected {
        models: models.into_iter().map(|model| model.alias).collect(),
        secrets: is_last,
        left_in_aws: left_in_aws(&access, is_last),
    };
    claim.complete(&mut tx, 200, &id.to_string()).await?;
    let detail = json!({
        "name": connection.name,
        "account_id": access.account.map(|account| account.to_string()),
        "models": disconnected.models,
        "access_removed": is_last,
    });
    audit::append(
        context,
        &mut tx,
        caller,
        "connection.disconnected",
        id,
        detail,
    )
    .await?;
    context.commit(tx, &changes).await?;
    Ok(disconnected)
}

fn role_of(access: &Access) -> Option<&str> {
    match &access.fields {
        Fields::IamRole { role_arn, .. } => role_arn.as_deref(),
        Fields::ApiKey | Fields::Cognito(_) => None,
    }
}

/// What the customer may remove in AWS, once nothing here uses it any more.
fn left_in_aws(access: &Access, is_last: bool) -> Vec<String> {
    if !is_last {
        return Vec::new();
    }
    match &access.fields {
        Fields::IamRole {
            role_arn: Some(role_arn),
            ..
        } => vec![format!(
            "The role {role_arn} with its policies. Sessions that AWS gave out before end within an hour; Revoke sessions on the role's page ends them now."
        )],
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
