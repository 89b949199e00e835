//! What the lease cache asks about accesses, answered from the database.

use std::sync::{Arc, Weak};

use credential_provider::{
    Accesses, Aws, AwsError, Error, Lease, LeaseKey, Occasion, Proof, Result, Strategy, Unfit,
};
use domain::{Method, Region, TenantId};
use futures_util::future::BoxFuture;
use store::{accesses, passwords};

use super::{
    attempt, is_proven, stored,
    tokens::{StoredTokens, unavailable},
    way::{Bearings, User, Way},
};
use crate::{Context, context::Inner};

/// The accesses of all tenants.
pub(crate) struct StoredAccesses(pub(crate) Weak<Inner>);

impl StoredAccesses {
    fn context(&self) -> Result<Context> {
        Context::upgrade(&self.0).ok_or(Error::Unavailable)
    }

    async fn strategy(&self, key: &LeaseKey, occasion: Occasion) -> Result<Arc<dyn Strategy>> {
        let context = self.context()?;
        let mut tx = context.store.read(key.tenant).await.map_err(unavailable)?;
        let access = accesses::find(&mut tx, key.access)
            .await
            .map_err(unavailable)?
            .filter(|access| access.revision == key.revision && is_proven(access))
            .ok_or(Error::Superseded)?;
        let way = stored::open(&context, &mut tx, &access)
            .await
            .map_err(unavailable)?
            .ok_or(Error::Superseded)?;
        drop(tx);
        let bearings = Bearings::of(&context, key.tenant, key.access);
        let strategy = strategy_of(&context, &way, &bearings, key.revision);
        remembering(&context, key.tenant, &way, strategy, occasion).ok_or(Error::Unavailable)
    }

    async fn is_current(&self, key: &LeaseKey) -> Result<bool> {
        let context = self.context()?;
        let mut tx = context.store.read(key.tenant).await.map_err(unavailable)?;
        let access = accesses::find(&mut tx, key.access)
            .await
            .map_err(unavailable)?;
        Ok(access.is_some_and(|access| access.revision == key.revision && is_proven(&access)))
    }
}

impl Accesses for StoredAccesses {
    fn strategy<'a>(
        &'a self,
        key: &'a LeaseKey,
        occasion: Occasion,
    ) -> BoxFuture<'a, Result<Arc<dyn Strategy>>> {
        Box::pin(self.strategy(key, occasion))
    }

    fn is_current<'a>(&'a self, key: &'a LeaseKey) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.is_current(key))
    }
}

/// What AWS is called with for a kept access; a user's tokens are kept in the database.
pub(crate) fn strategy_of(
    context: &Context,
    way: &Way,
    bearings: &Bearings<'_>,
    revision: i32,
) -> Arc<dyn Strategy> {
    way.strategy(bearings, || {
        let destination = match way {
            Way::User(user) => user.destination(),
            Way::Role(_) | Way::Key(_) => vault::Destination::none(),
        };
        Arc::new(StoredTokens {
            context: context.downgrade(),
            tenant: bearings.tenant,
            access: bearings.access,
            revision,
            destination,
        })
    })
}

/// Whether this user's password was refused when it was last tried: what still signs in by a refresh token says nothing
/// about it then.
pub(crate) async fn is_password_refused(
    context: &Context,
    tenant: TenantId,
    user: &User,
) -> crate::app::Result<bool> {
    let hashes = attempt::Hashes::of(context, tenant, user).ok_or(crate::app::Error::Starting)?;
    let mut tx = context.store.platform().await?;
    Ok(passwords::is_refused(&mut tx, &hashes.password).await?)
}

/// The same, with a memory for refused passwords. None before the service has started.
pub(crate) fn remembering(
    context: &Context,
    tenant: TenantId,
    way: &Way,
    strategy: Arc<dyn Strategy>,
    occasion: Occasion,
) -> Option<Arc<dyn Strategy>> {
    let Way::User(user) = way else {
        return Some(strategy);
    };
    Some(Arc::new(Remembering {
        strategy,
        context: context.downgrade(),
        hashes: attempt::Hashes::of(context, tenant, user)?,
        occasion,
    }))
}

async fn is_refused(context: &Context, hashes: &attempt::Hashes) -> Result<bool> {
    let mut tx = context.store.platform().await.map_err(unavailable)?;
    passwords::is_refused(&mut tx, &hashes.password)
        .await
        .map_err(unavailable)
}

/// A user whose password, once refused, is remembered for all replicas: none tries it again unasked.
struct Remembering {
    strategy: Arc<dyn Strategy>,
    context: Weak<Inner>,
    hashes: attempt::Hashes,
    occasion: Occasion,
}

impl Remembering {
    async fn lease(&self, aws: &Aws, region: &Region) -> Result<Lease> {
        let context = Context::upgrade(&self.context).ok_or(Error::Unavailable)?;
        if self.occasion == Occasion::Use && is_refused(&context, &self.hashes).await? {
            return Err(Error::PasswordRefused(AwsError::new(
                "RespondToAuthChallenge",
                400,
                "NotAuthorizedException",
                "Incorrect username or password.",
                None,
            )));
        }
        let lease = self.strategy.lease(aws, region).await;
        if let Err(Error::PasswordRefused(_)) = &lease {
            self.hashes.refuse(&context).await.map_err(unavailable)?;
        }
        lease
    }
}

impl Strategy for Remembering {
    fn method(&self) -> Method {
        self.strategy.method()
    }

    fn check(&self, aws: &Aws, region: &Region) -> Result<(), Unfit> {
        self.strategy.check(aws, region)
    }

    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(self.lease(aws, region))
    }

    fn prove<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        self.strategy.prove(aws, region)
    }
}
