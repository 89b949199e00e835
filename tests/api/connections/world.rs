//! Two tenants, an AWS, and a service between them.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Answer, Aws, BEDROCK, Client, Options, Service, service::manual_clock};
use sandbox::{cognito::IdentityPool, policy::Policy, sts::Role};
use serde_json::{Value, json};
use server::config::AwsConfig;
use time::Duration;

/// A service with an AWS, and callers of two tenants.
pub(crate) struct World {
    pub(crate) aws: Aws,
    pub(crate) service: Service,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) admin: Client,
    pub(crate) member: Client,
    pub(crate) viewer: Client,
    /// The admin of the other tenant.
    pub(crate) other: Client,
    /// The operator, on behalf of the first tenant.
    pub(crate) operator: Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// One whose operator has configured something else.
    pub(crate) async fn with(configure: impl FnOnce(&mut AwsConfig)) -> Self {
        let clock = manual_clock();
        let aws = Aws::start(clock.clone()).await;
        let mut options = options(&aws, &clock);
        configure(&mut options.aws);
        let service = Service::with(options).await;
        service.tenant("one").await;
        service.tenant("two").await;
        Self {
            admin: service.caller("one", "admin").await,
            member: service.caller("one", "member").await,
            viewer: service.caller("one", "viewer").await,
            other: service.caller("two", "admin").await,
            operator: service.operator().await.on("one"),
            aws,
            service,
            clock,
        }
    }

    /// One where roles may be saved that demand no external ID.
    pub(crate) async fn lenient() -> Self {
        Self::with(|aws| aws.allows_unenforced_external_id = true).await
    }

    /// Another replica over the same database.
    pub(crate) async fn replica(&self) -> Service {
        let database = Arc::clone(&self.service.database);
        Service::on(database, options(&self.aws, &self.clock)).await
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }

    /// Reserves a connection by role. Its id, and its external ID.
    pub(crate) async fn reserve(&self, admin: &Client) -> (String, String) {
        let body = json!({ "method": "iam_role", "region": self.aws.demo.region });
        let reserved = connect(admin, body).await;
        assert_eq!(reserved.status, 201, "{reserved:?}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&reserved.body["connection"]["id"]),
            text(&reserved.body["setup"]["external_id"]),
        )
    }

    /// What connects by a role for that reservation.
    pub(crate) fn by_role(&self, reservation: &str, role_arn: &str) -> Value {
        json!({
            "connection_id": reservation,
            "method": "iam_role",
            "region": self.aws.demo.region,
            "fields": { "role_arn": role_arn },
        })
    }

    /// What connects by a role with an external ID of the customer's choice.
    pub(crate) fn by_entered(&self, role_arn: &str, external_id: &str) -> Value {
        let mut body = self.aws.by_entered_role();
        body["fields"]["role_arn"] = role_arn.into();
        body["fields"]["external_id"] = external_id.into();
        body
    }

    /// Lets a role demand another external ID: one of these, or none if there are none.
    pub(crate) fn demand(&self, role_arn: &str, external_ids: &[&str]) {
        let condition = match external_ids {
            [] => json!({}),
            some => json!({ "StringEquals": { "sts:ExternalId": some } }),
        };
        let trust = Policy::of(&json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "AWS": self.aws.demo.platform.principal_arn },
                "Action": "sts:AssumeRole",
                "Condition": condition,
            },
        }));
        self.role(role_arn, |role| role.trust = trust);
    }

    /// Changes a role of the demo's account.
    pub(crate) fn role(&self, role_arn: &str, change: impl FnOnce(&mut Role)) {
        self.aws.world.account(self.aws.demo.account_id, |account| {
            let mut roles = account.roles.iter_mut();
            let role = roles.find(|role| role_arn.ends_with(&format!("/{}", role.name)));
            change(role.unwrap());
        });
    }

    /// Moves the demo's users, pools and their role to another account.
    pub(crate) fn move_users_to(&self, account: &str) {
        let from = self.aws.demo.account_id;
        let (mut users, mut pools, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        self.aws.world.account(from, |account| {
            users = std::mem::take(&mut account.user_pools);
            pools = std::mem::take(&mut account.identity_pools);
            roles = account.roles.clone();
        });
        for pool in &mut pools {
            let role = pool.authenticated_role.as_mut().unwrap();
            *role = role.replace(from, account);
        }
        self.aws.world.account(account, |account| {
            account.user_pools = users;
            account.identity_pools = pools;
            account.roles = roles;
        });
    }

    /// An identity pool of another account that takes the demo's users. Its id.
    pub(crate) fn identity_pool_in(&self, account: &str) -> &'static str {
        const ID: &str = "us-east-1:99999999-9999-4999-8999-999999999999";
        let cognito = &self.aws.demo.cognito;
        let mut role = None;
        self.aws.world.account(self.aws.demo.account_id, |home| {
            let mut roles = home.roles.iter();
            role = roles.find(|role| role.name == "BedrockSignedIn").cloned();
        });
        let mut role = role.unwrap();
        let trusted = json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": { "Federated": "cognito-identity.amazonaws.com" },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": { "cognito-identity.amazonaws.com:aud": ID },
                    "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
                },
            },
        });
        role.trust = Policy::of(&trusted);
        let pool = IdentityPool::new(ID)
            .linked(cognito.user_pool_id, cognito.app_client_id)
            .authenticated_role(&format!("arn:aws:iam::{account}:role/BedrockSignedIn"));
        self.aws.world.account(account, |account| {
            account.identity_pools.push(pool);
            account.roles.push(role);
        });
        ID
    }

    /// The events of the tenant's audit log of that action, newest first.
    pub(crate) async fn audited(&self, admin: &Client, action: &str) -> Vec<Value> {
        let events = admin.walk("/v1/audit", 50).await;
        events
            .into_iter()
            .filter(|event| event["action"] == action)
            .collect()
    }
}

