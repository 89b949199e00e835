//! All doors to conversations, asked with what clients send, spoiled in one place.

use std::{fs, path::Path};

use harness::Answer;
use proptest::{prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    anthropic::world::{self as anthropic, MESSAGES, World},
    conversations::world::register,
    openai::world::{self as openai, CHAT, EMBEDDINGS},
};

const COUNT_TOKENS: &str = "/anthropic/v1/messages/count_tokens";
const CONVERSE: &str = "/v1/models/nova/converse";
const BEDROCK: &str = "/bedrock/model/nova/converse";
const INVOKE: &str = "/bedrock/model/claude/invoke";
const TIMES: usize = 1_000;

/// What a client sends.
#[derive(Debug, Clone)]
struct Request {
    path: &'static str,
    body: Value,
    headers: Vec<(String, Vec<u8>)>,
}

impl Request {
    fn new(path: &'static str, body: Value) -> Self {
        Self {
            path,
            body,
            headers: Vec::new(),
        }
    }
}

/// All that is recorded, asked of models that there are.
fn recorded() -> Vec<Request> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/dialects/test-data");
    let mut requests = Vec::new();
    for folder in ["openai", "anthropic/requests"] {
        for case in fs::read_dir(root.join(folder)).unwrap() {
            let case = case.unwrap().path();
            let read = |file| {
                let text = fs::read_to_string(case.join(file)).ok()?;
                Some(serde_json::from_str::<Value>(&text).unwrap())
            };
            let Some(body) = read("request.json") else {
                continue;
            };
            let translated: &[_] = match (folder, body.get("input")) {
                ("openai", None) => &[CONVERSE, BEDROCK],
                ("openai", Some(_)) => &[],
                _ => &[INVOKE],
            };
            for path in translated {
                requests.extend(read("bedrock.json").map(|body| Request::new(path, body)));
            }
            let doors: &[(_, _)] = match (folder, body.get("input")) {
                ("openai", None) => &[(CHAT, "nova"), (CHAT, "claude")],
                ("openai", Some(_)) => &[(EMBEDDINGS, "titan"), (EMBEDDINGS, "cohere")],
                _ => &[(MESSAGES, "claude"), (COUNT_TOKENS, "claude")],
            };
            requests.extend(doors.iter().map(|(path, model)| {
                let mut body = body.clone();
                if let Some(named) = body.get_mut("model") {
                    *named = json!(model);
                }
                Request::new(path, body)
            }));
        }
    }
    assert!(!requests.is_empty());
    requests
}

/// The places of a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(inner, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                places(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn hostile() -> impl Strategy<Value = Value> {
    select(vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!(" \n"),
        json!("\0"),
        json!("\u{202e}ä😀"),
        json!("x".repeat(70_000)),
        json!("data:image/png;base64,%"),
        json!([]),
        json!({}),
        json!([null]),
        json!([[[{}]]]),
        json!({ "": { "": null } }),
        json!({ "type": "text", "text": "x" }),
    ])
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let names = vec![
        "anthropic-beta",
        "anthropic-version",
        "x-amzn-bedrock-guardrailidentifier",
        "x-amzn-bedrock-guardrailversion",
        "x-amzn-bedrock-trace",
        "x-amzn-bedrock-performanceconfig-latency",
        "x-amzn-bedrock-service-tier",
        "x-amzn-bedrock-unheard-of",
        "accept",
    ];
    let values: Vec<&[u8]> = vec![
        b"",
        b",",
        b"context-1m-2025-08-07",
        b"ENABLED",
        b"1",
        b"text/event-stream",
        b"\xff\xfe",
        b"\"\\u0000\"\t{",
    ];
    let one = (select(names), select(values))
        .prop_map(|(name, value)| vec![(name.to_owned(), value.to_vec())]);
    let many = (17..90_u8).prop_map(|count| {
        let name = |number| format!("x-amzn-bedrock-number-{number}");
        (0..count)
            .map(|number| (name(number), b"x".to_vec()))
            .collect()
    });
    let long = (8_000..40_000_usize)
        .prop_map(|length| vec![("x-amzn-bedrock-trace".to_owned(), vec![b'x'; length])]);
    prop_oneof![2 => one, 1 => many, 1 => long]
}

/// A request that is spoiled: a value in it, or a header.
fn spoiled() -> impl Strategy<Value = Request> {
    let request = select(recorded());
    prop_oneof![
        4 => (request.clone(), any::<prop::sample::Index>(), hostile()).prop_map(
            |(mut request, at, value)| {
                let mut found = Vec::new();
                places(&request.body, "", &mut found);
                let place: &String = at.get(&found);
                *request.body.pointer_mut(place).unwrap() = value;
                request
            }
        ),
        1 => (request, headers()).prop_map(|(request, headers)| Request { headers, ..request }),
    ]
}

#[tokio::test]
async fn nothing_that_is_sent_makes_a_5xx() {
    let world = World::start().await;
    let (admin, connection) = (&world.0.admin, &world.0.connection);
    register(admin, connection, "amazon.titan-embed-text-v2:0", "titan").await;
    register(admin, connection, "cohere.embed-english-v3", "cohere").await;
    let (requests, mut runner) = (spoiled(), TestRunner::deterministic());
    let mut answered = 0;
    for _ in 0..TIMES {
        let request = requests.new_tree(&mut runner).unwrap().current();
        let mut asked = world.0.member.request(Method::POST, request.path);
        for (name, value) in &request.headers {
            asked = asked.header(name, &value[..]);
        }
        let answer = Answer::of(asked.json(&request.body)).await;
        let told = check(request.path, &answer);
        assert!(told, "{request:.300?}: {answer:?}");
        answered += usize::from(answer.status == 200);
    }
    // Neither all that is sent is refused, nor nothing.
    assert!((TIMES / 10..TIMES).contains(&answered), "{answered}");
}

/// Whether it is an answer, or a refusal in the door's own form that lays no fault on us.
fn check(path: &str, answer: &Answer) -> bool {
    if answer.status == 200 {
        return true;
    }
    let status = match path {
        CHAT | EMBEDDINGS => openai::refused(answer).0,
        CONVERSE => answer.problem().0,
        BEDROCK | INVOKE => {
            assert!(answer.header("x-amzn-errortype").is_some(), "{answer:?}");
            answer.status
        }
        _ => anthropic::refused(answer).0,
    };
    (400..500).contains(&status) && status != 429
}
