//! Roles, by external ID and by token.

use std::sync::Arc;

use bedrock::report::Name;
use credential_provider::{
    Result,
    iam_role::{AssumeRole, Subject, TokenSigner, WebIdentity},
};
use domain::{Clock, SystemClock, TenantId};
use futures_util::future::BoxFuture;
use harness::idp::Idp;
use serde_json::json;
use zeroize::Zeroizing;

use crate::world::{World, access, failed, more_actions, session_name};

#[tokio::test]
async fn the_role_that_is_as_it_should_be_leads_to_models() {
    let world = World::told();
    world.assert_leads_to_models(&world.role("role_arn")).await;
}

#[tokio::test]
async fn a_role_that_lets_in_who_has_no_external_id_fails_the_proof_of_trust() {
    let world = World::told();
    let report = world.test(&world.role("unenforced_role_arn")).await;
    assert_eq!(
        failed(&report),
        Some((Name::ExternalId, "external_id_not_enforced"))
    );
    assert_eq!((report.account_id, report.models), (None, None));
}

#[tokio::test]
async fn a_wrong_external_id_a_stranger_s_role_and_none_are_denied_alike() {
    let world = World::told();
    let role = world.role("role_arn");
    let wrong = AssumeRole {
        external_id: "another".parse().unwrap(),
        ..role.clone()
    };
    let nothing = AssumeRole {
        role_arn: format!("{}Not", role.role_arn.as_str()).parse().unwrap(),
        ..role
    };
    for way in [wrong, world.role("stranger_role_arn"), nothing] {
        assert_eq!(
            world.failure(&way).await,
            Some((Name::Credentials, "trust_policy_denied")),
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn a_role_without_a_permission_of_bedrock_is_told_which() {
    let world = World::told();
    for (role, step, action) in [
        (
            "powerless_role_arn",
            Name::ListModels,
            "bedrock:ListFoundationModels",
        ),
        ("listing_role_arn", Name::Invoke, "bedrock:Converse"),
    ] {
        let report = world.test(&world.role(role)).await;
        assert_eq!(failed(&report), Some((step, "missing_permission")));
        let step = report.steps.iter().find(|it| it.name == step).unwrap();
        let message = &step.diagnosis.as_ref().unwrap().message;
        assert!(message.contains(action), "{message}");
    }
}

/// The platform's issuer, as the customer's account knows it.
struct Issuer {
    idp: Idp,
    url: String,
}

impl TokenSigner for Issuer {
    fn sign(&self, subject: Subject) -> BoxFuture<'_, Result<Zeroizing<String>>> {
        let claims = json!({
            "iss": self.url, "aud": "sts.amazonaws.com", "sub": subject.access.to_string(),
        });
        let token = self.idp.token(SystemClock.now().unix_timestamp(), &claims);
        Box::pin(std::future::ready(Ok(Zeroizing::new(token))))
    }
}

#[tokio::test]
async fn a_role_that_trusts_our_issuer_leads_to_models_and_takes_no_other_subject() {
    let world = World::told();
    assert_eq!(world.text("/roles/oidc/subject"), access().to_string());
    let way = WebIdentity {
        role_arn: world.text("/roles/oidc/role_arn").parse().unwrap(),
        subject: Subject {
            tenant: TenantId::PLATFORM,
            access: access(),
        },
        tokens: Arc::new(Issuer {
            idp: Idp::start().await,
            url: world.text("/roles/oidc/issuer").to_owned(),
        }),
        session_name: session_name(),
        more_actions: more_actions(),
    };
    world.assert_leads_to_models(&way).await;

    let stranger = WebIdentity {
        subject: Subject {
            access: "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c".parse().unwrap(),
            ..way.subject
        },
        ..way
    };
    assert_eq!(
        world.failure(&stranger).await,
        Some((Name::Credentials, "trust_policy_denied"))
    );
}