/// How a replica is started in that world.
fn options(aws: &Aws, clock: &Arc<ManualClock>) -> Options {
    aws.serve(Options {
        clock: clock.clone(),
        ..Options::default()
    })
}

pub(crate) async fn connect(admin: &Client, body: Value) -> Answer {
    admin.post(&format!("{BEDROCK}/connect"), body).await
}

pub(crate) async fn test(admin: &Client, body: Value) -> Answer {
    admin.post(&format!("{BEDROCK}/test"), body).await
}

/// Tests, and returns the report.
pub(crate) async fn report(admin: &Client, body: Value) -> Value {
    let tested = test(admin, body).await;
    assert_eq!(tested.status, 200, "{tested:?}");
    tested.body
}

/// Tries to save a connection under a name.
pub(crate) async fn try_save(admin: &Client, name: &str, mut body: Value) -> Answer {
    body["name"] = name.into();
    admin.post(&format!("{BEDROCK}/connections"), body).await
}

/// Tests what is saved.
pub(crate) async fn retest(client: &Client, connection: &Value) -> Answer {
    let path = format!("{}/test", path(connection));
    client.post(&path, json!({})).await
}

/// What can be invoked over a connection.
pub(crate) async fn models(client: &Client, connection: &Value) -> Answer {
    client.get(&format!("{}/models", path(connection))).await
}

/// The connection as it is now.
pub(crate) async fn now(client: &Client, connection: &Value) -> Value {
    let read = client.get(&path(connection)).await;
    assert_eq!(read.status, 200, "{read:?}");
    read.body
}

/// Edits a connection as it was when it was read.
pub(crate) async fn edit(admin: &Client, connection: &Value, body: Value) -> Answer {
    let etag = connection["etag"].as_str().unwrap();
    let admin = admin.clone().header("if-match", etag);
    admin.patch(&path(connection), body).await
}

pub(crate) fn path(connection: &Value) -> String {
    format!(
        "{BEDROCK}/connections/{}",
        connection["id"].as_str().unwrap()
    )
}

pub(crate) fn step<'a>(report: &'a Value, name: &str) -> &'a Value {
    let steps = report["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap()
}

/// How a step ended, and why if there is a reason.
pub(crate) fn end<'a>(report: &'a Value, name: &str) -> (&'a str, &'a str) {
    let step = step(report, name);
    let text = |member: &str| step[member].as_str().unwrap_or_default();
    (text("status"), text("code"))
}

/// State and reason of a connection.
pub(crate) fn state(connection: &Value) -> (&str, &str) {
    let text = |member: &str| connection[member].as_str().unwrap_or_default();
    (text("state"), text("state_reason"))
}

/// Why a connection cannot be used.
pub(crate) fn reason(answer: &Answer) -> &str {
    assert_eq!(answer.problem(), (409, "connection_unusable"), "{answer:?}");
    answer.body["reason"].as_str().unwrap_or("no reason")
}
