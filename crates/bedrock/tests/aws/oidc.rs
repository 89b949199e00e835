//! A role in the customer's account, by a token of the service's own issuer.

use std::sync::Arc;

use credential_provider::iam_role::{Subject, WebIdentity};
use domain::{Clock, TenantId};
use sandbox::{
    demo::ACCOUNT,
    policy::Policy,
    sts::{OidcProvider, Role},
};
use serde_json::{Value, json};

use crate::{
    issuer::{AUDIENCE, ISSUER, Issuer, subject},
    stage::{SEVEN, Stage, access, allowing, flaws, session_name},
};

/// What an account knows of issuers.
type Provider = fn(&Issuer) -> Vec<OidcProvider>;

/// An account with this provider and a role that trusts it on this condition, and the way in.
async fn set(provider: Provider, condition: &Value) -> (Stage, WebIdentity) {
    let stage = Stage::new().await;
    let issuer = Issuer::at(stage.clock.now().unix_timestamp());
    let trust = Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "Federated": OidcProvider::new(ISSUER).arn(ACCOUNT.parse().unwrap()) },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": condition },
        },
    }));
    stage.change(|account| {
        account.oidc_providers.extend(provider(&issuer));
        account
            .roles
            .push(Role::new("Federated", trust).policy(allowing(&SEVEN)));
    });
    let identity = WebIdentity {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/Federated")
            .parse()
            .unwrap(),
        subject: own(),
        tokens: Arc::new(issuer),
        session_name: session_name(),
        more_actions: Vec::new(),
    };
    (stage, identity)
}

fn own() -> Subject {
    Subject {
        tenant: TenantId::PLATFORM,
        access: access(),
    }
}

fn provider(jwks: &Value, audience: &str) -> Vec<OidcProvider> {
    let provider = OidcProvider::new(ISSUER).jwks(jwks.clone());
    vec![provider.audience(audience)]
}

/// The provider as it should be.
const KNOWN: Provider = |issuer| provider(&issuer.jwks, AUDIENCE);

/// The condition as it should be.
fn demanding() -> Value {
    json!({ "issuer.example/oidc/ten:aud": AUDIENCE, "issuer.example/oidc/ten:sub": subject(own()) })
}

#[tokio::test]
async fn a_role_that_names_the_subject_needs_no_identity_of_the_service_s_own() {
    let (stage, identity) = set(KNOWN, &demanding()).await;
    let stage = stage.running_as(None);
    let report = stage.test(&identity).await;
    assert_eq!(
        flaws(&report),
        ["list_inference_profiles warning missing_permission"]
    );
    assert!(report.ok && report.account_id.is_some());
}

#[tokio::test]
async fn a_role_that_lets_in_every_subject_of_the_issuer_shows_nothing() {
    let condition = json!({ "issuer.example/oidc/ten:aud": AUDIENCE });
    let (stage, identity) = set(KNOWN, &condition).await;
    let report = stage.test(&identity).await;
    assert_eq!(
        flaws(&report),
        ["external_id failed external_id_not_enforced"]
    );
    assert!(!json!(report).to_string().contains(ACCOUNT));
}

#[tokio::test]
async fn what_is_wrong_with_the_trust_is_told_apart() {
    let another_subject = json!({ "issuer.example/oidc/ten:sub": "another" });
    let cases: [(Provider, Value, &str); 5] = [
        (KNOWN, another_subject, "trust_policy_denied"),
        (|_| Vec::new(), demanding(), "oidc_provider_missing"),
        (
            |issuer| provider(&issuer.jwks, "another"),
            demanding(),
            "oidc_audience_rejected",
        ),
        (
            |_| provider(&json!({ "keys": [] }), AUDIENCE),
            demanding(),
            "oidc_issuer_unreachable",
        ),
        (
            |_| provider(&Issuer::at(0).jwks, AUDIENCE),
            demanding(),
            "oidc_token_rejected",
        ),
    ];
    for (provider, condition, code) in cases {
        let (stage, identity) = set(provider, &condition).await;
        let report = stage.test(&identity).await;
        assert_eq!(flaws(&report), [format!("credentials failed {code}")]);
    }
}
