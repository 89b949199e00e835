//! The sign-in of a Cognito user that is kept, and its end.

use credential_provider::cognito::{AppClient, RefreshToken, UserPoolId, revoke};
use store::{TenantTx, accesses::Access, secrets::SecretName};

use super::{secrets, stored, way::Way};
use crate::{Context, chain::chain};

/// A sign-in that nothing here needs any more once a transaction is committed.
pub(crate) struct SignIn {
    pool: UserPoolId,
    client: AppClient,
    token: RefreshToken,
}

impl SignIn {
    /// That of an access, if one is kept and can be read: what cannot is removed all the same.
    pub(crate) async fn of(context: &Context, tx: &mut TenantTx, access: &Access) -> Option<Self> {
        let found = Self::find(context, tx, access).await;
        found.unwrap_or_else(|error| {
            tracing::warn!(error = chain(&error), access = %access.id, "no sign-in can be read");
            None
        })
    }

    async fn find(
        context: &Context,
        tx: &mut TenantTx,
        access: &Access,
    ) -> store::Result<Option<Self>> {
        let Some(Way::User(user)) = stored::open(context, tx, access).await? else {
            return Ok(None);
        };
        let (name, destination) = (SecretName::RefreshToken, user.destination());
        let token = secrets::open(context, tx, access.id, name, &destination).await?;
        Ok(token.map(|token| Self {
            pool: user.pools.user_pool,
            client: user.client,
            token: RefreshToken::new(token.as_str()),
        }))
    }

    /// Ends it at AWS too, while nobody waits: whoever copied the token has nothing. Where that fails, or the app client
    /// forbids it, it lasts as long as AWS says.
    pub(crate) fn end(self, context: &Context) {
        let aws = context.aws.isolated();
        tokio::spawn(async move {
            if let Err(error) = revoke(&aws, &self.pool, &self.client, &self.token).await {
                tracing::info!(error = chain(&error), "a sign-in was not ended at AWS");
            }
        });
    }
}
