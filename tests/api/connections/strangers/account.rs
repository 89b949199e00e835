//! A tenant's AWS account, with a way in by each method. Its mark is in every name.

use domain::AccountId;
use sandbox::{
    bedrock::{Holdings, LongTermKey},
    cognito::{AppClient, IdentityPool, PoolUser, UserPool},
    policy::Policy,
    sts::Role,
};
use serde_json::{Value, json};

use crate::connections::world::World;

const PASSWORD: &str = "Demo-Pa55word";

pub(super) struct Account {
    pub(super) mark: &'static str,
    pub(super) number: &'static str,
    pub(super) key: String,
    identity_pool: String,
}

impl Account {
    pub(super) fn build(world: &World, mark: &'static str, number: &'static str) -> Self {
        let id: AccountId = number.parse().unwrap();
        let key = LongTermKey::new(&format!("{mark}-key"), &format!("secret-of-{mark}-secret"))
            .policy(everything());
        let account = Self {
            mark,
            number,
            key: key.token(id),
            identity_pool: format!("us-east-1:{}-1111-4111-8111-111111111111", &number[..8]),
        };
        let pool = UserPool::new(&account.user_pool())
            .user(PoolUser::new(mark, PASSWORD))
            .client(AppClient::new(mark).revealing_users());
        let trusted = json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "Federated": "cognito-identity.amazonaws.com" },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": { "cognito-identity.amazonaws.com:aud": account.identity_pool },
                    "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
                },
            },
        });
        let role =
            Role::new(&format!("{mark}-signed-in"), Policy::of(&trusted)).policy(everything());
        let identities = IdentityPool::new(&account.identity_pool)
            .linked(&account.user_pool(), mark)
            .authenticated_role(&role.arn(id));
        world.aws.world.account(number, |account| {
            account.bedrock = Holdings::sample(world.aws.demo.region);
            account.bedrock.api_keys.push(key);
            account.user_pools.push(pool);
            account.identity_pools.push(identities);
            account.roles.push(role);
        });
        account
    }

    /// A new role that demands this external ID. Its ARN.
    pub(super) fn role(&self, world: &World, count: usize, external_id: &str) -> String {
        let trusted = json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "AWS": world.aws.demo.platform.principal_arn },
                "Action": "sts:AssumeRole",
                "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
            },
        });
        let name = format!("{}-{count}", self.mark);
        let role = Role::new(&name, Policy::of(&trusted)).policy(everything());
        let arn = role.arn(self.number.parse().unwrap());
        world
            .aws
            .world
            .account(self.number, |account| account.roles.push(role));
        arn
    }

    /// What a customer of this account agreed on with everybody who uses its roles.
    pub(super) fn agreed(&self) -> String {
        format!("agreed-{}", self.mark)
    }

    pub(super) fn by_key(&self) -> Value {
        json!({ "method": "api_key", "region": "us-east-1", "fields": { "api_key": self.key } })
    }

    pub(super) fn by_user(&self) -> Value {
        json!({
            "method": "cognito",
            "region": "us-east-1",
            "fields": {
                "user_pool_id": self.user_pool(),
                "app_client_id": self.mark,
                "identity_pool_id": self.identity_pool,
                "username": self.mark,
                "password": PASSWORD,
            },
        })
    }

    fn user_pool(&self) -> String {
        format!("us-east-1_{}", self.mark)
    }
}

fn everything() -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "bedrock:*", "Resource": "*" },
    }))
}
