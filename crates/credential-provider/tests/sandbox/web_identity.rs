//! A role with a token of our issuer's: no AWS identity of ours speaks.

use std::sync::Arc;

use credential_provider::{
    Aws, Error, Proof, Strategy, Unfit,
    iam_role::{SessionName, Subject, WebIdentity},
};
use domain::{AccessId, TenantId};
use sandbox::sts::{OidcProvider, Role};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    issuer::{AUDIENCE, ISSUER, Issuer, name},
    stage::{ACCOUNT, NOW, Stage, refusal, region, role_arn, trust},
};

const SESSION: &str =
    "arn:aws:sts::123456789012:assumed-role/Bedrock/bedrock-integrations-000000000000-5a7c9e1f2a4b";

fn subject() -> Subject {
    let access: AccessId = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap();
    Subject {
        tenant: TenantId::PLATFORM,
        access,
    }
}

/// The customer's role, for whom `condition` names.
fn role(condition: &Value) -> Role {
    let provider = OidcProvider::new(ISSUER).arn(ACCOUNT.parse().unwrap());
    let guest = json!({ "Federated": provider });
    Role::new(
        "Bedrock",
        trust(&guest, "sts:AssumeRoleWithWebIdentity", condition),
    )
}

/// As we ask customers to have it: our audience, and the one subject.
fn demanded() -> Value {
    json!({ "StringEquals": {
        "platform.example/oidc/ten_1:aud": AUDIENCE,
        "platform.example/oidc/ten_1:sub": name(subject()),
    } })
}

fn way(issuer: &Issuer) -> WebIdentity {
    WebIdentity {
        role_arn: role_arn("Bedrock").parse().unwrap(),
        subject: subject(),
        tokens: Arc::new(issuer.clone()),
        session_name: SessionName::of(subject().tenant, subject().access),
        more_actions: Vec::new(),
    }
}

/// A role that demands this, an account that knows the issuer, and a service without an AWS identity.
async fn set(condition: &Value) -> (Stage, Aws, Issuer) {
    let stage = Stage::with(role(condition)).await;
    let issuer = Issuer::new();
    stage.change(|account| account.oidc_providers.push(issuer.provider()));
    let aws = stage.aws_as(None);
    (stage, aws, issuer)
}

#[tokio::test]
async fn a_token_for_its_subject_opens_the_role_and_nobody_signs() {
    let (stage, aws, issuer) = set(&demanded()).await;
    let lease = way(&issuer).lease(&aws, &region()).await.unwrap();
    assert_eq!(stage.sandbox.world().seen()[0].authorization, None);
    assert_eq!(lease.account(), Some(ACCOUNT.parse().unwrap()));
    assert_eq!(lease.arn(), Some(SESSION));
    assert_eq!(lease.expires_at(), Some(NOW + Duration::HOUR));
    assert_eq!(stage.caller(&lease).await.as_deref(), Ok(SESSION));
}

#[tokio::test]
async fn its_session_has_the_ceiling_too() {
    let (stage, aws, issuer) = set(&demanded()).await;
    way(&issuer).lease(&aws, &region()).await.unwrap();
    let state = stage.sandbox.world().state();
    assert_eq!(state.keys.len(), 1);
    assert!(
        state
            .keys
            .values()
            .all(|(_, principal)| principal.session_policy.is_some())
    );
}

#[tokio::test]
async fn a_role_that_looks_at_the_subject_proves_it() {
    let (stage, aws, issuer) = set(&demanded()).await;
    let proof = way(&issuer).prove(&aws, &region()).await;
    assert!(matches!(&proof, Ok(Proof::Enforced(refused)) if refused.len() == 1));
    let calls = stage.sandbox.world().count("AssumeRoleWithWebIdentity");
    assert_eq!(calls, 1);
}

#[tokio::test]
async fn a_role_that_looks_at_the_audience_alone_proves_nothing() {
    let condition = json!({ "StringEquals": { "platform.example/oidc/ten_1:aud": AUDIENCE } });
    let (_stage, aws, issuer) = set(&condition).await;
    let proof = way(&issuer).prove(&aws, &region()).await;
    assert_eq!(proof, Ok(Proof::NotEnforced));
}

#[tokio::test]
async fn another_subject_is_refused() {
    let (_stage, aws, issuer) = set(&demanded()).await;
    let mut way = way(&issuer);
    way.subject.access = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c".parse().unwrap();
    assert_eq!(
        refusal(way.lease(&aws, &region()).await),
        (
            "AccessDenied".to_owned(),
            "Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned()
        )
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_token_is_told_in_awss_words() {
    let (stage, aws, issuer) = set(&demanded()).await;
    let refused = async |issuer: &Issuer| refusal(way(issuer).lease(&aws, &region()).await);
    let for_others = Issuer {
        audience: "others",
        ..issuer.clone()
    };
    let late = Issuer {
        life: Duration::ZERO,
        ..issuer.clone()
    };
    let forger = Issuer::new();
    for (issuer, code, says) in [
        (
            &for_others,
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (&late, "ExpiredTokenException", "Token expired"),
        (&forger, "InvalidIdentityToken", "The signature"),
    ] {
        let (told, message) = refused(issuer).await;
        assert_eq!(told, code);
        assert!(message.starts_with(says), "{message}");
    }
    stage.change(|account| account.oidc_providers.clear());
    let (code, message) = refused(&issuer).await;
    assert_eq!(code, "InvalidIdentityToken");
    assert!(message.starts_with("No OpenIDConnect provider found"));
}

#[tokio::test]
async fn that_aws_does_not_reach_our_issuer_is_no_refusal() {
    let (stage, aws, issuer) = set(&demanded()).await;
    stage.change(|account| account.oidc_providers[0].jwks = Some(json!({ "keys": [] })));
    let result = way(&issuer).lease(&aws, &region()).await;
    let Err(Error::Faulty(refusal)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(refusal.code, "InvalidIdentityToken");
}

#[tokio::test]
async fn nothing_is_sent_without_a_token_or_to_another_partition() {
    let (stage, aws, issuer) = set(&demanded()).await;
    let mute = Issuer {
        signs: false,
        ..issuer.clone()
    };
    let result = way(&mute).lease(&aws, &region()).await;
    assert_eq!(result.unwrap_err(), Error::Unavailable);
    let elsewhere = "us-gov-west-1".parse().unwrap();
    let result = way(&issuer).lease(&aws, &elsewhere).await;
    assert_eq!(result.unwrap_err(), Unfit::RoleOfAnotherPartition.into());
    assert_eq!(stage.calls(), 0);
}
