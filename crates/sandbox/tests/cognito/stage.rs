//! A sandbox with a user pool and an identity pool in it, and the calls that a client makes.

use std::sync::Arc;

use domain::{Clock, ManualClock};
use sandbox::{
    Sandbox, Seed, Settings, World,
    cognito::{AppClient, IdentityPool, PoolUser, UserPool},
    policy::Policy,
    sts::Role,
};
use serde_json::{Value, json};
use time::macros::datetime;

use crate::srp::{self, Client};

pub(crate) const ACCOUNT: &str = "210987654321";
pub(crate) const POOL: &str = "eu-west-1_AbCdEf123";
pub(crate) const IDENTITIES: &str = "eu-west-1:11111111-2222-3333-4444-555555555555";
pub(crate) const CLIENT: &str = "5s3cr3tl3ss0c0uld0b3any1";
pub(crate) const PROVIDER: &str = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
pub(crate) const USER: &str = "svc";
pub(crate) const PASSWORD: &str = "Right-Pa55word";

/// What AWS says no with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct No {
    pub(crate) code: String,
    pub(crate) message: String,
}

pub(crate) type Answer = Result<Value, No>;

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    http: reqwest::Client,
}

/// A sign-in whose challenge has come.
pub(crate) struct Begun {
    pub(crate) client: String,
    pub(crate) challenge: Value,
    srp: Client,
}

impl Stage {
    /// A pool with one confirmed user and a client without a secret, linked to an identity pool.
    pub(crate) async fn plain() -> Self {
        Self::new(AppClient::new(CLIENT), PoolUser::new(USER, PASSWORD)).await
    }

    pub(crate) async fn new(client: AppClient, user: PoolUser) -> Self {
        let client_id = client.id.clone();
        let trust = trust_of(IDENTITIES);
        let world = World::new();
        world.account(ACCOUNT, |account| {
            account
                .user_pools
                .push(UserPool::new(POOL).client(client).user(user));
            account.roles.push(Role::new("bedrock-users", trust));
            account.identity_pools.push(
                IdentityPool::new(IDENTITIES)
                    .linked(POOL, &client_id)
                    .authenticated_role(&role("bedrock-users")),
            );
        });
        let clock = Arc::new(ManualClock::at(datetime!(2026-02-03 08:05:01 UTC)));
        let sandbox = Sandbox::start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            world,
            clock: clock.clone(),
            entropy: Arc::new(Seed::new(7)),
        })
        .await
        .unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            sandbox,
            clock,
            http,
        }
    }

    pub(crate) fn change_pool(&self, change: impl FnOnce(&mut UserPool)) {
        let world = self.sandbox.world();
        world.account(ACCOUNT, |account| change(&mut account.user_pools[0]));
    }

    pub(crate) fn change_user(&self, change: impl FnOnce(&mut PoolUser)) {
        self.change_pool(|pool| change(&mut pool.users[0]));
    }

    pub(crate) fn change_identities(&self, change: impl FnOnce(&mut IdentityPool)) {
        let world = self.sandbox.world();
        world.account(ACCOUNT, |account| change(&mut account.identity_pools[0]));
    }

    pub(crate) async fn user_pools(&self, operation: &str, body: Value) -> Answer {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        self.post("cognito-idp.eu-west-1.amazonaws.com", &target, &body)
            .await
    }

    pub(crate) async fn identity_pools(&self, operation: &str, body: Value) -> Answer {
        let target = format!("AWSCognitoIdentityService.{operation}");
        self.post("cognito-identity.eu-west-1.amazonaws.com", &target, &body)
            .await
    }

    pub(crate) async fn post(&self, host: &str, target: &str, body: &Value) -> Answer {
        let answer = self
            .http
            .post(self.sandbox.url())
            .header("host", host)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.headers()["content-type"],
            "application/x-amz-json-1.1"
        );
        let status = answer.status();
        let value: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        if status == 200 {
            return Ok(value);
        }
        assert_eq!(status, 400);
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        Err(No {
            code: text("__type"),
            message: text("message"),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/{path}", self.sandbox.url());
        let answer = self.http.get(url).send().await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap(),
        )
    }

    /// InitiateAuth without a secret.
    pub(crate) async fn begin(&self, client: &str, name: &str) -> Result<Begun, No> {
        self.begin_with(client, name, None).await
    }

    pub(crate) async fn begin_with(
        &self,
        client: &str,
        name: &str,
        hash: Option<&str>,
    ) -> Result<Begun, No> {
        let srp = Client::new(u64::try_from(self.sandbox.world().seen().len()).unwrap());
        let mut parameters = json!({ "USERNAME": name, "SRP_A": srp.public() });
        if let Some(hash) = hash {
            parameters["SECRET_HASH"] = json!(hash);
        }
        let body = json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": client, "AuthParameters": parameters });
        let challenge = self.user_pools("InitiateAuth", body).await?;
        assert_eq!(challenge["ChallengeName"], "PASSWORD_VERIFIER");
        Ok(Begun {
            client: client.to_owned(),
            challenge,
            srp,
        })
    }

    /// What a client answers that has the password.
    pub(crate) fn proof(&self, begun: &Begun, password: &str) -> Value {
        begun.proof(password, &srp::timestamp(self.clock.now()))
    }

    pub(crate) async fn respond(&self, begun: &Begun, responses: Value) -> Answer {
        let body = json!({
            "ClientId": begun.client,
            "ChallengeName": "PASSWORD_VERIFIER",
            "Session": begun.challenge["Session"],
            "ChallengeResponses": responses,
        });
        self.user_pools("RespondToAuthChallenge", body).await
    }

    /// The whole sign-in.
    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let begun = self.begin(CLIENT, name).await?;
        self.respond(&begun, self.proof(&begun, password)).await
    }

    /// The tokens of the one user.
    pub(crate) async fn tokens(&self) -> Value {
        self.sign_in(USER, PASSWORD).await.unwrap()["AuthenticationResult"].clone()
    }
}

impl Begun {
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.challenge["ChallengeParameters"][name]
            .as_str()
            .unwrap()
    }

    pub(crate) fn proof(&self, password: &str, timestamp: &str) -> Value {
        json!({
            "USERNAME": self.parameter("USER_ID_FOR_SRP"),
            "PASSWORD_CLAIM_SECRET_BLOCK": self.parameter("SECRET_BLOCK"),
            "PASSWORD_CLAIM_SIGNATURE": self.srp.sign(POOL, &self.challenge, password, timestamp),
            "TIMESTAMP": timestamp,
        })
    }
}

pub(crate) fn no(code: &str, message: &str) -> Answer {
    Err(No {
        code: code.to_owned(),
        message: message.to_owned(),
    })
}

pub(crate) fn not_authorized(message: &str) -> Answer {
    no("NotAuthorizedException", message)
}

pub(crate) fn incorrect() -> Answer {
    not_authorized("Incorrect username or password.")
}

pub(crate) fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub(crate) fn trust_of(identity_pool: &str) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "Federated": "cognito-identity.amazonaws.com" },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": { "cognito-identity.amazonaws.com:aud": identity_pool },
                "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
            },
        },
    }))
}
