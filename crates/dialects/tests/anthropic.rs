//! The Anthropic dialect: recorded cases in `test-data/anthropic`, and whatever else somebody might send.
//!
//! A folder of `requests` holds what a client sends (`request.json`, `betas.txt` for the header) and what becomes of it:
//! `bedrock.json`, `count.json` if counting differs, or `refusal.txt`. A folder of `streams` holds the payloads of frames
//! (`frames.jsonl`) and what the client gets (`events.txt`).
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use dialects::anthropic::{
    BETAS, Betas, Count, ErrorKind, Events, Fate, MEMBERS, Model, Nonsense, Paging, Refusal,
    Request, Usage, counted, document, error, error_event, page, used,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn cases(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data/anthropic");
    let entries = fs::read_dir(folder.join(kind)).unwrap();
    let cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(!cases.is_empty());
    cases
}

fn text(case: &Path, file: &str) -> Option<String> {
    fs::read_to_string(case.join(file)).ok()
}

fn json(case: &Path, file: &str) -> Option<Value> {
    text(case, file).map(|text| serde_json::from_str(&text).unwrap())
}

/// The body that CountTokens is to count.
fn counts(request: &Request<'_>, betas: &Betas) -> Value {
    let body: Value = serde_json::from_slice(&request.count(betas)).unwrap();
    let inner = body["input"]["invokeModel"]["body"].as_str().unwrap();
    serde_json::from_slice(&BASE64_STANDARD.decode(inner).unwrap()).unwrap()
}

fn read(request: &Value) -> Result<Value, Refusal> {
    let text = request.to_string();
    let body = Request::read(text.as_bytes())?.body(&Betas::default());
    Ok(serde_json::from_slice(&body).unwrap())
}

#[test]
fn recorded_requests_become_what_was_recorded() {
    for case in cases("requests") {
        let name = case.display();
        let request = text(&case, "request.json").unwrap();
        let betas = text(&case, "betas.txt").unwrap_or_default();
        let betas = Betas::read(betas.lines().map(str::as_bytes)).unwrap();
        match Request::read(request.as_bytes()) {
            Err(Refusal(message)) => {
                let expected = text(&case, "refusal.txt");
                assert_eq!(expected, Some(message + "\n"), "{name}");
            }
            Ok(request) => {
                let body: Value = serde_json::from_slice(&request.body(&betas)).unwrap();
                let expected = json(&case, "bedrock.json");
                assert_eq!(Some(&body), expected.as_ref(), "{name}");
                let counting = json(&case, "count.json").or(expected);
                assert_eq!(Some(counts(&request, &betas)), counting, "{name}");
            }
        }
    }
}

#[test]
fn recorded_streams_become_what_was_recorded() {
    for case in cases("streams") {
        let (mut events, mut written) = (Events::default(), Vec::new());
        for frame in text(&case, "frames.jsonl").unwrap().lines() {
            events.write(frame.as_bytes(), &mut written).unwrap();
        }
        let written = String::from_utf8(written).unwrap();
        assert_eq!(
            Some(written),
            text(&case, "events.txt"),
            "{}",
            case.display()
        );
        assert!(events.is_over(), "{}", case.display());
    }
}

/// A row for a member that stands in no request is a row that nobody tried.
#[test]
fn every_member_of_the_table_meets_its_fate() {
    for member in MEMBERS {
        let request = json!({ "model": "claude", member.name: { "a": [1] } });
        let body = read(&request);
        match member.fate {
            Fate::Carried => assert_eq!(body.unwrap()[member.name], request[member.name]),
            Fate::Ignored => assert_eq!(
                body.unwrap(),
                json!({ "anthropic_version": "bedrock-2023-05-31" })
            ),
            Fate::Read => assert!(body.unwrap_err().0.starts_with(member.name)),
            Fate::Refused { but_for } => {
                let Refusal(message) = body.unwrap_err();
                assert!(message.starts_with(member.name) && message.ends_with(member.why));
                for nothing in ["null", but_for] {
                    let nothing: Value = serde_json::from_str(nothing).unwrap();
                    let body = read(&json!({ "model": "claude", member.name: nothing }));
                    assert_eq!(body.unwrap().get(member.name), None);
                }
            }
        }
    }
}

#[test]
fn betas_of_anthropics_own_service_are_left_out_and_all_others_carried() {
    let read = |values: &[&str]| Betas::read(values.iter().map(|value| value.as_bytes())).unwrap();
    for beta in BETAS {
        let named = format!("{}2026-01-01", beta.prefix);
        assert_eq!(read(&[&named]), Betas::default());
    }
    for sent_by_real_clients in [
        "mcp-servers-2025-12-04",
        "extended-cache-ttl-2025-04-11",
        "prompt-caching-2024-07-31",
        "prompt-caching-scope-2026-01-05",
    ] {
        assert_eq!(read(&[sent_by_real_clients]), Betas::default());
    }
    let betas = read(&["context-1m-2025-08-07, oauth-2025-04-20,", "new-2027-01-01"]);
    assert_eq!(betas.to_string(), "context-1m-2025-08-07, new-2027-01-01");
    assert_eq!(
        serde_json::to_value(betas).unwrap(),
        json!(["context-1m-2025-08-07", "new-2027-01-01"])
    );
    assert!(Betas::read([&b"\xff"[..]]).is_err());
}

#[test]
fn the_page_says_what_the_code_does() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/ANTHROPIC.md");
    assert_eq!(
        fs::read_to_string(committed).unwrap_or_default(),
        document(),
        "`cargo run -p dialects --example anthropic > crates/dialects/ANTHROPIC.md` writes it anew"
    );
}

