//! What is sent again, and what is not.

use bedrock::transport::Operation;
use credential_provider::Error;
use domain::AccessId;
use futures_util::future::join_all;
use sandbox::{Harm, Refusal};

use crate::talk::{Talk, throttling};

#[tokio::test]
async fn what_is_throttled_is_asked_again_and_answered() {
    let talk = Talk::new().await;
    talk.harm("Converse", 2, throttling());
    talk.ask(Operation::Converse).await.unwrap();
    assert_eq!(talk.asked(), 3);
}

#[tokio::test]
async fn after_three_attempts_the_refusal_is_told() {
    let talk = Talk::new().await;
    talk.harm("Converse", usize::MAX, throttling());
    assert!(matches!(talk.refusal().await, Error::Throttled(_)));
    assert_eq!(talk.asked(), 3);
}

#[tokio::test]
async fn what_may_have_cost_something_or_cannot_change_is_not_asked_again() {
    for (status, code) in [
        (400, "ValidationException"),
        (400, "ServiceQuotaExceededException"),
        (403, "AccessDeniedException"),
        (403, "ExpiredTokenException"),
        (408, "ModelTimeoutException"),
        (424, "ModelErrorException"),
    ] {
        let talk = Talk::new().await;
        let refusal = Refusal::new(status, code, "no");
        talk.harm("Converse", usize::MAX, Harm::Refuse(refusal));
        assert_eq!(talk.refusal().await.aws().unwrap().code, code);
        assert_eq!(talk.asked(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_once_the_request_was_heard_is_not_asked_again() {
    let talk = Talk::new().await;
    talk.harm("Converse", 1, Harm::Reset);
    let operation = "Converse";
    assert_eq!(talk.refusal().await, Error::Unreachable { operation });
    assert_eq!(talk.asked(), 1);
}

#[tokio::test]
async fn who_is_throttled_takes_no_retry_from_anybody_else() {
    let talk = Talk::new().await;
    let other: AccessId = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c".parse().unwrap();
    talk.harm("Converse", usize::MAX, throttling());

    let calls = (0..20).map(|_| talk.refusal());
    join_all(calls).await;
    assert_eq!(talk.asked(), 20 + 10);

    talk.refusal().await;
    assert_eq!(talk.asked(), 31);
    let answer = talk.ask_for(other, Operation::Converse).await;
    assert!(answer.is_err());
    assert_eq!(talk.asked(), 34);

    // After a while it has some again.
    talk.stage.clock.advance(time::Duration::seconds(2));
    talk.refusal().await;
    assert_eq!(talk.asked(), 37);
}
