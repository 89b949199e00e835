//! Conversations over the transport, in every way in and with every kind of model id.

use std::sync::Arc;

use aws_credential_types::Credentials;
use bedrock::transport::{Operation, Transport};
use credential_provider::{Identity, Lease, Strategy};
use domain::{Clock, ManualClock};
use futures_util::future::join_all;
use serde_json::Value;
use time::Duration;

use crate::{
    stage::{self, LITE, SONNET_PROFILE, access, key},
    talk::{PATIENCE, Talk, kinds},
};

#[tokio::test]
async fn a_role_and_both_kinds_of_key_converse() {
    let talk = Talk::new().await;
    let keys = &talk.stage.demo.api_keys;
    let (long, short) = (key(&keys.long_term), key(&keys.short_term));
    let role = talk.stage.role();
    let ways: [&dyn Strategy; 3] = [&role, &long, &short];
    for way in ways {
        let lease = way
            .lease(&talk.stage.aws, &talk.stage.region)
            .await
            .unwrap();
        let answer = talk
            .send(&lease, access(), Operation::Converse, LITE)
            .await
            .unwrap();
        assert!(answer.request_id().is_some());
        let body: Value = serde_json::from_slice(&answer.bytes(PATIENCE).await.unwrap()).unwrap();
        assert_eq!(body["stopReason"], "end_turn", "{body}");
    }
}

#[tokio::test]
async fn models_are_found_by_id_profile_and_arn() {
    let talk = Talk::new().await;
    let account = "arn:aws:bedrock:us-east-1:123456789012";
    for model in [
        LITE,
        SONNET_PROFILE,
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        &format!("{account}:inference-profile/{SONNET_PROFILE}"),
        &format!("{account}:application-inference-profile/ap1lite00001"),
        &format!("{account}:custom-model-deployment/dp1lite00001"),
        &format!("{account}:provisioned-model/pt1lite00001"),
    ] {
        let answer = talk
            .send(&talk.lease, access(), Operation::Converse, model)
            .await;
        assert!(answer.is_ok(), "{model}: {:?}", answer.err());
    }
}

#[tokio::test]
async fn a_stream_brings_its_events_in_order_and_ends() {
    let talk = Talk::new().await;
    let answer = talk.ask(Operation::ConverseStream).await.unwrap();
    let (mut kinds, end) = kinds(answer).await;
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata"
        ]
    );
    assert_eq!(end, Ok(()));
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected_once_for_all() {
    for off in [Duration::hours(1), Duration::hours(-30)] {
        let mut talk = Talk::new().await;
        let clock = Arc::new(ManualClock::at(talk.stage.clock.now() + off));
        let aws = stage::aws(&talk.stage.sandbox.url(), &clock, None);
        talk.transport = Transport::new(aws);

        talk.ask(Operation::Converse).await.unwrap();
        assert_eq!(talk.asked(), 2);
        talk.ask(Operation::Converse).await.unwrap();
        assert_eq!(talk.asked(), 3);
    }
}

#[tokio::test]
async fn all_that_were_signed_at_the_wrong_time_are_signed_again() {
    let mut talk = Talk::new().await;
    let clock = Arc::new(ManualClock::at(talk.stage.clock.now() + Duration::hours(1)));
    let aws = stage::aws(&talk.stage.sandbox.url(), &clock, None);
    talk.transport = Transport::new(aws);

    let answers = join_all((0..20).map(|_| talk.ask(Operation::Converse))).await;
    for answer in answers {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_signature_that_is_wrong_at_the_right_time_stays_wrong() {
    let mut talk = Talk::new().await;
    let wrong = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wrong", None, None, "test");
    talk.lease = Lease::new(Identity::Credentials(wrong), None);
    let refusal = talk.refusal().await;
    assert_eq!(refusal.aws().unwrap().code, "InvalidSignatureException");
    assert_eq!(talk.asked(), 1);
}
