//! Streams that break, by faults.

use aws_sdk_bedrockruntime::{
    error::SdkError, types::error::ConverseStreamOutputError as ServiceError,
};
use sandbox::{Fault, Harm, Refusal};

use crate::stage::{LITE, Stage, said};

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
