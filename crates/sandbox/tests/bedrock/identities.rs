//! Whose word Bedrock takes: access keys and API keys.

use std::time::Duration;

use sandbox::{
    AccessKey,
    bedrock::{LongTermKey, short_term},
    policy::Policy,
};
use serde_json::json;
use time::Duration as Span;

use crate::stage::{
    ACCESS_KEY, ACCOUNT, LITE, No, REGION, SECRET, Stage, allowed, asked, no, said,
};

fn key() -> AccessKey {
    AccessKey {
        secret: SECRET.to_owned(),
        session_token: None,
        expires_at: None,
    }
}

fn denied(message: &str) -> No {
    No::new(403, "AccessDeniedException", message)
}

async fn ask(stage: &Stage, token: &str) -> Result<(), No> {
    let client = stage.bearer(token);
    let asked = client.converse().model_id(LITE).messages(said("Say yes"));
    asked.send().await.map(drop).map_err(|error| no(&error))
}

#[tokio::test]
async fn a_long_term_key_speaks_for_its_user_until_it_is_revoked() {
    let stage = Stage::new().await;
    let account = ACCOUNT.parse().unwrap();
    let token = LongTermKey::new("BedrockAPIKey-7k2m", "s3cret").token(account);
    assert!(token.starts_with("ABSK"));
    assert_eq!(ask(&stage, &token).await, Ok(()));
    stage.change(|account| account.bedrock.api_keys[0].is_active = false);
    let invalid = "Authentication failed: Please make sure your API Key is valid.";
    assert_eq!(ask(&stage, &token).await, Err(denied(invalid)));
    let wrong = LongTermKey::new("BedrockAPIKey-7k2m", "other").token(account);
    assert_eq!(ask(&stage, &wrong).await, Err(denied(invalid)));
    let formless = "Invalid API Key format: Must start with pre-defined prefix";
    assert_eq!(ask(&stage, "sk-123").await, Err(denied(formless)));
}

#[tokio::test]
async fn a_short_term_key_is_good_in_its_region_and_for_its_time() {
    let stage = Stage::new().await;
    let now = domain::Clock::now(&*stage.clock);
    let make = |region| short_term(ACCESS_KEY, &key(), region, now, Duration::from_secs(3_600));
    let (here, elsewhere) = (make(REGION), make("eu-west-1"));
    assert_eq!(ask(&stage, &here).await, Ok(()));
    let invalid = "Authentication failed: Please make sure your API Key is valid.";
    assert_eq!(ask(&stage, &elsewhere).await, Err(denied(invalid)));
    stage.clock.advance(Span::hours(1));
    let expired = "Bearer Token has expired";
    assert_eq!(ask(&stage, &here).await, Err(denied(expired)));
}

#[tokio::test]
async fn a_key_needs_a_permission_besides() {
    let policy = Policy::of(&json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*" },
    }));
    let stage = Stage::allowing(&policy).await;
    let raw = stage.post(LITE, "converse", &asked("Hello")).await;
    let message = raw.no().message;
    assert!(
        message.contains("is not authorized to perform: bedrock:CallWithBearerToken"),
        "{message}"
    );
}

#[tokio::test]
async fn no_key_at_all_is_missing() {
    let stage = Stage::new().await;
    let host = format!("bedrock-runtime.{REGION}.amazonaws.com");
    let raw = stage
        .send("", &host, LITE, "converse", asked("Hello").to_string())
        .await;
    assert_eq!(raw.no(), denied("Authorization header is missing"));
}

#[tokio::test]
async fn an_access_key_that_is_gone_signs_nothing() {
    let stage = Stage::allowing(&allowed("bedrock:*", &["*"])).await;
    let client = stage.client();
    let ask = || client.converse().model_id(LITE).messages(said("Say yes"));
    assert!(ask().send().await.is_ok());
    stage.change(|account| account.users.clear());
    let error = ask().send().await.err().unwrap();
    assert_eq!(
        no(&error),
        No::new(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid."
        )
    );
}
