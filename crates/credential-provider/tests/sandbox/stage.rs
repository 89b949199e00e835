//! A sandbox with the platform's user in one account and whatever a test puts into the customer's, and AWS as the
//! service would reach it there.

use std::{sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use credential_provider::{
    Aws, AwsSettings, Endpoint, Endpoints, Error, Identity, Lease, OwnIdentity, Result, Service,
    from_sdk,
    iam_role::{AssumeRole, SessionName},
    sdk_config,
};
use domain::{AccessId, Clock, ManualClock, Partition, Region, TenantId};
use sandbox::{
    AccessKey, Account, Sandbox, Seed, Settings, World,
    policy::Policy,
    sts::{Role, User},
};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-25 09:00 UTC);
pub(crate) const PLATFORM: &str = "111122223333";
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const EXTERNAL_ID: &str = "bi-5ca1ab1e";
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CALL_LIMIT: Duration = Duration::from_secs(10);

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) aws: Aws,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let user = User::new("platform")
            .key(ACCESS_KEY, SECRET)
            .policy(allowing("sts:AssumeRole"));
        let world = World::new();
        world.account(PLATFORM, |account| account.users.push(user));
        world.account(ACCOUNT, |_| {});
        let clock = Arc::new(ManualClock::at(NOW));
        let settings = Settings::local(world, clock.clone());
        let sandbox = Sandbox::start(settings).await.unwrap();
        let aws = reach(&sandbox, clock.clone(), Some(own(ACCESS_KEY, SECRET)));
        Self {
            sandbox,
            clock,
            aws,
        }
    }

    /// One where the customer has this role.
    pub(crate) async fn with(role: Role) -> Self {
        let stage = Self::new().await;
        stage.change(|account| account.roles.push(role));
        stage
    }

    /// AWS, reached by a service that is somebody else, or nobody.
    pub(crate) fn aws_as(&self, identity: Option<OwnIdentity>) -> Aws {
        reach(&self.sandbox, self.clock.clone(), identity)
    }

    /// AWS, reached by a service whose clock shows another time.
    pub(crate) fn aws_at(&self, now: OffsetDateTime) -> Aws {
        let clock = Arc::new(ManualClock::at(now));
        reach(&self.sandbox, clock, Some(own(ACCESS_KEY, SECRET)))
    }

    /// Changes the customer's account.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Account)) {
        self.sandbox.world().account(ACCOUNT, change);
    }

    /// How many calls came, whatever they were.
    pub(crate) fn calls(&self) -> usize {
        self.sandbox.world().seen().len()
    }

    /// Whom AWS sees behind a lease.
    pub(crate) async fn caller(&self, lease: &Lease) -> Result<String> {
        const OPERATION: &str = "GetCallerIdentity";
        let answer = self.sts(lease).get_caller_identity().send().await;
        let answer = answer.map_err(|error| from_sdk(OPERATION, CALL_LIMIT, &error))?;
        Ok(answer.arn.unwrap())
    }

    /// STS, asked with a lease.
    pub(crate) fn sts(&self, lease: &Lease) -> aws_sdk_sts::Client {
        let Identity::Credentials(credentials) = lease.identity() else {
            panic!("STS takes no API keys");
        };
        let config = sdk_config!(aws_sdk_sts, &self.aws, Service::Sts, "us-east-1")
            .credentials_provider(credentials.clone());
        aws_sdk_sts::Client::from_conf(config.build())
    }
}

fn reach(sandbox: &Sandbox, clock: Arc<dyn Clock>, identity: Option<OwnIdentity>) -> Aws {
    Aws::new(AwsSettings {
        endpoints: Endpoints::every(Endpoint::parse(&sandbox.url()).unwrap()),
        identity,
        clock,
        entropy: Arc::new(Seed::new(1)),
        call_limit: CALL_LIMIT,
    })
}

/// The service's identity with this key.
pub(crate) fn own(key: &str, secret: &str) -> OwnIdentity {
    OwnIdentity {
        credentials: SharedCredentialsProvider::new(Credentials::new(
            key, secret, None, None, "test",
        )),
        partition: Partition::Aws,
    }
}

/// The platform's user, as one who signs.
pub(crate) fn signer() -> (&'static str, AccessKey) {
    let key = AccessKey {
        secret: SECRET.to_owned(),
        session_token: None,
        expires_at: None,
    };
    (ACCESS_KEY, key)
}

/// The way into the customer's role of that name.
pub(crate) fn way_into(role: &str) -> AssumeRole {
    let access: AccessId = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap();
    AssumeRole {
        role_arn: role_arn(role).parse().unwrap(),
        external_id: EXTERNAL_ID.parse().unwrap(),
        session_name: SessionName::of(TenantId::PLATFORM, access),
        more_actions: Vec::new(),
    }
}

pub(crate) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

/// Lets the platform's user in, if `condition` holds.
pub(crate) fn trusting_us(condition: &Value) -> Policy {
    trust(
        &json!({ "AWS": format!("arn:aws:iam::{PLATFORM}:user/platform") }),
        "sts:AssumeRole",
        condition,
    )
}

/// Demands the external ID.
pub(crate) fn demanded() -> Value {
    json!({ "StringEquals": { "sts:ExternalId": EXTERNAL_ID } })
}

pub(crate) fn trust(principal: &Value, action: &str, condition: &Value) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition },
    }))
}

pub(crate) fn allowing(action: &str) -> Policy {
    Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" },
    }))
}

/// The code and message of AWS's no.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> (String, String) {
    match result {
        Err(Error::Rejected(refusal)) => (refusal.code, refusal.message),
        other => panic!("not refused: {other:?}"),
    }
}
