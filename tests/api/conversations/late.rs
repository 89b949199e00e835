//! Streams whose model thinks for long, before AWS's answer begins or before it says something.

use std::time::Duration;

use harness::Options;
use reqwest::{Method, Response};
use sandbox::{Fault, Harm};
use serde_json::{Value, json};
use server::app::conversations::Patience;

use super::world::{World, hello, register};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A door whose form has room for signs of life.
struct Door {
    operation: &'static str,
    path: &'static str,
    body: Value,
    sign: &'static str,
    /// What is in its last event, if all is well.
    last: &'static str,
}

fn doors() -> [Door; 3] {
    let chat = |model| {
        json!({
            "model": model, "stream": true, "max_tokens": 99,
            "messages": [{ "role": "user", "content": "Hello" }],
        })
    };
    [
        Door {
            operation: "ConverseStream",
            path: "/v1/models/nova/converse",
            body: hello(),
            sign: ": still thinking\n\n",
            last: "event: metadata",
        },
        Door {
            operation: "ConverseStream",
            path: "/openai/v1/chat/completions",
            body: chat("nova"),
            sign: ": still thinking\n\n",
            last: "data: [DONE]",
        },
        Door {
            operation: "InvokeModelWithResponseStream",
            path: "/anthropic/v1/messages",
            body: chat("claude"),
            sign: "event: ping\ndata: {\"type\": \"ping\"}\n\n",
            last: "event: message_stop",
        },
    ]
}

const HASTE: Duration = Duration::from_millis(10);

/// A world whose answers are late to begin.
async fn world() -> World {
    impatient(Patience {
        begin: HASTE,
        sign: HASTE,
        ..Patience::default()
    })
    .await
}

/// A world whose answers begin at once, and whose models are late to say something.
async fn thoughtful(silence: Duration) -> World {
    let world = impatient(Patience {
        first: HASTE,
        sign: HASTE,
        silence,
        ..Patience::default()
    })
    .await;
    world.dawdle();
    world
}

async fn impatient(patience: Patience) -> World {
    let world = World::with(Options {
        patience,
        ..Options::default()
    })
    .await;
    register(&world.admin, &world.connection, CLAUDE, "claude").await;
    world
}

async fn ask(world: &World, path: &str, body: &Value) -> Response {
    let request = world.member.request(Method::POST, path);
    let request = request.header("accept", "text/event-stream");
    request.json(body).send().await.unwrap()
}

fn fault(world: &World, harm: Harm) {
    world.aws.world.fault(Fault::always(harm));
}

/// How many requests ended so.
async fn ended(world: &World, outcome: &str) -> u64 {
    world.usage(outcome).await;
    let told = world.admin.get("/v1/usage").await;
    let rows = told.items().iter().filter(|row| row["outcome"] == outcome);
    rows.map(|row| row["requests"].as_u64().unwrap()).sum()
}

/// That there was life, and then the whole answer.
async fn is_whole(world: &World, door: &Door) {
    let Door {
        path, sign, last, ..
    } = door;
    let answer = ask(world, path, &door.body).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    assert!(answer.headers().contains_key("server-timing"), "{path}");
    let text = answer.text().await.unwrap();
    assert!(text.starts_with(sign), "{path}: {text}");
    let rest = text.rsplit_once(sign).unwrap().1;
    assert!(rest.contains(last), "{path}: {text}");
    assert!(!text.contains("error"), "{path}: {text}");
}

/// That there was life, and then why there is no answer.
async fn is_broken(world: &World, door: &Door) {
    let Door {
        path, sign, last, ..
    } = door;
    let answer = ask(world, path, &door.body).await;
    assert_eq!(answer.status(), 200, "{path}");
    let text = answer.text().await.unwrap();
    let rest = text.rsplit_once(sign).unwrap().1;
    assert!(rest.contains("error"), "{path}: {text}");
    assert!(!text.contains(last), "{path}: {text}");
}

#[tokio::test]
async fn a_client_is_shown_that_there_is_life_before_the_answer_begins() {
    let world = world().await;
    fault(&world, Harm::Slow(Duration::from_millis(150)));
    for door in &doors() {
        is_whole(&world, door).await;
    }
    assert_eq!(ended(&world, "answered").await, 3);
}

#[tokio::test]
async fn so_is_it_before_the_first_event_and_between_others() {
    let world = thoughtful(Patience::default().silence).await;
    for door in &doors() {
        is_whole(&world, door).await;
    }
    assert_eq!(ended(&world, "answered").await, 3);
}

#[tokio::test]
async fn a_model_that_says_nothing_for_too_long_is_given_up() {
    let world = thoughtful(5 * HASTE).await;
    for door in &doors() {
        is_broken(&world, door).await;
    }
    assert_eq!(ended(&world, "failed").await, 3);
}

#[tokio::test]
async fn what_aws_then_says_against_it_is_told_in_band_and_counted() {
    let world = world().await;
    fault(&world, Harm::Slow(Duration::from_millis(150)));
    let account = world.aws.demo.account_id;
    world.aws.world.account(account, |account| {
        account.bedrock.api_keys.clear();
    });
    for door in &doors() {
        is_broken(&world, door).await;
    }
    assert_eq!(ended(&world, "refused").await, 3);
}

#[tokio::test]
async fn what_ends_streams_ends_those_that_are_late_too() {
    for door in doors() {
        for disconnects in [false, true] {
            let Door { path, sign, .. } = door;
            let world = world().await;
            fault(&world, Harm::Hang);
            let mut answer = ask(&world, path, &door.body).await;
            assert_eq!(answer.chunk().await.unwrap().unwrap(), sign, "{path}");
            if disconnects {
                let path = world.connection_path();
                assert_eq!(world.admin.delete(&path).await.status, 200);
            } else {
                world.service.begin_stop();
            }
            let text = answer.text().await.unwrap();
            assert!(text.contains("error"), "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_away_meanwhile_ends_the_call() {
    let world = world().await;
    fault(&world, Harm::Hang);
    for door in doors() {
        let Door { path, sign, .. } = door;
        let mut answer = ask(&world, path, &door.body).await;
        assert_eq!(answer.chunk().await.unwrap().unwrap(), sign, "{path}");
        assert!(world.aws.world.count(door.operation) > 0, "{path}");
        drop(answer);
    }
    assert_eq!(ended(&world, "cancelled").await, 3);
}

#[tokio::test]
async fn the_door_without_signs_of_life_waits_for_the_status() {
    let world = world().await;
    fault(&world, Harm::Slow(Duration::from_millis(150)));
    let path = "/bedrock/model/nova/converse-stream";
    assert_eq!(ask(&world, path, &hello()).await.status(), 200);
    let nothing = json!({ "messages": [] });
    assert_eq!(ask(&world, path, &nothing).await.status(), 400);
}
