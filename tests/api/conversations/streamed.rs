//! Answers in events: Bedrock's names and payloads, and what becomes of a stream that breaks.

use sandbox::{Fault, Harm, Refusal};
use serde_json::Value;

use super::world::{World, events, hello};

#[tokio::test]
async fn events_have_bedrocks_names_and_payloads() {
    let world = World::start().await;
    let answer = world.stream("nova", &hello()).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let told = events(&answer.text().await.unwrap());
    let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.first(), Some(&"messageStart"), "{names:?}");
    assert_eq!(names.last(), Some(&"metadata"), "{names:?}");
    assert!(names.contains(&"contentBlockDelta"), "{names:?}");
    let text: String = told
        .iter()
        .filter_map(|(_, data)| data["delta"]["text"].as_str())
        .collect();
    assert!(!text.is_empty());
}

#[tokio::test]
async fn what_fails_before_the_first_event_has_a_status_of_its_own() {
    let world = World::start().await;
    let throttled = Refusal::new(
        429,
        "ThrottlingException",
        "Too many requests, please wait.",
    );
    world
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(throttled)).on("ConverseStream"));
    let answer = world.stream("nova", &hello()).await;
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("retry-after"));
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "model_throttled");
}

#[tokio::test]
async fn what_fails_later_is_told_in_band_and_ends_the_stream() {
    let world = World::start().await;
    let failed = Refusal::new(424, "ModelStreamErrorException", "The model broke.");
    for (harm, reason) in [
        (Harm::FailAfter(3, failed), "model_failed"),
        (Harm::CutAfter(3), "answer_broken"),
        (Harm::EndAfter(3), "answer_broken"),
    ] {
        world.aws.world.mend();
        world
            .aws
            .world
            .fault(Fault::always(harm).on("ConverseStream"));
        let answer = world.stream("nova", &hello()).await;
        assert_eq!(answer.status(), 200);
        let told = events(&answer.text().await.unwrap());
        let (name, problem) = told.last().unwrap();
        assert_eq!(name, "error", "{told:?}");
        assert_eq!(problem["code"], "aws_unavailable", "{problem}");
        assert_eq!(problem["reason"], reason, "{problem}");
        assert!(problem["request_id"].is_string());
        assert_eq!(told.len(), 4, "{told:?}");
    }
}
