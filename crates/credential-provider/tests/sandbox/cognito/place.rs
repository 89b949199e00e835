//! A user pool with one user and one app client, linked to an identity pool, and the way in as that user.

use std::sync::Arc;

use credential_provider::{
    Lease, Result, Strategy,
    cognito::{self, Cognito, MemoryTokens, Pools, TokenStore},
};
use sandbox::{
    Fault, Harm, Refusal,
    cognito::{AppClient, IdentityPool, PoolUser, UserPool},
    sts::Role,
};
use serde_json::json;

use crate::stage::{Stage, region, role_arn, trust};

pub(crate) const POOL: &str = "eu-west-1_AbCdEf123";
pub(crate) const IDENTITIES: &str = "eu-west-1:11111111-2222-3333-4444-555555555555";
pub(crate) const CLIENT: &str = "5s3cr3tl3ss0c0uld0b3any1";
pub(crate) const CLIENT_SECRET: &str = "9ivmn5wnmvnwmnhowEXAMPLEsecret";
pub(crate) const USER: &str = "svc";
pub(crate) const PASSWORD: &str = "Right-Pa55word";
const ROLE: &str = "BedrockSignedIn";

pub(crate) struct Place {
    pub(crate) stage: Stage,
    pub(crate) tokens: Arc<MemoryTokens>,
    /// The way in; tests change it.
    pub(crate) way: Cognito,
}

impl Place {
    /// As the console makes it, with a confirmed user.
    pub(crate) async fn plain() -> Self {
        Self::new(AppClient::new(CLIENT), PoolUser::new(USER, PASSWORD)).await
    }

    /// With this user.
    pub(crate) async fn of(user: PoolUser) -> Self {
        Self::new(AppClient::new(CLIENT).revealing_users(), user).await
    }

    pub(crate) async fn new(client: AppClient, user: PoolUser) -> Self {
        let stage = Stage::new().await;
        let username = user.email.as_deref().unwrap_or(&user.username);
        let tokens = Arc::new(MemoryTokens::default());
        let way = Cognito {
            pools: Pools {
                user_pool: POOL.parse().unwrap(),
                identity_pool: IDENTITIES.parse().unwrap(),
                region: None,
            },
            client: cognito::AppClient {
                id: CLIENT.parse().unwrap(),
                secret: client.secret.as_ref().map(|text| text.parse().unwrap()),
            },
            username: username.parse().unwrap(),
            password: PASSWORD.parse().unwrap(),
            tokens: tokens.clone(),
        };
        let guest = json!({ "Federated": "cognito-identity.amazonaws.com" });
        let demanded = json!({
            "StringEquals": { "cognito-identity.amazonaws.com:aud": IDENTITIES },
            "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
        });
        let role = Role::new(
            ROLE,
            trust(&guest, "sts:AssumeRoleWithWebIdentity", &demanded),
        );
        stage.change(|account| {
            account.roles.push(role);
            let pool = UserPool::new(POOL).client(client).user(user);
            account.user_pools.push(pool);
            let pool = IdentityPool::new(IDENTITIES).linked(POOL, CLIENT);
            let pool = pool.authenticated_role(&role_arn(ROLE));
            account.identity_pools.push(pool);
        });
        Self { stage, tokens, way }
    }

    pub(crate) async fn lease(&self) -> Result<Lease> {
        // Each call once: what a test makes go wrong should not be waited for.
        let aws = self.stage.aws.without_retries();
        self.way.lease(&aws, &region()).await
    }

    /// Whom AWS sees behind a lease of now.
    pub(crate) async fn caller(&self) -> Result<String> {
        self.stage.caller(&self.lease().await?).await
    }

    /// How often an operation was called so far.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.stage.sandbox.world().count(operation)
    }

    pub(crate) fn change_pool(&self, change: impl FnOnce(&mut UserPool)) {
        self.stage
            .change(|account| change(&mut account.user_pools[0]));
    }

    pub(crate) fn change_identities(&self, change: impl FnOnce(&mut IdentityPool)) {
        self.stage
            .change(|account| change(&mut account.identity_pools[0]));
    }

    /// Lets AWS refuse an operation so, from now on.
    pub(crate) fn refuse(
        &self,
        operation: &'static str,
        (status, code, message): (u16, &'static str, &str),
    ) {
        let refusal = Refusal::new(status, code, message);
        let fault = Fault::always(Harm::Refuse(refusal)).on(operation);
        self.stage.sandbox.world().fault(fault);
    }

    /// The refresh token that is kept.
    pub(crate) async fn kept_token(&self) -> Option<String> {
        let kept = self.tokens.load().await.unwrap();
        kept.refresh_token.map(|token| token.expose().to_owned())
    }

    /// The identity that is kept.
    pub(crate) async fn kept_identity(&self) -> Option<String> {
        self.tokens.load().await.unwrap().identity_id
    }
}
