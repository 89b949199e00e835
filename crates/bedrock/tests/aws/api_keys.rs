//! API keys of Bedrock's.

use bedrock::report::{Name, Subject, run};
use sandbox::bedrock::LongTermKey;
use sandbox::demo::ACCOUNT;
use serde_json::json;

use crate::stage::{LITE, Stage, allowing, ends, flaws, invocations, key, told};

#[tokio::test]
async fn a_long_term_key_says_whose_it_is_and_nobody_else_is_asked() {
    let stage = Stage::new().await;
    let report = stage
        .invoke(&key(&stage.demo.api_keys.long_term), LITE)
        .await;
    assert_eq!(
        ends(&report),
        [
            "fields passed",
            "credentials passed",
            "external_id skipped not_applicable",
            "identity skipped not_applicable",
            "list_models passed",
            "list_custom_models passed",
            "list_inference_profiles passed",
            "invoke passed",
            "invoke_stream passed",
        ]
    );
    assert!(report.ok);
    assert_eq!(json!(report)["account_id"], ACCOUNT);
    assert_eq!(report.identity_arn, None);
    let seen = stage.world().seen();
    assert!(
        seen.iter()
            .all(|seen| seen.service != sandbox::Service::Sts)
    );
}

#[tokio::test]
async fn a_short_term_key_ends_and_says_when() {
    let stage = Stage::new().await;
    let report = stage.test(&key(&stage.demo.api_keys.short_term)).await;
    assert!(report.ok && report.account_id.is_none());
    assert!(report.expires_at.is_some());
}

#[tokio::test]
async fn what_a_key_says_against_itself_is_told_before_anything_is_sent() {
    let stage = Stage::new().await;
    let keys = &stage.demo.api_keys;
    for (text, flaw) in [
        (&keys.elsewhere, "fields failed region_mismatch"),
        (&keys.expired, "fields failed api_key_expired"),
    ] {
        assert_eq!(flaws(&stage.test(&key(text)).await), [flaw]);
    }
    assert!(stage.world().seen().is_empty());
}

#[tokio::test]
async fn what_aws_says_against_a_key_is_told_apart() {
    let stage = Stage::new().await;
    let keys = &stage.demo.api_keys;
    for (text, code) in [
        (keys.revoked.as_str(), "api_key_invalid"),
        ("ABSKbm9ib2R5", "api_key_invalid"),
        ("sk-ant-something-else", "api_key_invalid"),
        (&keys.not_allowed, "bearer_not_allowed"),
    ] {
        let report = stage.test(&key(text)).await;
        assert_eq!(
            flaws(&report),
            [
                format!("list_models failed {code}"),
                format!("list_custom_models warning {code}"),
                format!("list_inference_profiles warning {code}"),
            ],
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_key_that_ended_earlier_than_it_says_has_expired() {
    let stage = Stage::new().await;
    stage.refuse(
        "ListFoundationModels",
        403,
        "AccessDeniedException",
        "Bearer Token has expired",
    );
    let report = stage.test(&key(&stage.demo.api_keys.short_term)).await;
    assert_eq!(flaws(&report), ["list_models failed api_key_expired"]);
}

#[tokio::test]
async fn a_key_that_may_not_list_is_none_the_worse_for_invoking() {
    let stage = Stage::new().await;
    let actions = ["bedrock:CallWithBearerToken", "bedrock:InvokeModel"];
    let narrow = LongTermKey::new("BedrockAPIKey-narrow", "a-secret-of-a-narrow-key")
        .policy(allowing(&actions));
    let text = narrow.token(ACCOUNT.parse().unwrap());
    stage.change(|account| account.bedrock.api_keys.push(narrow));
    let report = stage.invoke(&key(&text), LITE).await;
    let diagnosis = told(&report, Name::ListModels);
    assert_eq!(diagnosis.code.as_str(), "missing_permission");
    assert!(diagnosis.remedy.contains("bedrock:ListFoundationModels"));
    assert_eq!(
        invocations(&report),
        ["invoke passed", "invoke_stream failed missing_permission"]
    );
    assert_eq!(report.models, None);
}

#[tokio::test]
async fn a_key_of_another_account_than_before_is_refused() {
    let stage = Stage::new().await;
    let long_term = key(&stage.demo.api_keys.long_term);
    let subject = Subject {
        account: Some("999999999999".parse().unwrap()),
        ..stage.subject(&long_term)
    };
    let report = run(&subject, |_| {}).await;
    assert_eq!(flaws(&report), ["identity failed account_changed"]);
    assert!(!json!(report).to_string().contains(ACCOUNT));
    assert!(stage.world().seen().is_empty());
}
