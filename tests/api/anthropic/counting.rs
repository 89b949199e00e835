//! Counting tokens, for which AWS has an operation of its own.

use sandbox::{Fault, Harm, Refusal};
use serde_json::json;

use super::world::{World, count_to_nine, refused, with};

const COUNT: &str = "/anthropic/v1/messages/count_tokens";

#[tokio::test]
async fn a_count_is_what_the_message_then_reads_and_asks_no_model() {
    let world = World::start().await;
    let mut asked = count_to_nine();
    asked.as_object_mut().unwrap().remove("max_tokens");
    let counted = world.0.member.post(COUNT, asked).await;
    assert_eq!(counted.status, 200, "{counted:?}");
    assert!(counted.header("server-timing").is_some(), "{counted:?}");
    assert_eq!(world.0.aws.world.count("InvokeModel"), 0);
    let answer = world.create(count_to_nine()).await;
    assert_eq!(
        counted.body,
        json!({ "input_tokens": answer.body["usage"]["input_tokens"] })
    );
}

#[tokio::test]
async fn what_aws_does_not_count_and_what_it_does_not_allow_is_said() {
    let world = World::start().await;
    let cannot = Refusal::validation("The provided model doesn't support counting tokens.");
    let may_not = Refusal::new(
        403,
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/R/s is not authorized to perform: bedrock:CountTokens on \
         resource: arn:aws:bedrock:us-east-1::foundation-model/x because no identity-based policy allows the \
         bedrock:CountTokens action",
    );
    for (refusal, status, kind, words) in [
        (cannot, 400, "invalid_request_error", "counting tokens"),
        (may_not, 403, "permission_error", "bedrock:CountTokens"),
    ] {
        world.0.aws.world.mend();
        let fault = Fault::always(Harm::Refuse(refusal)).on("CountTokens");
        world.0.aws.world.fault(fault);
        let answer = world.0.member.post(COUNT, count_to_nine()).await;
        let (told, kind_told, message) = refused(&answer);
        assert_eq!((told, kind_told), (status, kind), "{answer:?}");
        assert!(message.contains(words), "{message}");
        assert_eq!(answer.header("x-should-retry"), Some("false"));
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_no_count() {
    let world = World::start().await;
    world
        .0
        .aws
        .world
        .fault(Fault::always(Harm::Nonsense("{}")).on("CountTokens"));
    let answer = world.0.member.post(COUNT, count_to_nine()).await;
    assert_eq!(refused(&answer).0, 529, "{answer:?}");
}

#[tokio::test]
async fn only_claude_is_counted() {
    let world = World::start().await;
    let answer = world
        .0
        .member
        .post(COUNT, with(json!({ "model": "nova" })))
        .await;
    assert_eq!(refused(&answer).0, 400, "{answer:?}");
}
