//! A user of a Cognito user pool, made for this service, who may use Bedrock through an identity pool.
//!
//! Signing in proves the password without sending it (SRP). A refused password is tried once and not again: five
//! refusals lock the user out. A refresh token saves most sign-ins; one that was rotated is kept before what came with it
//! is used, or a crash would lose it.

mod app_client;
mod identity;
mod pools;
mod secret;
mod secret_hash;
mod sign_in;
mod srp;
mod tokens;
mod user;

use std::{fmt, sync::Arc, time::Duration};

use domain::{Method, Region};
use futures_util::future::BoxFuture;

pub use app_client::{AppClient, AppClientId, AppClientSecret};
pub use pools::{IdentityPoolId, Misplaced, Pools, UserPoolId};
pub use sign_in::revoke;
pub use tokens::{Kept, MemoryTokens, RefreshToken, TokenStore};
pub use user::{Password, Username};

use self::sign_in::Tokens;
use crate::{Aws, Error, Lease, Proof, Result, Strategy, Unfit};

/// Longest that one replica may have the right to sign in, and to the refresh token.
const CLAIM: Duration = Duration::from_secs(15);
/// How often, and how long apart, a replica looks whether another has given that right back.
const LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(250);

/// A user who signs in.
#[derive(Clone)]
pub struct Cognito {
    /// Where.
    pub pools: Pools,
    /// As which app.
    pub client: AppClient,
    /// Who.
    pub username: Username,
    /// With what.
    pub password: Password,
    /// What is kept between two sign-ins.
    pub tokens: Arc<dyn TokenStore>,
}

impl Cognito {
    async fn sign_in(&self, aws: &Aws, region: &Region) -> Result<Lease> {
        self.check(aws, region)?;
        let mut request_ids = Vec::new();
        let claim = self.claim().await?;
        let tokens = self.fresh(aws, claim.is_some(), &mut request_ids).await;
        if let Some(claim) = claim {
            // A right that cannot be given back lapses by itself.
            let _ = self.tokens.release(claim).await;
        }
        let tokens = tokens?;
        let kept = self.tokens.load().await?.identity_id;
        let (id, lease) =
            identity::credentials(self, aws, &tokens.id, kept.as_deref(), &mut request_ids).await?;
        if kept.as_deref() != Some(&*id) {
            self.tokens.keep_identity(&id).await?;
        }
        Ok(lease.reached(None, None, request_ids))
    }

    /// Waits for the right to the refresh token. None after a while: then the password has to do.
    async fn claim(&self) -> Result<Option<u64>> {
        for _ in 0..LOOKS {
            if let Some(claim) = self.tokens.claim(CLAIM).await? {
                return Ok(Some(claim));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(None)
    }

    /// Tokens for the refresh token, if it may be used and serves; else for the password.
    async fn fresh(
        &self,
        aws: &Aws,
        may_refresh: bool,
        request_ids: &mut Vec<String>,
    ) -> Result<Tokens> {
        if may_refresh && let Some(tokens) = self.refresh(aws, request_ids).await? {
            return Ok(tokens);
        }
        self.prove_password(aws, request_ids).await
    }

    /// Tokens for the refresh token that is kept; none if there is none, or AWS does not take it any more.
    async fn refresh(&self, aws: &Aws, request_ids: &mut Vec<String>) -> Result<Option<Tokens>> {
        let kept = self.tokens.load().await?;
        let Some(token) = &kept.refresh_token else {
            return Ok(None);
        };
        match sign_in::with_refresh_token(self, aws, token, request_ids).await {
            Ok(tokens) => {
                if let Some(rotated) = &tokens.refresh {
                    self.tokens
                        .replace(kept.version, Some(rotated.clone()))
                        .await?;
                }
                Ok(Some(tokens))
            }
            Err(Error::Rejected(_)) => {
                self.tokens.replace(kept.version, None).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn prove_password(&self, aws: &Aws, request_ids: &mut Vec<String>) -> Result<Tokens> {
        let version = self.tokens.load().await?.version;
        let tokens = sign_in::with_password(self, aws, request_ids).await?;
        if let Some(token) = &tokens.refresh {
            // If another replica signed in meanwhile, its token is as good as this one.
            self.tokens.replace(version, Some(token.clone())).await?;
        }
        Ok(tokens)
    }
}

impl Strategy for Cognito {
    fn method(&self) -> Method {
        Method::Cognito
    }

    fn check(&self, _: &Aws, region: &Region) -> Result<(), Unfit> {
        self.pools
            .check(region)
            .map_err(|_| Unfit::PoolOfAnotherRegion)
    }

    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(self.sign_in(aws, region))
    }

    fn prove<'a>(&'a self, _: &'a Aws, _: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        Box::pin(std::future::ready(Ok(Proof::NotNeeded)))
    }
}

impl fmt::Debug for Cognito {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cognito")
            .field("pools", &self.pools)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
