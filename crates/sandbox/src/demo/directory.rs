//! The customer's Cognito: a user pool with a user in every state that a password can be in, and two identity pools, of
//! which one forgot to be linked.

use serde::Serialize;
use serde_json::json;

use super::{ACCOUNT, bedrock_access, role_arn};
use crate::{
    World,
    cognito::{AppClient, Challenge, IdentityPool, PoolUser, Status, UserPool},
    policy::Policy,
    sts::Role,
};

const ROLE: &str = "BedrockSignedIn";

/// What the customer has in Cognito.
#[derive(Clone, Serialize)]
pub struct Directory {
    /// The user pool.
    pub user_pool_id: &'static str,
    /// An app client without a secret.
    pub app_client_id: &'static str,
    /// An app client with one.
    pub confidential_app_client_id: &'static str,
    /// The secret of the latter.
    pub confidential_app_client_secret: &'static str,
    /// The identity pool that takes the tokens of both.
    pub identity_pool_id: &'static str,
    /// An identity pool that takes nobody's.
    pub unlinked_identity_pool_id: &'static str,
    /// The user who gets in.
    pub username: &'static str,
    /// The password of all users.
    pub password: &'static str,
    /// Users who do not get in, called after the reason.
    pub refused_usernames: Vec<String>,
}

impl Directory {
    pub(super) fn build(world: &World) -> Self {
        let mut directory = Self {
            user_pool_id: "us-east-1_DemoPool1",
            app_client_id: "1demo0client0without0secret",
            confidential_app_client_id: "2demo0client0with0a0secret",
            confidential_app_client_secret: "demo0secret0of0the0app0client0that0has0one0example",
            identity_pool_id: "us-east-1:11111111-2222-4333-8444-555555555555",
            unlinked_identity_pool_id: "us-east-1:66666666-7777-4888-9999-000000000000",
            username: "svc",
            password: "Demo-Pa55word",
            refused_usernames: Vec::new(),
        };
        let refused = directory.refused();
        directory.refused_usernames = refused.iter().map(|user| user.username.clone()).collect();
        let pool = refused
            .into_iter()
            .fold(directory.user_pool(), UserPool::user);
        world.account(ACCOUNT, |account| {
            account.user_pools.push(pool);
            account.identity_pools.extend(directory.identity_pools());
            account.roles.push(directory.role());
        });
        directory
    }

    fn refused(&self) -> [PoolUser; 6] {
        let user = |name| PoolUser::new(name, self.password);
        [
            user("new-password-required").status(Status::ForceChangePassword),
            user("temporary-password-expired").status(Status::TemporaryPasswordExpired),
            user("password-reset-required").status(Status::ResetRequired),
            user("not-confirmed").status(Status::Unconfirmed),
            user("disabled").disabled(),
            user("mfa-required").challenged(Challenge::SoftwareTokenMfa),
        ]
    }

    /// Its clients tell which users exist, or nobody would see that a password was reset.
    fn user_pool(&self) -> UserPool {
        UserPool::new(self.user_pool_id)
            .user(PoolUser::new(self.username, self.password))
            .client(AppClient::new(self.app_client_id).revealing_users())
            .client(
                AppClient::new(self.confidential_app_client_id)
                    .secret(self.confidential_app_client_secret)
                    .revealing_users(),
            )
    }

    fn identity_pools(&self) -> [IdentityPool; 2] {
        [
            IdentityPool::new(self.identity_pool_id)
                .linked(self.user_pool_id, self.app_client_id)
                .linked(self.user_pool_id, self.confidential_app_client_id)
                .authenticated_role(&role_arn(ROLE)),
            IdentityPool::new(self.unlinked_identity_pool_id).authenticated_role(&role_arn(ROLE)),
        ]
    }

    fn role(&self) -> Role {
        let trust = Policy::of(&json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "Federated": "cognito-identity.amazonaws.com" },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": { "cognito-identity.amazonaws.com:aud": self.identity_pool_id },
                    "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
                },
            },
        }));
        Role::new(ROLE, trust).policy(bedrock_access())
    }
}
