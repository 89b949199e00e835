//! How long a session lasts, and what it may do.

use aws_sdk_bedrockruntime::config::{BehaviorVersion, Region};
use aws_sdk_sts::{config::Credentials, operation::assume_role::builders::AssumeRoleFluentBuilder};
use aws_smithy_async::time::StaticTimeSource;
use domain::Clock;
use sandbox::sts::Role;
use serde_json::json;
use time::Duration;

use crate::stage::{
    Answer, PRINCIPAL, REGION, Stage, allowing, credentials, no, role_arn, told, trust,
};

/// A role of the platform's user that may do everything with Bedrock, and take itself on again.
fn role() -> Role {
    let itself = role_arn("Bedrock");
    let guests = json!({ "AWS": [PRINCIPAL, itself] });
    Role::new("Bedrock", trust(&guests, "sts:AssumeRole", &json!({})))
        .policy(allowing("bedrock:*"))
        .max_session(Duration::hours(2))
}

async fn assume(
    stage: &Stage,
    with: impl FnOnce(AssumeRoleFluentBuilder) -> AssumeRoleFluentBuilder,
) -> Answer<Credentials> {
    let ask = stage.sts().assume_role().role_arn(role_arn("Bedrock"));
    let answer = told(with(ask.role_session_name("test")).send().await)?;
    Ok(credentials(&answer.credentials.unwrap()))
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_up() {
    let stage = Stage::with(role()).await;
    let session = assume(&stage, |ask| ask.duration_seconds(900))
        .await
        .unwrap();
    stage.clock.advance(Duration::seconds(899));
    assert!(stage.caller(session.clone()).await.is_ok());
    stage.clock.advance(Duration::seconds(1));
    let expired = "The security token included in the request is expired";
    assert_eq!(stage.caller(session).await, no("ExpiredToken", expired));
}

#[tokio::test]
async fn a_session_is_no_longer_than_its_role_allows() {
    let stage = Stage::with(role()).await;
    assert!(
        assume(&stage, |ask| ask.duration_seconds(7_200))
            .await
            .is_ok()
    );
    let longer = assume(&stage, |ask| ask.duration_seconds(7_201)).await;
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    assert_eq!(longer.err(), no::<()>("ValidationError", message).err());
}

#[tokio::test]
async fn a_session_that_takes_on_a_role_gets_an_hour_at_most() {
    let stage = Stage::with(role()).await;
    let session = assume(&stage, |ask| ask).await.unwrap();
    let chained = async |seconds| {
        let ask = stage.sts_as(session.clone()).assume_role();
        let ask = ask
            .role_arn(role_arn("Bedrock"))
            .role_session_name("chained");
        told(ask.duration_seconds(seconds).send().await).map(drop)
    };
    assert_eq!(chained(3_600).await, Ok(()));
    let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    assert_eq!(chained(3_601).await, no("ValidationError", message));
}

#[tokio::test]
async fn a_session_policy_only_takes_away() {
    let stage = Stage::with(role()).await;
    let only = |action: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" },
        })
        .to_string()
    };
    let with = async |action: &str| {
        let session = assume(&stage, |ask| ask.policy(only(action)))
            .await
            .unwrap();
        list_async_invokes(&stage, session).await
    };
    assert_eq!(with("bedrock:*").await, Ok(()));
    let (code, message) = with("bedrock:InvokeModel").await.unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    let end = "because no session policy allows the bedrock:ListAsyncInvokes action";
    assert!(message.ends_with(end), "{message}");
    stage.change(|account| account.roles[0].policies.clear());
    let (_, message) = with("bedrock:*").await.unwrap_err();
    let end = "because no identity-based policy allows the bedrock:ListAsyncInvokes action";
    assert!(message.ends_with(end), "{message}");
}

/// The least that Bedrock can be asked.
async fn list_async_invokes(stage: &Stage, session: Credentials) -> Answer<()> {
    let config = aws_sdk_bedrockruntime::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .endpoint_url(stage.sandbox.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .time_source(StaticTimeSource::new(stage.clock.now().into()))
        .credentials_provider(session);
    let client = aws_sdk_bedrockruntime::Client::from_conf(config.build());
    told(client.list_async_invokes().send().await).map(drop)
}

#[tokio::test]
async fn a_session_policy_that_is_none_or_too_long_is_refused() {
    let stage = Stage::with(role()).await;
    let code = async |policy: String| {
        let refused = assume(&stage, |ask| ask.policy(policy)).await;
        refused.err().unwrap().0
    };
    assert_eq!(code("{}".to_owned()).await, "MalformedPolicyDocument");
    assert_eq!(code(" ".repeat(2_049)).await, "ValidationError");
}

#[tokio::test]
async fn a_signature_counts_with_the_right_secret_about_now() {
    let stage = Stage::new().await;
    let code = async |credentials| stage.caller(credentials).await.err().unwrap().0;
    let wrong = |id| Credentials::new(id, "wrong", None, None, "test");
    assert_eq!(
        code(wrong("AKIAIOSFODNN7EXAMPLE")).await,
        "SignatureDoesNotMatch"
    );
    assert_eq!(
        code(wrong("AKIAI44QH8DHBEXAMPLE")).await,
        "InvalidClientTokenId"
    );

    let early = stage.sts();
    stage.clock.advance(Duration::minutes(6));
    let late = told(early.get_caller_identity().send().await);
    let (code, message) = late.err().unwrap();
    assert_eq!(code, "SignatureDoesNotMatch");
    assert!(message.starts_with("Signature expired: "), "{message}");
}
