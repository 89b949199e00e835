//! AWS that does not answer: a test ends all the same. That it ends to the second is shown beside the code, where time
//! stands still until it is moved.

use std::time::Duration;

use bedrock::report::{Limits, Name, Subject, run};
use sandbox::{Fault, Harm};

use crate::stage::{LITE, Stage, flaws, invocations, told};

const SHORT: Duration = Duration::from_millis(300);

fn hang(stage: &Stage, operation: &'static str) {
    stage.world().fault(Fault::always(Harm::Hang).on(operation));
}

#[tokio::test]
async fn a_sign_in_that_hangs_is_told_and_is_no_refusal() {
    for operation in ["InitiateAuth", "GetCredentialsForIdentity"] {
        let stage = Stage::new().await;
        hang(&stage, operation);
        let user = stage.user();
        let limits = Limits {
            steps: SHORT,
            ..Limits::default()
        };
        let subject = Subject {
            limits,
            ..stage.subject(&user)
        };
        let report = run(&subject, |_| {}).await;
        assert_eq!(flaws(&report), ["credentials failed endpoint_timeout"]);
        assert!(report.failure.unwrap().is_temporary());
    }
}

#[tokio::test]
async fn a_model_that_hangs_is_told_for_each_way_of_asking_it() {
    let stage = Stage::new().await;
    hang(&stage, "Converse");
    hang(&stage, "ConverseStream");
    let role = stage.role();
    let limits = Limits {
        invoke: SHORT,
        ..Limits::default()
    };
    let subject = Subject {
        invoke: Some(LITE),
        limits,
        ..stage.subject(&role)
    };
    let report = run(&subject, |_| {}).await;
    assert_eq!(
        invocations(&report),
        [
            "invoke failed endpoint_timeout",
            "invoke_stream failed endpoint_timeout"
        ]
    );
    assert!(told(&report, Name::Invoke).retryable);
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_not_waited_for() {
    let stage = Stage::new().await;
    stage.change(|account| account.bedrock.pace = Duration::from_secs(3_600));
    let role = stage.role();
    let limits = Limits {
        invoke: SHORT,
        ..Limits::default()
    };
    let subject = Subject {
        invoke: Some(LITE),
        limits,
        ..stage.subject(&role)
    };
    let report = run(&subject, |_| {}).await;
    let diagnosis = told(&report, Name::InvokeStream);
    assert_eq!(diagnosis.code.as_str(), "endpoint_timeout");
}
