//! What can happen to a stream that has begun.

use std::time::Duration;

use bedrock::report::{Limits, Name, Subject, run};
use sandbox::{Fault, Harm, Refusal};

use crate::stage::{LITE, Stage, invocations, told};

#[tokio::test]
async fn what_breaks_a_stream_is_told_though_it_began_well() {
    let refusal = |status, code| Refusal::new(status, code, "Try your request again.");
    for (harm, code) in [
        (
            Harm::FailAfter(0, refusal(400, "ValidationException")),
            "model_request_invalid",
        ),
        (
            Harm::FailAfter(0, refusal(429, "ThrottlingException")),
            "throttled",
        ),
        (
            Harm::FailAfter(1, refusal(424, "ModelStreamErrorException")),
            "model_failed",
        ),
        (
            Harm::FailAfter(2, refusal(500, "InternalServerException")),
            "aws_unavailable",
        ),
        (Harm::CutAfter(1), "endpoint_unreachable"),
        (Harm::Nonsense("<html>"), "aws_unavailable"),
    ] {
        let stage = Stage::new().await;
        stage
            .world()
            .fault(Fault::always(harm.clone()).on("ConverseStream"));
        let report = stage.invoke(&stage.role(), LITE).await;
        let failed = format!("invoke_stream failed {code}");
        assert_eq!(invocations(&report), ["invoke passed", &failed], "{harm:?}");
    }
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_not_waited_for() {
    let stage = Stage::new().await;
    stage.change(|account| account.bedrock.pace = Duration::from_secs(3_600));
    let role = stage.role();
    let subject = Subject {
        invoke: Some(LITE),
        limits: Limits {
            invoke: Duration::from_millis(500),
            ..Limits::default()
        },
        ..stage.subject(&role)
    };
    let report = run(&subject, |_| {}).await;
    assert_eq!(
        invocations(&report),
        ["invoke passed", "invoke_stream failed endpoint_timeout"]
    );
    assert!(told(&report, Name::InvokeStream).retryable);
}