#[test]
fn members_are_read_however_they_are_written_and_each_once() {
    let request = Request::read(br#"{"mod\u0065l":"s\u006fnnet","str\u0065am":true}"#).unwrap();
    assert_eq!((&*request.model, request.streams), ("sonnet", true));
    for wrong in [
        r#"{"model":"a","model":"b"}"#,
        r#"{"model":"a","x":1,"\u0078":2}"#,
        r#"{"model":7}"#,
        r#"{"model":"a","stream":"yes"}"#,
        r#"{"stream":true}"#,
        r#"{"model":"a"} {}"#,
        "[]",
        "",
    ] {
        assert!(Request::read(wrong.as_bytes()).is_err(), "{wrong}");
    }
    let many: serde_json::Map<_, _> = (0..200).map(|n| (n.to_string(), json!(n))).collect();
    assert!(read(&json!(many)).is_err());
}

#[test]
fn what_is_below_the_top_level_is_not_touched() {
    let messages = r#"[ {"n":1.0e+02, "a":"\u00e4\/", "a":2} ]"#;
    let request = format!(r#"{{"model":"a","messages":{messages}}}"#);
    let body = Request::read(request.as_bytes())
        .unwrap()
        .body(&Betas::default());
    assert!(String::from_utf8(body).unwrap().contains(messages));
}

#[test]
fn a_count_is_told_in_anthropics_words() {
    let count = counted(br#"{"inputTokens":14,"new":1}"#).unwrap();
    assert_eq!(
        serde_json::to_value(count).unwrap(),
        json!({ "input_tokens": 14 })
    );
    assert_eq!(counted(b"{}"), None::<Count>);
}

#[test]
fn a_stream_tells_what_it_used_as_it_goes() {
    let mut events = Events::default();
    let mut tell = |event: Value| {
        let frame = json!({ "bytes": BASE64_STANDARD.encode(event.to_string()), "p": "abc" });
        events
            .write(frame.to_string().as_bytes(), &mut Vec::new())
            .unwrap();
        events.usage()
    };
    let begun = tell(json!({ "type": "message_start", "message": { "usage": {
        "input_tokens": 9, "output_tokens": 1, "cache_read_input_tokens": 5,
        "cache_creation_input_tokens": 6, "cache_creation": {},
    } } }));
    let usage = |output| Usage {
        input: 9,
        output,
        cache_read: 5,
        cache_write: 6,
    };
    assert_eq!(begun, usage(1));
    assert_eq!(
        tell(json!({ "type": "content_block_delta", "usage": 7 })),
        usage(1)
    );
    assert_eq!(
        tell(json!({ "type": "message_delta", "usage": { "output_tokens": 20 } })),
        usage(20)
    );
    assert_eq!(tell(json!({ "type": "message_delta" })), usage(20));
}

#[test]
fn a_whole_answer_tells_what_it_used() {
    let answer = json!({ "content": [{ "type": "text", "text": "Hi" }], "usage": {
        "input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 5, "cache_creation_input_tokens": null,
    } });
    let usage = Usage {
        input: 3,
        output: 4,
        cache_read: 5,
        cache_write: 0,
    };
    assert_eq!(used(answer.to_string().as_bytes()), usage);
    assert_eq!(used(b"nonsense"), Usage::default());
}

#[test]
fn what_is_no_event_writes_nothing() {
    let of = |event: &str| json!({ "bytes": BASE64_STANDARD.encode(event) }).to_string();
    for payload in [
        "{}".to_owned(),
        r#"{"bytes":"*"}"#.to_owned(),
        of("{}"),
        of("nonsense"),
        of(r#"{"type":"a\nevent: b"}"#),
    ] {
        let mut written = Vec::new();
        let outcome = Events::default().write(payload.as_bytes(), &mut written);
        assert_eq!((outcome, written), (Err(Nonsense), vec![]), "{payload}");
    }
    let mut written = Vec::new();
    let lines = of("{\n\"type\":\r\n\"ping\"}");
    Events::default()
        .write(lines.as_bytes(), &mut written)
        .unwrap();
    assert_eq!(written, b"event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

#[test]
fn errors_have_anthropics_shape() {
    let told: Value =
        serde_json::from_slice(&error(ErrorKind::Overloaded, "Not now.", "req_1")).unwrap();
    assert_eq!(
        told,
        json!({
            "type": "error",
            "error": { "type": "overloaded_error", "message": "Not now." },
            "request_id": "req_1",
        })
    );
    let event = error_event(ErrorKind::RequestTooLarge, "a\nb", "req_1");
    let event = String::from_utf8(event).unwrap();
    let data = event.strip_prefix("event: error\ndata: ").unwrap();
    let told: Value = serde_json::from_str(data).unwrap();
    assert_eq!(
        told["error"],
        json!({ "type": "request_too_large", "message": "a\nb" })
    );
    assert!(event.ends_with("\n\n"));
}

fn listed(query: &[(&'static str, &'static str)]) -> Result<(Vec<String>, bool), Refusal> {
    let models: Vec<_> = ["a", "b", "c", "d", "e"]
        .map(|id| {
            Model::new(
                id.to_owned(),
                id.to_owned(),
                "2026-01-01T00:00:00Z".to_owned(),
                false,
            )
        })
        .into();
    let query = query
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let list = serde_json::to_value(page(&models, &Paging::read(query)?)?).unwrap();
    let data = list["data"].as_array().unwrap();
    let ids: Vec<_> = data
        .iter()
        .map(|model| model["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(list["first_id"].as_str(), ids.first().map(String::as_str));
    assert_eq!(list["last_id"].as_str(), ids.last().map(String::as_str));
    Ok((ids, list["has_more"].as_bool().unwrap()))
}

#[test]
fn models_are_listed_in_pages_between_ids() {
    for (query, ids, has_more) in [
        (&[][..], &["a", "b", "c", "d", "e"][..], false),
        (&[("limit", "2")], &["a", "b"], true),
        (&[("limit", "2"), ("after_id", "b")], &["c", "d"], true),
        (
            &[("limit", "2"), ("after_id", "c"), ("beta", "true")],
            &["d", "e"],
            false,
        ),
        (&[("after_id", "e")], &[], false),
        (&[("limit", "2"), ("before_id", "d")], &["b", "c"], true),
        (
            &[("limit", "3"), ("before_id", "d")],
            &["a", "b", "c"],
            false,
        ),
    ] {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(listed(query), Ok((ids, has_more)), "{query:?}");
    }
    for wrong in [
        &[("limit", "0")][..],
        &[("limit", "1001")],
        &[("limit", "x")],
        &[("after_id", "z")],
        &[("before_id", "z")],
        &[("after_id", "a"), ("before_id", "e")],
    ] {
        assert!(listed(wrong).is_err(), "{wrong:?}");
    }
}

/// JSON of any shape, with the names of the table among its members.
fn anything() -> impl Strategy<Value = Value> {
    let names: Vec<_> = MEMBERS
        .iter()
        .map(|member| member.name.to_owned())
        .collect();
    let name = prop_oneof![proptest::sample::select(names), "[a-z\"\\\\ä]{0,6}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{0,6}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    });
    proptest::collection::btree_map(name, value, 0..12)
        .prop_map(|members| members.into_iter().collect())
}

proptest! {
    #[test]
    fn a_request_is_refused_by_name_or_carried_whole(mut request in anything(), named in any::<bool>()) {
        if named {
            request["model"] = json!("claude");
            request["stream"] = json!(true);
        }
        let refused_or = read(&request);
        let members = request.as_object().unwrap();
        match refused_or {
            Err(Refusal(message)) => {
                let name = message.split(':').next().unwrap();
                prop_assert!(MEMBERS.iter().any(|member| member.name == name), "{}", message);
            }
            Ok(body) => {
                let fate = |name: &str| MEMBERS.iter().find(|row| row.name == name).map(|row| row.fate);
                let mut expected: serde_json::Map<_, _> = members
                    .iter()
                    .filter(|(name, _)| matches!(fate(name), None | Some(Fate::Carried)))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                expected.insert("anthropic_version".to_owned(), json!("bedrock-2023-05-31"));
                prop_assert_eq!(body, Value::Object(expected));
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\\[{\"a:,1}\\]\\\\]{0,60}") {
        for body in [&bytes[..], text.as_bytes()] {
            if let Ok(request) = Request::read(body) {
                let body: Result<Value, _> = serde_json::from_slice(&request.body(&Betas::default()));
                prop_assert!(body.is_ok());
            }
            let _ = (Betas::read([body]), counted(body));
            let mut events = Events::default();
            let _ = events.write(body, &mut Vec::new());
            let wrapped = json!({ "bytes": BASE64_STANDARD.encode(body) }).to_string();
            let _ = events.write(wrapped.as_bytes(), &mut Vec::new());
        }
    }
}
