//! An attempt to sign in as a Cognito user with a password: counted and remembered by keyed hash, so that neither a
//! tenant's impatience nor another tenant locks the user out.

use domain::TenantId;
use store::passwords;
use time::{Duration, OffsetDateTime};

use super::{hashes, way::User};
use crate::{
    Context,
    app::{Error, Result},
};

/// Who is signed in as, and with what, by keyed hash.
#[derive(Clone)]
pub(super) struct Hashes {
    pub(super) password: [u8; 32],
    user: [u8; 32],
}

impl Hashes {
    /// None before the service has started.
    pub(super) fn of(context: &Context, tenant: TenantId, user: &User) -> Option<Self> {
        let key = context.hash_key()?;
        let pool = &user.pools.user_pool;
        Some(Self {
            password: hashes::password(
                key,
                tenant,
                pool,
                &user.client,
                &user.username,
                &user.password,
            ),
            user: hashes::user(key, pool, &user.username),
        })
    }

    /// Remembers that the password was refused.
    pub(super) async fn refuse(&self, context: &Context) -> store::Result<()> {
        let mut tx = context.store.platform().await?;
        passwords::refuse(&mut tx, self.attempt(), context.now()).await?;
        tx.commit(&[], context.now()).await
    }

    const fn attempt(&self) -> passwords::Attempt<'_> {
        passwords::Attempt {
            password: &self.password,
            user: &self.user,
        }
    }
}

/// An attempt that a person asked for.
pub(crate) struct Attempt {
    hashes: Hashes,
    made_at: OffsetDateTime,
}

impl Attempt {
    /// Notes the attempt before it is made.
    ///
    /// # Errors
    /// [`Error::LockedOut`] if it may not be made yet.
    pub(crate) async fn begin(context: &Context, tenant: TenantId, user: &User) -> Result<Self> {
        let hashes = Hashes::of(context, tenant, user).ok_or(Error::Starting)?;
        let made_at = context.now();
        let mut tx = context.store.platform().await?;
        let begun = passwords::begin(&mut tx, hashes.attempt(), made_at).await?;
        tx.commit(&[], made_at).await?;
        match begun {
            Ok(()) => Ok(Self { hashes, made_at }),
            Err(wait) => Err(Error::LockedOut(whole_seconds(wait))),
        }
    }

    /// Notes how it ended: whether the password was taken, or `None` if it never came to that.
    pub(crate) async fn end(self, context: &Context, taken: Option<bool>) -> Result<()> {
        if taken == Some(false) {
            return Ok(self.hashes.refuse(context).await?);
        }
        let mut tx = context.store.platform().await?;
        let attempt = self.hashes.attempt();
        match taken {
            Some(_) => passwords::clear(&mut tx, attempt).await?,
            None => passwords::withdraw(&mut tx, attempt, self.made_at).await?,
        }
        Ok(tx.commit(&[], context.now()).await?)
    }
}

/// Rounded up: whoever waits that long may come back.
fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from((wait + Duration::nanoseconds(999_999_999)).whole_seconds()).unwrap_or(0)
}
