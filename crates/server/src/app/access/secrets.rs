//! The secrets of a way: which there are, where each is sealed for, and how they are kept and opened.

use credential_provider::cognito::{AppClientId, Kept, UserPoolId, Username};
use domain::{AccessId, Method};
use store::{
    TenantTx,
    accesses::sign_in,
    secrets::{self, SecretName},
};
use vault::Destination;
use zeroize::Zeroizing;

use super::way::{User, Way};
use crate::{Context, app::Result};

/// Where an API key is sent: to Bedrock, whatever else is edited.
fn key_destination() -> Destination {
    Destination::of(Method::ApiKey.as_str(), &[])
}

/// Where an app client's secret is sent.
fn client_destination(pool: &UserPoolId, client: &AppClientId) -> Destination {
    let fields = [
        ("user_pool_id", &*pool.to_string()),
        ("app_client_id", client.as_str()),
    ];
    Destination::of(Method::Cognito.as_str(), &fields)
}

/// Where a password is proved, and a refresh token sent.
pub(super) fn user_destination(
    pool: &UserPoolId,
    client: &AppClientId,
    username: &Username,
) -> Destination {
    let fields = [
        ("user_pool_id", &*pool.to_string()),
        ("app_client_id", client.as_str()),
        ("username", username.as_str()),
    ];
    Destination::of(Method::Cognito.as_str(), &fields)
}

impl User {
    /// Where its password is proved, and its refresh token sent.
    pub(super) fn destination(&self) -> Destination {
        user_destination(&self.pools.user_pool, &self.client.id, &self.username)
    }
}

/// Seals the secrets of `way`, in place of those that the access has. A refresh token of before is worth nothing any more.
pub(crate) async fn keep(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    way: &Way,
) -> Result<()> {
    match way {
        Way::Role(_) => {}
        Way::Key(key) => {
            let destination = key_destination();
            put(
                context,
                tx,
                access,
                SecretName::ApiKey,
                &destination,
                key.expose(),
            )
            .await?;
        }
        Way::User(user) => {
            let destination = user.destination();
            let password = user.password.expose();
            put(
                context,
                tx,
                access,
                SecretName::Password,
                &destination,
                password,
            )
            .await?;
            let destination = client_destination(&user.pools.user_pool, &user.client.id);
            match &user.client.secret {
                Some(secret) => {
                    let (name, secret) = (SecretName::AppClientSecret, secret.expose());
                    put(context, tx, access, name, &destination, secret).await?;
                }
                None => secrets::delete(tx, access, SecretName::AppClientSecret).await?,
            }
            secrets::delete(tx, access, SecretName::RefreshToken).await?;
        }
    }
    Ok(())
}

/// Keeps the tokens and the identity of a sign-in that a test made: the first lease needs no other.
pub(crate) async fn adopt(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    revision: i32,
    user: &User,
    kept: &Kept,
) -> Result<()> {
    if let Some(token) = &kept.refresh_token {
        let (name, destination) = (SecretName::RefreshToken, user.destination());
        put(context, tx, access, name, &destination, token.expose()).await?;
    }
    if let Some(identity) = &kept.identity_id {
        sign_in::keep_identity(tx, access, revision, identity).await?;
    }
    Ok(())
}

pub(super) async fn put(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    name: SecretName,
    destination: &Destination,
    text: &str,
) -> store::Result<()> {
    secrets::put(
        tx,
        &context.ring,
        access,
        name,
        destination,
        text.as_bytes(),
        context.now(),
        &mut context.rng(),
    )
    .await
}

pub(super) async fn open_key(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
) -> store::Result<Option<Zeroizing<String>>> {
    open(context, tx, access, SecretName::ApiKey, &key_destination()).await
}

pub(super) async fn open_client_secret(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    pool: &UserPoolId,
    client: &AppClientId,
) -> store::Result<Option<Zeroizing<String>>> {
    let destination = client_destination(pool, client);
    open(
        context,
        tx,
        access,
        SecretName::AppClientSecret,
        &destination,
    )
    .await
}

/// The secret in the clear. What was sealed here was text.
pub(super) async fn open(
    context: &Context,
    tx: &mut TenantTx,
    access: AccessId,
    name: SecretName,
    destination: &Destination,
) -> store::Result<Option<Zeroizing<String>>> {
    let opened = secrets::open(tx, &context.ring, access, name, destination).await?;
    opened
        .map(|bytes| {
            std::str::from_utf8(&bytes)
                .map(|text| Zeroizing::new(text.to_owned()))
                .map_err(|_| store::Error::Unreadable("secrets.ciphertext"))
        })
        .transpose()
}
