//! Answers in events: Bedrock's names and payloads, and what becomes of a stream that breaks.

use harness::service::until;
use sandbox::{Fault, Harm, Refusal};
use serde_json::{Value, json};

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

#[tokio::test]
async fn a_stream_that_breaks_is_counted_at_every_door() {
    let world = World::start().await;
    world
        .aws
        .world
        .fault(Fault::always(Harm::CutAfter(3)).on("ConverseStream"));
    let completion = json!({
        "model": "nova", "stream": true, "messages": [{ "role": "user", "content": "Hello" }],
    });
    let operations = world.admin.clone().at(&world.service.ops_url);
    for (before, (path, body)) in [
        ("/v1/models/nova/converse", hello()),
        ("/bedrock/model/nova/converse-stream", hello()),
        ("/openai/v1/chat/completions", completion),
    ]
    .into_iter()
    .enumerate()
    {
        let asked = world.member.request(reqwest::Method::POST, path);
        let asked = asked.header("accept", "text/event-stream").json(&body);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        // On Bedrock's wire it is broken off.
        let _ = answer.text().await;
        let counted = format!(
            "bi_http_problems_total{{code=\"aws_unavailable\"}} {}\n",
            before + 1
        );
        until("it is counted", async || {
            operations.get("/metrics").await.raw.contains(&counted)
        })
        .await;
    }
}
