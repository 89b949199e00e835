//! Calls and streams that break, by faults.

use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::{
    Config,
    config::{http::HttpResponse, timeout::TimeoutConfig},
    error::SdkError,
    operation::converse::{ConverseError, ConverseOutput},
    types::error::ConverseStreamOutputError as ServiceError,
};
use sandbox::{Fault, Harm, Refusal};

use crate::stage::{LITE, No, Stage, no, said};

/// How a stream ended.
enum End {
    /// As it should.
    Whole,
    /// With an error of AWS.
    Refused(ServiceError),
    /// Otherwise.
    Broken,
}

/// How many events came, and how the stream ended.
async fn watch(stage: &Stage) -> (usize, End) {
    let asked = stage.client().converse_stream().model_id(LITE);
    let answer = asked.messages(said("count to 50")).send().await;
    let mut stream = answer.ok().unwrap().stream;
    let mut count = 0;
    loop {
        match stream.recv().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, End::Whole),
            Err(SdkError::ServiceError(error)) => return (count, End::Refused(error.into_err())),
            Err(_) => return (count, End::Broken),
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_no_stream_that_ended() {
    let stage = Stage::new().await;
    let (all, end) = watch(&stage).await;
    assert!(matches!(end, End::Whole));
    assert!(all > 10);
    let world = stage.sandbox.world();
    world.fault(
        Fault::always(Harm::CutAfter(3))
            .on("ConverseStream")
            .times(1),
    );
    let (count, end) = watch(&stage).await;
    assert_eq!(count, 3);
    assert!(matches!(end, End::Broken));
    let (again, _) = watch(&stage).await;
    assert_eq!(again, all);
}

#[tokio::test]
async fn an_error_event_ends_a_stream_with_its_code() {
    let stage = Stage::new().await;
    let slow_down = Refusal::new(429, "ThrottlingException", "Too many tokens.");
    let world = stage.sandbox.world();
    world.fault(Fault::always(Harm::FailAfter(2, slow_down)));
    let (count, end) = watch(&stage).await;
    assert_eq!(count, 2);
    let End::Refused(ServiceError::ThrottlingException(error)) = end else {
        panic!("the stream ended otherwise")
    };
    assert_eq!(error.message(), Some("Too many tokens."));
}

/// A call, and how long it waits if not as long as it takes.
async fn ask(
    stage: &Stage,
    patience: Option<Duration>,
) -> Result<ConverseOutput, SdkError<ConverseError, HttpResponse>> {
    let mut limits = TimeoutConfig::builder();
    limits.set_operation_timeout(patience);
    let config = Config::builder().timeout_config(limits.build());
    let ask = stage.client().converse().model_id(LITE);
    let ask = ask.messages(said("Say yes")).customize();
    ask.config_override(config).send().await
}

#[tokio::test]
async fn a_call_hangs_is_reset_or_gets_nonsense_and_the_next_is_answered() {
    let stage = Stage::new().await;
    let strike = async |harm, patience| {
        let fault = Fault::always(harm).on("Converse").times(1);
        stage.sandbox.world().fault(fault);
        ask(&stage, patience).await.err().unwrap()
    };
    let hung = strike(Harm::Hang, Some(Duration::from_millis(50))).await;
    assert!(matches!(hung, SdkError::TimeoutError(_)));
    // The call may have given up before it came, and left the fault to the next one.
    stage.sandbox.world().mend();
    let reset = strike(Harm::Reset, None).await;
    assert!(matches!(reset, SdkError::DispatchFailure(_)));
    let nonsense = no(&strike(Harm::Nonsense("<html>"), None).await);
    assert_eq!(nonsense, No::new(200, "", ""));
    let message = "Too many requests.";
    let slow_down = Refusal::new(429, "ThrottlingException", message);
    let refused = no(&strike(Harm::Refuse(slow_down), None).await);
    assert_eq!(refused, No::new(429, "ThrottlingException", message));
    assert!(ask(&stage, None).await.is_ok());
}

#[tokio::test]
async fn a_slow_call_is_answered_in_the_end() {
    let stage = Stage::new().await;
    let delay = Duration::from_millis(50);
    stage
        .sandbox
        .world()
        .fault(Fault::always(Harm::Slow(delay)));
    let began = Instant::now();
    assert!(ask(&stage, None).await.is_ok());
    assert!(began.elapsed() >= delay);
}
