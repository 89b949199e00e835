//! Calls and streams that break, by faults.

use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::{
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

/// A call that waits no longer than a moment.
async fn ask(stage: &Stage) -> Result<ConverseOutput, SdkError<ConverseError, HttpResponse>> {
    let patience = TimeoutConfig::builder()
        .operation_timeout(Duration::from_millis(200))
        .build();
    let patience = aws_sdk_bedrockruntime::config::Config::builder().timeout_config(patience);
    let ask = stage.client().converse().model_id(LITE);
    let ask = ask.messages(said("Say yes")).customize();
    ask.config_override(patience).send().await
}

#[tokio::test]
async fn a_call_hangs_is_reset_or_gets_nonsense_and_the_next_is_answered() {
    let stage = Stage::new().await;
    let strike = async |harm| {
        let fault = Fault::always(harm).on("Converse").times(1);
        stage.sandbox.world().fault(fault);
        ask(&stage).await.err().unwrap()
    };
    assert!(matches!(
        strike(Harm::Hang).await,
        SdkError::TimeoutError(_)
    ));
    assert!(matches!(
        strike(Harm::Reset).await,
        SdkError::DispatchFailure(_)
    ));
    let nonsense = no(&strike(Harm::Nonsense("<html>")).await);
    assert_eq!(nonsense, No::new(200, "", ""));
    let slow_down = Refusal::new(429, "ThrottlingException", "Too many requests.");
    let refused = no(&strike(Harm::Refuse(slow_down)).await);
    assert_eq!(
        refused,
        No::new(429, "ThrottlingException", "Too many requests.")
    );
    assert!(ask(&stage).await.is_ok());
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
    assert!(ask(&stage).await.is_ok());
    assert!(began.elapsed() >= delay);
}
