//! What is kept of a Cognito user between two sign-ins, in Postgres: for all replicas, one at a time.

use std::{sync::Weak, time::Duration};

use credential_provider::{
    Error, Result,
    cognito::{Kept, RefreshToken, TokenStore},
};
use domain::{AccessId, TenantId};
use futures_util::future::BoxFuture;
use store::{
    TenantTx,
    accesses::{self, sign_in},
    secrets::{self, SecretName},
};
use time::OffsetDateTime;
use uuid::Uuid;
use vault::Destination;

use super::secrets as sealed;
use crate::{Context, context::Inner};

/// The tokens of one access at one revision. An edit makes them another's.
pub(super) struct StoredTokens {
    pub(super) context: Weak<Inner>,
    pub(super) tenant: TenantId,
    pub(super) access: AccessId,
    pub(super) revision: i32,
    pub(super) destination: Destination,
}

impl StoredTokens {
    fn context(&self) -> Result<Context> {
        Context::upgrade(&self.context).ok_or(Error::Unavailable)
    }

    async fn load(&self) -> Result<Kept> {
        let context = self.context()?;
        let mut tx = context.store.read(self.tenant).await.map_err(unavailable)?;
        let version = self.version(&mut tx).await?;
        let token = sealed::open(
            &context,
            &mut tx,
            self.access,
            SecretName::RefreshToken,
            &self.destination,
        )
        .await
        .map_err(unavailable)?;
        let identity_id = sign_in::identity(&mut tx, self.access, self.revision)
            .await
            .map_err(unavailable)?;
        Ok(Kept {
            refresh_token: token.map(|token| RefreshToken::new(token.as_str())),
            version,
            identity_id,
        })
    }

    async fn replace(&self, seen: u64, token: Option<RefreshToken>) -> Result<bool> {
        let context = self.context()?;
        let mut tx = context
            .store
            .write(self.tenant)
            .await
            .map_err(unavailable)?;
        let access = accesses::lock(&mut tx, self.access)
            .await
            .map_err(unavailable)?;
        if access.is_none_or(|access| access.revision != self.revision) {
            return Err(Error::Superseded);
        }
        if self.version(&mut tx).await? != seen {
            return Ok(false);
        }
        let (access, name) = (self.access, SecretName::RefreshToken);
        match token {
            Some(token) => {
                let token = token.expose();
                sealed::put(&context, &mut tx, access, name, &self.destination, token).await
            }
            None => secrets::delete(&mut tx, access, name).await,
        }
        .map_err(unavailable)?;
        commit(&context, tx).await?;
        Ok(true)
    }

    async fn keep_identity(&self, id: &str) -> Result<()> {
        let context = self.context()?;
        let mut tx = context
            .store
            .write(self.tenant)
            .await
            .map_err(unavailable)?;
        sign_in::keep_identity(&mut tx, self.access, self.revision, id)
            .await
            .map_err(unavailable)?;
        commit(&context, tx).await
    }

    async fn claim(&self, limit: Duration) -> Result<Option<u64>> {
        let context = self.context()?;
        let now = context.now();
        let until = now + limit;
        let mut tx = context
            .store
            .write(self.tenant)
            .await
            .map_err(unavailable)?;
        let is_ours = sign_in::claim(&mut tx, self.access, until, now)
            .await
            .map_err(unavailable)?;
        commit(&context, tx).await?;
        Ok(is_ours.then(|| number(until)))
    }

    async fn release(&self, claim: u64) -> Result<()> {
        let context = self.context()?;
        let until = moment(claim).ok_or(Error::Unavailable)?;
        let mut tx = context
            .store
            .write(self.tenant)
            .await
            .map_err(unavailable)?;
        sign_in::release(&mut tx, self.access, until)
            .await
            .map_err(unavailable)?;
        commit(&context, tx).await
    }

    async fn version(&self, tx: &mut TenantTx) -> Result<u64> {
        let version = secrets::version(tx, self.access, SecretName::RefreshToken)
            .await
            .map_err(unavailable)?;
        Ok(version.map_or(0, folded))
    }
}

impl TokenStore for StoredTokens {
    fn load(&self) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(self.load())
    }

    fn replace(&self, seen: u64, token: Option<RefreshToken>) -> BoxFuture<'_, Result<bool>> {
        Box::pin(self.replace(seen, token))
    }

    fn keep_identity<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.keep_identity(id))
    }

    fn claim(&self, limit: Duration) -> BoxFuture<'_, Result<Option<u64>>> {
        Box::pin(self.claim(limit))
    }

    fn release(&self, claim: u64) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.release(claim))
    }
}

async fn commit(context: &Context, tx: TenantTx) -> Result<()> {
    tx.commit(&[], context.now()).await.map_err(unavailable)
}

/// What happened in the database is for the log: the caller can only come back.
pub(super) fn unavailable(error: store::Error) -> Error {
    match error {
        store::Error::TenantGone => Error::Superseded,
        error => {
            tracing::warn!(
                error = crate::chain::chain(&error),
                "an access could not be read or kept"
            );
            Error::Unavailable
        }
    }
}

/// A claim is told by when it lapses, in whole microseconds as Postgres keeps it: the next one lapses later.
fn number(until: OffsetDateTime) -> u64 {
    u64::try_from(until.unix_timestamp_nanos() / 1_000).unwrap_or(0)
}

fn moment(claim: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(claim) * 1_000).ok()
}

/// The random bits of a data key's id: another one with each token that is sealed.
fn folded(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    high ^ low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claims_number_names_its_moment() {
        let until = OffsetDateTime::from_unix_timestamp_nanos(1_800_000_000_123_456_000).unwrap();
        assert_eq!(moment(number(until)), Some(until));
    }
}
