//! Streams whose model thinks for long before AWS's answer begins.

use std::time::Duration;

use harness::{Options, service::until};
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

/// A world of hasty clients.
async fn world() -> World {
    let haste = Duration::from_millis(10);
    let patience = Patience {
        begin: haste,
        sign: haste,
        ..Patience::default()
    };
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

#[tokio::test]
async fn a_client_is_shown_that_there_is_life_before_the_answer_begins() {
    let world = world().await;
    fault(&world, Harm::Slow(Duration::from_millis(150)));
    for Door {
        path,
        body,
        sign,
        last,
        ..
    } in doors()
    {
        let answer = ask(&world, path, &body).await;
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        assert!(text.starts_with(sign), "{path}: {text}");
        let rest = text.rsplit_once(sign).unwrap().1;
        assert!(rest.contains(last), "{path}: {text}");
        assert!(!rest.contains("error"), "{path}: {text}");
    }
    for outcome in ["cancelled", "refused", "failed"] {
        assert_eq!(world.usage(outcome).await, None);
    }
    assert!(world.usage("answered").await.is_some());
}

#[tokio::test]
async fn what_aws_then_says_against_it_is_told_in_band_and_counted() {
    let world = world().await;
    fault(&world, Harm::Slow(Duration::from_millis(150)));
    world
        .aws
        .world
        .account(world.aws.demo.account_id, |account| {
            account.bedrock.api_keys.clear();
        });
    for Door {
        path,
        body,
        sign,
        last,
        ..
    } in doors()
    {
        let answer = ask(&world, path, &body).await;
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        let rest = text.rsplit_once(sign).unwrap().1;
        assert!(rest.contains("error"), "{path}: {text}");
        assert!(!rest.contains(last), "{path}: {text}");
    }
    assert_eq!(world.usage("answered").await, None);
    assert!(world.usage("refused").await.is_some());
}

#[tokio::test]
async fn a_service_that_stops_says_so_to_who_waits() {
    for door in doors() {
        let world = world().await;
        let Door {
            path, body, sign, ..
        } = door;
        fault(&world, Harm::Hang);
        let mut answer = ask(&world, path, &body).await;
        assert_eq!(answer.chunk().await.unwrap().unwrap(), sign, "{path}");
        world.service.begin_stop();
        let text = answer.text().await.unwrap();
        assert!(text.contains("error"), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_meanwhile_ends_the_call() {
    let world = world().await;
    fault(&world, Harm::Hang);
    for Door {
        operation,
        path,
        body,
        sign,
        ..
    } in doors()
    {
        let mut answer = ask(&world, path, &body).await;
        assert_eq!(answer.chunk().await.unwrap().unwrap(), sign, "{path}");
        assert!(world.aws.world.count(operation) > 0, "{path}");
        drop(answer);
        until("the call has ended", async || {
            world.service.context.running.count() == 0
        })
        .await;
    }
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
