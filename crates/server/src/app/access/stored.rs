//! An access as it is kept, with its secrets opened.

use credential_provider::cognito::{AppClient, AppClientId, Pools};
use domain::{AccessId, Federation, Invalid};
use store::{
    TenantTx,
    accesses::{Access, CognitoFields, Fields},
    secrets::SecretName,
};

use super::{
    secrets,
    way::{Demand, Role, User, Way},
};
use crate::Context;

/// The way of a kept access; none while it is only reserved.
pub(crate) async fn open(
    context: &Context,
    tx: &mut TenantTx,
    access: &Access,
) -> store::Result<Option<Way>> {
    Ok(match &access.fields {
        Fields::IamRole {
            role_arn: Some(role_arn),
            ..
        } => match demand(&access.fields)? {
            Some(demand) => Some(Way::Role(Role {
                role_arn: readable("accesses.role_arn", role_arn)?,
                demand,
            })),
            None => None,
        },
        Fields::IamRole { role_arn: None, .. } => None,
        Fields::ApiKey => secrets::open_key(context, tx, access.id)
            .await?
            .map(|key| readable("secrets.api_key", &key))
            .transpose()?
            .map(Way::Key),
        Fields::Cognito(fields) => open_user(context, tx, access.id, fields)
            .await?
            .map(|user| Way::User(Box::new(user))),
    })
}

/// What a role has to demand, as it is kept or reserved; none for other methods.
pub(crate) fn demand(fields: &Fields) -> store::Result<Option<Demand>> {
    Ok(match fields {
        Fields::IamRole {
            federation: Federation::AssumeRole,
            external_id: Some(external_id),
            ..
        } => Some(Demand::ExternalId {
            value: readable("accesses.external_id", &external_id.value)?,
            is_generated: external_id.is_generated,
        }),
        Fields::IamRole {
            federation: Federation::Oidc,
            ..
        } => Some(Demand::Token),
        Fields::IamRole { .. } | Fields::ApiKey | Fields::Cognito(_) => None,
    })
}

async fn open_user(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    fields: &CognitoFields,
) -> store::Result<Option<User>> {
    let CognitoFields {
        user_pool_id: Some(user_pool),
        app_client_id: Some(client),
        identity_pool_id: Some(identity_pool),
        username: Some(username),
        pool_region,
    } = fields
    else {
        return Ok(None);
    };
    let pools = Pools {
        user_pool: readable("accesses.user_pool_id", user_pool)?,
        identity_pool: readable("accesses.identity_pool_id", identity_pool)?,
        region: pool_region
            .as_deref()
            .map(|region| readable("accesses.pool_region", region))
            .transpose()?,
    };
    let client: AppClientId = readable("accesses.app_client_id", client)?;
    let username = readable("accesses.username", username)?;
    let destination = secrets::user_destination(&pools.user_pool, &client, &username);
    let Some(password) =
        secrets::open(context, tx, access, SecretName::Password, &destination).await?
    else {
        return Ok(None);
    };
    let secret =
        secrets::open_client_secret(context, tx, access, &pools.user_pool, &client).await?;
    Ok(Some(User {
        client: AppClient {
            id: client,
            secret: secret
                .map(|secret| readable("secrets.app_client_secret", &secret))
                .transpose()?,
        },
        pools,
        username,
        password: readable("secrets.password", &password)?,
    }))
}

/// What was written here kept the rules; anything else was changed behind our back.
fn readable<T: std::str::FromStr<Err = Invalid>>(
    column: &'static str,
    text: &str,
) -> store::Result<T> {
    text.parse().map_err(|_| store::Error::Unreadable(column))
}
