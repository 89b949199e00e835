//! AWS that does not answer: a test ends all the same.

use std::time::Duration;

use bedrock::report::{Limits, Subject, run};
use credential_provider::Strategy;
use futures_util::future::join_all;
use sandbox::{Fault, Harm};

use crate::stage::{LITE, Stage, flaws, key};

const SHORT: Limits = Limits {
    steps: Duration::from_secs(2),
    invoke: Duration::from_millis(500),
};

/// What a test shows while an operation hangs.
async fn flaws_while(operation: &'static str, user_signs_in: bool) -> Vec<String> {
    let stage = Stage::new().await;
    let hang = Fault::always(Harm::Hang);
    stage.world().fault(hang.on(operation));
    let way: Box<dyn Strategy> = if user_signs_in {
        Box::new(stage.user())
    } else {
        Box::new(stage.role())
    };
    let subject = Subject {
        invoke: Some(LITE),
        limits: SHORT,
        ..stage.subject(&*way)
    };
    flaws(&run(&subject, |_| {}).await)
}

#[tokio::test]
async fn each_call_that_hangs_is_told_as_the_step_that_it_was_made_for() {
    let cases = [
        ("AssumeRole", "credentials failed endpoint_timeout"),
        ("GetCallerIdentity", "identity failed endpoint_timeout"),
        (
            "ListFoundationModels",
            "list_models failed endpoint_timeout",
        ),
        (
            "ListCustomModels",
            "list_custom_models warning endpoint_timeout",
        ),
        (
            "ListInferenceProfiles",
            "list_inference_profiles warning endpoint_timeout",
        ),
        ("Converse", "invoke failed endpoint_timeout"),
        ("ConverseStream", "invoke_stream failed endpoint_timeout"),
    ];
    let tests = cases.map(|(operation, _)| flaws_while(operation, false));
    assert_eq!(
        join_all(tests).await,
        cases.map(|(_, flaw)| vec![flaw.to_owned()])
    );
}

#[tokio::test]
async fn a_sign_in_that_hangs_is_told() {
    let calls = [
        "InitiateAuth",
        "RespondToAuthChallenge",
        "GetId",
        "GetCredentialsForIdentity",
    ];
    for flaws in join_all(calls.map(|operation| flaws_while(operation, true))).await {
        assert_eq!(flaws, ["credentials failed endpoint_timeout"]);
    }
}

#[tokio::test]
async fn everything_that_hangs_hangs_no_longer_than_one_thing() {
    let stage = Stage::new().await;
    stage.world().fault(Fault::always(Harm::Hang));
    let key = key(&stage.demo.api_keys.long_term);
    let subject = Subject {
        limits: SHORT,
        ..stage.subject(&key)
    };
    let report = run(&subject, |_| {}).await;
    assert_eq!(
        flaws(&report),
        [
            "list_models failed endpoint_timeout",
            "list_custom_models warning endpoint_timeout",
            "list_inference_profiles warning endpoint_timeout",
        ]
    );
    // The lists are asked for at once, and wait together.
    let limit = u64::try_from(SHORT.steps.as_millis()).unwrap();
    assert!(report.steps.iter().map(|step| step.latency_ms).max() < Some(2 * limit));
}
