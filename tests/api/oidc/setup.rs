//! What the setup of a role says about our tokens, and what a customer makes of it in IAM.

use harness::Client;
use sandbox::{
    demo::add_role,
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
    pub(crate) trust: Value,
}

impl Reserved {
    pub(crate) async fn new(world: &World, admin: &Client) -> Self {
        let body = json!({
            "method": "iam_role", "federation": "oidc", "region": world.aws.demo.region,
        });
        let reserved = connect(admin, body).await;
        assert_eq!(reserved.status, 201, "{reserved:?}");
        assert!(reserved.body["setup"]["external_id"].is_null());
        let mut trust = reserved.body["setup"]["trust_policy"].clone();
        let federated = &mut trust["Statement"][0]["Principal"]["Federated"];
        let (_, provider) = federated
            .as_str()
            .unwrap()
            .split_once(":oidc-provider/")
            .unwrap();
        let provider = provider.to_owned();
        // The customer knows the account.
        let account = world.aws.demo.account_id;
        *federated = format!("arn:aws:iam::{account}:oidc-provider/{provider}").into();
        Self {
            connection: reserved.body["connection"]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
            issuer: format!("http://{provider}"),
            provider,
            trust,
        }
    }

    /// What a claim must be, by the trust policy.
    pub(crate) fn demanded(&self, claim: &str) -> &str {
        let demanded = &self.trust["Statement"][0]["Condition"]["StringEquals"];
        demanded[format!("{}:{claim}", self.provider)]
            .as_str()
            .unwrap()
    }

    /// Makes the provider and the role. The role's ARN.
    pub(crate) fn set_up(&self, world: &World, name: &str) -> String {
        self.trust_issuer(world, self.demanded("aud"));
        let role_arn = add_role(&world.aws.world, name, "nobody's");
        world.role(&role_arn, |role| self.trusted_by(role));
        role_arn
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
