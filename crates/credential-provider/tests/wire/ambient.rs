//! The environment of this process belongs to the operator: nothing of it is in a tenant's call.

use std::process::Command;

use crate::{
    case::{Case, aws},
    traffic::Traffic,
};

/// What the environment may say to a client of AWS's. `ambient.ini` says the same.
const ENVIRONMENT: [(&str, &str); 22] = [
    ("AWS_ACCESS_KEY_ID", "AKIAAMBIENT"),
    ("AWS_SECRET_ACCESS_KEY", "ambient"),
    ("AWS_SESSION_TOKEN", "ambient"),
    ("AWS_PROFILE", "ambient"),
    ("AWS_CONFIG_FILE", INI),
    ("AWS_SHARED_CREDENTIALS_FILE", INI),
    ("AWS_REGION", "us-ambient-1"),
    ("AWS_DEFAULT_REGION", "us-ambient-1"),
    ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ambient"),
    ("AWS_ROLE_SESSION_NAME", "ambient"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", INI),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://127.0.0.1:9/ambient",
    ),
    ("AWS_ENDPOINT_URL", "https://ambient.example"),
    ("AWS_ENDPOINT_URL_STS", "https://ambient.example"),
    (
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        "https://ambient.example",
    ),
    (
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
        "https://ambient.example",
    ),
    ("AWS_USE_FIPS_ENDPOINT", "true"),
    ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
    ("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth"),
    ("AWS_MAX_ATTEMPTS", "9"),
    ("AWS_SDK_UA_APP_ID", "ambient"),
];
const INI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire/ambient.ini");

/// By itself this shows little; the next test runs it in such an environment.
#[tokio::test(start_paused = true)]
async fn what_is_sent_is_not_of_the_environment() {
    for (strategy, name) in [
        ("iam_role", "success"),
        ("web_identity", "success"),
        ("cognito", "success"),
        ("cognito", "refreshed"),
    ] {
        let case = Case::named(strategy, name);
        let traffic = Traffic::read(&case.recording());
        let way = case.way(case.kept().await);
        let result = way.lease(&aws(traffic.clone()), &case.region()).await;
        assert!(result.is_ok() && traffic.surprises().is_empty());
        for request in traffic.sent() {
            let is_ours = !request.to_ascii_lowercase().contains("ambient");
            assert!(is_ours, "{request}");
        }
    }
}

#[test]
fn an_environment_full_of_aws_changes_nothing() {
    for bearer in ["ambient", ""] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["ambient::what_is_sent", "hosts::every_region"])
            .envs(ENVIRONMENT)
            .env("AWS_BEARER_TOKEN_BEDROCK", bearer)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("3 passed"), "{said}");
    }
}
