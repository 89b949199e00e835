//! What can happen to a stream that has begun.

use sandbox::{Fault, Harm, Refusal};

use crate::stage::{LITE, Stage, invocations};

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
        (Harm::CutAfter(1), "answer_broken"),
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
