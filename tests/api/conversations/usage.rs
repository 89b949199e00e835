//! What conversations used: written behind them, by day and outcome, and nobody else's to read.

use harness::service::until;

use super::world::{World, hello};

#[tokio::test]
async fn what_was_used_is_told_by_model_and_outcome() {
    let world = World::start().await;
    let answer = world.converse("nova", hello()).await;
    let streamed = world.stream("nova", &hello()).await.text().await.unwrap();
    assert!(streamed.contains("metadata"));
    assert_eq!(
        world
            .converse("nova", serde_json::json!({ "messages": [] }))
            .await
            .status,
        400
    );
    until("the stream is noted", async || {
        world.service.context.running.count() == 0
    })
    .await;
    world
        .service
        .context
        .usage
        .flush(&world.service.context.store, world.service.context.now())
        .await
        .unwrap();

    let told = world.admin.get("/v1/usage").await;
    assert_eq!(told.status, 200, "{told:?}");
    let row = |outcome: &str| {
        let found = told.items().iter().find(|row| row["outcome"] == outcome);
        found
            .unwrap_or_else(|| panic!("{outcome}: {told:?}"))
            .clone()
    };
    let answered = row("answered");
    assert_eq!(answered["requests"], 2);
    assert_eq!(answered["alias"], "nova");
    assert_eq!(answered["model_id"], world.model.as_str());
    let input = answer.body["usage"]["inputTokens"].as_i64().unwrap();
    assert_eq!(answered["input_tokens"], 2 * input);
    assert!(answered["output_tokens"].as_i64().unwrap() > 0);
    assert_eq!(row("refused")["requests"], 1);

    assert_eq!(world.member.get("/v1/usage").await.status, 403);
    world.service.tenant("two").await;
    let other = world.service.caller("two", "admin").await;
    assert!(other.get("/v1/usage").await.items().is_empty());
}

#[tokio::test]
async fn days_that_are_none_are_refused() {
    let world = World::start().await;
    for query in [
        "from=yesterday",
        "from=2026-02-30",
        "from=2026-02-02&to=2026-02-01",
        "from=2025-01-01&to=2026-01-01",
        "day=2026-01-01",
    ] {
        let answer = world.admin.get(&format!("/v1/usage?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {answer:?}");
    }
    let answer = world
        .admin
        .get("/v1/usage?from=2026-01-01&to=2026-01-31")
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
