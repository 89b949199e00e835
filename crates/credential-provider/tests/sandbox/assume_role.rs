//! A role with an external ID.

use aws_sdk_sts::error::ProvideErrorMetadata;
use credential_provider::{Proof, Strategy};
use sandbox::sts::Role;
use serde_json::json;
use time::Duration;

use crate::stage::{
    ACCOUNT, NOW, Stage, allowing, demanded, refusal, region, role_arn, trust, trusting_us,
    way_into,
};

const SESSION: &str =
    "arn:aws:sts::123456789012:assumed-role/Bedrock/bedrock-integrations-000000000000-5a7c9e1f2a4b";

/// A role as we ask customers to make it.
fn role() -> Role {
    Role::new("Bedrock", trusting_us(&demanded()))
}

fn not_authorized(role: &str) -> (String, String) {
    let us = "arn:aws:iam::111122223333:user/platform";
    let role = role_arn(role);
    let message =
        format!("User: {us} is not authorized to perform: sts:AssumeRole on resource: {role}");
    ("AccessDenied".to_owned(), message)
}

#[tokio::test]
async fn with_its_external_id_a_role_is_taken_on() {
    let stage = Stage::with(role()).await;
    let lease = way_into("Bedrock").lease(&stage.aws, &region()).await;
    let lease = lease.unwrap();
    assert_eq!(lease.account(), Some(ACCOUNT.parse().unwrap()));
    assert_eq!(lease.arn(), Some(SESSION));
    assert_eq!(lease.request_ids().len(), 1);
    assert_eq!(stage.caller(&lease).await.as_deref(), Ok(SESSION));
}

#[tokio::test]
async fn a_session_lasts_an_hour_however_long_the_role_would_have_it() {
    let stage = Stage::with(role().max_session(Duration::hours(12))).await;
    let lease = way_into("Bedrock").lease(&stage.aws, &region()).await;
    let lease = lease.unwrap();
    assert_eq!(lease.expires_at(), Some(NOW + Duration::HOUR));
    stage.clock.advance(Duration::HOUR);
    let (code, _) = refusal(stage.caller(&lease).await);
    assert_eq!(code, "ExpiredToken");
}

#[tokio::test]
async fn aws_is_asked_where_its_credentials_are_good_for_every_region() {
    let stage = Stage::with(role()).await;
    let way = way_into("Bedrock");
    way.lease(&stage.aws, &region()).await.unwrap();
    let seen = stage.sandbox.world().seen();
    assert_eq!(seen[0].host, "sts.us-east-1.amazonaws.com");
}

#[tokio::test]
async fn a_wrong_external_id_an_unknown_role_and_one_that_trusts_others_look_the_same() {
    let others = trust(
        &json!({ "AWS": "arn:aws:iam::111122223333:user/other" }),
        "sts:AssumeRole",
        &json!({}),
    );
    let stage = Stage::with(role()).await;
    stage.change(|account| account.roles.push(Role::new("OfOthers", others)));
    let mut wrong = way_into("Bedrock");
    wrong.external_id = "bi-0ther".parse().unwrap();
    for (way, role) in [
        (wrong, "Bedrock"),
        (way_into("Unknown"), "Unknown"),
        (way_into("OfOthers"), "OfOthers"),
    ] {
        let result = way.lease(&stage.aws, &region()).await;
        assert_eq!(refusal(result), not_authorized(role));
    }
}

#[tokio::test]
async fn a_role_that_demands_the_external_id_proves_it_twice() {
    let stage = Stage::with(role()).await;
    let proof = way_into("Bedrock").prove(&stage.aws, &region()).await;
    let Ok(Proof::Enforced(refused)) = proof else {
        panic!("it was not refused: {proof:?}");
    };
    assert_eq!(refused.len(), 2, "each refusal has an id: {refused:?}");
    assert_eq!(stage.sandbox.world().count("AssumeRole"), 2);
}

#[tokio::test]
async fn a_role_that_lets_us_in_without_it_or_with_any_proves_nothing() {
    for condition in [
        json!({}),
        json!({ "StringLike": { "sts:ExternalId": "bi-*" } }),
        json!({ "StringEqualsIfExists": { "sts:ExternalId": "bi-5ca1ab1e" } }),
    ] {
        let stage = Stage::with(Role::new("Bedrock", trusting_us(&condition))).await;
        let proof = way_into("Bedrock").prove(&stage.aws, &region()).await;
        assert_eq!(proof, Ok(Proof::NotEnforced), "{condition}");
    }
}

#[tokio::test]
async fn an_outage_proves_nothing_either_way() {
    let stage = Stage::with(role()).await;
    stage.change(|account| account.regions_without_sts.push("us-east-1".to_owned()));
    let proof = way_into("Bedrock").prove(&stage.aws, &region()).await;
    assert_eq!(refusal(proof).0, "RegionDisabledException");
}

/// The role may do everything. What it is kept from is nothing but the session's ceiling, as the same call shows once
/// the ceiling is taken away.
#[tokio::test]
async fn a_session_is_kept_below_the_ceiling_whatever_its_role_may_do() {
    let neighbours = json!({ "AWS": ACCOUNT });
    let stage = Stage::with(role().policy(allowing("*"))).await;
    stage.change(|account| {
        let trust = trust(&neighbours, "sts:AssumeRole", &json!({}));
        account.roles.push(Role::new("Next", trust));
    });
    let lease = way_into("Bedrock").lease(&stage.aws, &region()).await;
    let lease = lease.unwrap();
    let next = async || {
        let request = stage.sts(&lease).assume_role().role_arn(role_arn("Next"));
        request.role_session_name("next").send().await
    };
    let refusal = next().await.unwrap_err();
    assert_eq!(refusal.code(), Some("AccessDenied"));
    for (_, principal) in stage.sandbox.world().state().keys.values_mut() {
        assert!(principal.session_policy.take().is_some());
    }
    next().await.unwrap();
}
