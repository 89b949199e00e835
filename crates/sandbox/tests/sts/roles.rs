//! Who may take on a role.

use sandbox::sts::Role;
use serde_json::json;

use crate::stage::{Answer, PRINCIPAL, Stage, credentials, no, role_arn, told, trust};

/// A role that demands an external ID of the platform's user.
fn role() -> Role {
    let condition = json!({ "StringEquals": { "sts:ExternalId": "bi-123" } });
    Role::new(
        "Bedrock",
        trust(&json!({ "AWS": PRINCIPAL }), "sts:AssumeRole", &condition),
    )
}

async fn assume(stage: &Stage, role: &str, external_id: Option<&str>) -> Answer<String> {
    let ask = stage
        .sts()
        .assume_role()
        .role_arn(role_arn(role))
        .role_session_name("test");
    let answer = told(
        ask.set_external_id(external_id.map(str::to_owned))
            .send()
            .await,
    )?;
    stage
        .caller(credentials(&answer.credentials.unwrap()))
        .await
}

fn refused<T>(role: &str) -> Answer<T> {
    let role = role_arn(role);
    let message = format!(
        "User: {PRINCIPAL} is not authorized to perform: sts:AssumeRole on resource: {role}"
    );
    no("AccessDenied", &message)
}

#[tokio::test]
async fn the_right_external_id_opens_the_role_and_nothing_else_does() {
    let stage = Stage::with(role()).await;
    let arn = "arn:aws:sts::123456789012:assumed-role/Bedrock/test";
    assert_eq!(
        assume(&stage, "Bedrock", Some("bi-123")).await,
        Ok(arn.to_owned())
    );
    for wrong in [None, Some("bi-124"), Some("BI-123")] {
        assert_eq!(assume(&stage, "Bedrock", wrong).await, refused("Bedrock"));
    }
}

#[tokio::test]
async fn a_stranger_and_a_role_that_is_not_there_look_like_a_wrong_external_id() {
    let stranger = json!({ "AWS": "arn:aws:iam::444455556666:user/other" });
    let role = Role::new("Stranger", trust(&stranger, "sts:AssumeRole", &json!({})));
    let stage = Stage::with(role).await;
    for name in ["Stranger", "Nothing"] {
        assert_eq!(assume(&stage, name, Some("bi-123")).await, refused(name));
    }
}

#[tokio::test]
async fn an_account_without_sts_in_the_region_says_so() {
    let stage = Stage::with(role()).await;
    stage.change(|account| account.regions_without_sts.push("eu-west-1".to_owned()));
    let (code, message) = assume(&stage, "Bedrock", Some("bi-123")).await.unwrap_err();
    assert_eq!(code, "RegionDisabledException");
    assert!(message.contains("123456789012"), "{message}");
}

#[tokio::test]
async fn what_breaks_the_rules_is_told_all_at_once() {
    let stage = Stage::with(role()).await;
    let ask = stage.sts().assume_role().role_arn(role_arn("Bedrock"));
    let ask = ask
        .role_session_name("no spaces")
        .external_id("x")
        .duration_seconds(899);
    let (code, message) = told(ask.send().await).err().unwrap();
    assert_eq!(code, "ValidationError");
    assert!(
        message.starts_with("3 validation errors detected: "),
        "{message}"
    );
}
