//! What the setup of a role says about our tokens, and what a customer makes of it in IAM.

use harness::Client;
use sandbox::{
    policy::Policy,
    sts::{OidcProvider, Role},
};
use serde_json::{Value, json};

use crate::connections::world::{World, connect};

/// A reservation of a role that is to trust the tenant's issuer.
pub(crate) struct Reserved {
    pub(crate) connection: String,
    /// The tenant's issuer, and without its scheme, as IAM calls it.
    pub(crate) issuer: String,
    pub(crate) provider: String,
    pub(crate) audience: String,
    pub(crate) subject: String,
    /// The trust policy, with the account that the customer knows.
    pub(crate) trust: Value,
    told: Value,
}

impl Reserved {
    pub(crate) async fn new(world: &World, admin: &Client) -> Self {
        let body = json!({
            "method": "iam_role", "federation": "oidc", "region": world.aws.demo.region,
        });
        let told = connect(admin, body).await;
        assert_eq!(told.status, 201, "{told:?}");
        let setup = &told.body["setup"];
        assert!(setup["external_id"].is_null(), "{setup}");
        let text = |member: &str| setup["oidc"][member].as_str().unwrap().to_owned();
        let issuer = text("issuer");
        let provider = issuer.strip_prefix("http://").unwrap().to_owned();
        let mut trust = setup["trust_policy"].clone();
        let account = world.aws.demo.account_id;
        trust["Statement"][0]["Principal"]["Federated"] =
            format!("arn:aws:iam::{account}:oidc-provider/{provider}").into();
        Self {
            connection: told.body["connection"]["id"].as_str().unwrap().to_owned(),
            audience: text("audience"),
            subject: text("subject"),
            issuer,
            provider,
            trust,
            told: told.body,
        }
    }

    /// Makes the provider and the role as the setup says, in the sandbox's console. The role's ARN.
    pub(crate) async fn set_up(&self, world: &World, name: &str) -> String {
        let console = Client::new(&world.aws.url);
        let path = format!("/_sandbox/roles/{name}");
        console.put(&path, self.told.clone()).await.text("role_arn")
    }

    /// Makes the provider, for tokens of that audience.
    pub(crate) fn trust_issuer(&self, world: &World, audience: &str) {
        let provider = OidcProvider::new(&self.issuer).audience(audience);
        let account = world.aws.demo.account_id;
        world.aws.world.account(account, |account| {
            account.oidc_providers.retain(|it| it.issuer != self.issuer);
            account.oidc_providers.push(provider);
        });
    }

    pub(crate) fn trusted_by(&self, role: &mut Role) {
        role.trust = Policy::of(&self.trust);
    }

    /// What connects by a role for this reservation.
    pub(crate) fn by_role(&self, world: &World, role_arn: &str) -> Value {
        world.by_role(&self.connection, role_arn)
    }
}
