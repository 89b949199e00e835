//! What is recorded.

use std::{
    fs,
    path::{Path, PathBuf},
};

use dialects::openai::{
    Chat, Chunks, DONE, Embeddings, ErrorBody, Form, ModelList, ModelObject, Nonsense, Refusal,
    completion, document,
};
use serde_json::{Value, json};

use crate::{checker, head};

struct Case {
    folder: PathBuf,
    model: String,
    /// What the client sends, as it stands and read.
    body: String,
    request: Value,
}

impl Case {
    /// All that are recorded: chats, or embeddings.
    fn all(of_embeddings: bool) -> Vec<Self> {
        let entries = fs::read_dir(root()).unwrap();
        let folders = entries.map(|entry| entry.unwrap().path());
        let cases: Vec<_> = folders
            .filter(|path| path.is_dir())
            .filter(|path| path.join("answers.jsonl").exists() == of_embeddings)
            .map(|folder| Self {
                model: read(&folder, "model.txt").unwrap().trim().to_owned(),
                body: read(&folder, "request.json").unwrap(),
                request: json_of(&folder, "request.json").unwrap(),
                folder,
            })
            .collect();
        assert!(!cases.is_empty());
        cases
    }

    fn name(&self) -> &str {
        self.folder.file_name().unwrap().to_str().unwrap()
    }

    /// The body of Converse, and the form of the answer.
    fn translated(&self) -> (Value, Form) {
        let chat = Chat::read(self.body.as_bytes()).unwrap();
        assert_eq!(chat.model(), self.request["model"]);
        let translated = chat.translate(&self.model).unwrap();
        let body = serde_json::from_slice(&translated.body).unwrap();
        (body, translated.form)
    }

    fn expect(&self, file: &str, told: &Value) {
        let expected = json_of(&self.folder, file).unwrap();
        assert_eq!(*told, expected, "{}/{file}: {told:#}", self.name());
    }

    fn expect_lines(&self, file: &str, told: &[Value]) {
        let expected = lines(&self.folder, file).unwrap();
        assert_eq!(told, expected, "{}/{file}", self.name());
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data/openai")
}

fn read(folder: &Path, file: &str) -> Option<String> {
    fs::read_to_string(folder.join(file)).ok()
}

fn json_of(folder: &Path, file: &str) -> Option<Value> {
    read(folder, file).map(|text| serde_json::from_str(&text).unwrap())
}

fn lines(folder: &Path, file: &str) -> Option<Vec<Value>> {
    let text = read(folder, file)?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

#[test]
fn requests_become_bodies_of_converse() {
    for case in Case::all(false) {
        let (body, form) = case.translated();
        case.expect("bedrock.json", &body);
        checker::check(&body);
        assert_eq!(
            form.streams,
            case.request["stream"] == true,
            "{}",
            case.name()
        );
    }
}

#[test]
fn answers_become_completions() {
    for case in Case::all(false) {
        let Some(answer) = read(&case.folder, "answer.json") else {
            continue;
        };
        let head = head(case.request["model"].as_str().unwrap());
        let told = completion(answer.as_bytes(), &head, &case.translated().1);
        let told: Value = serde_json::from_slice(&told.unwrap()).unwrap();
        case.expect("openai.json", &told);
    }
}

#[test]
fn events_become_chunks() {
    for case in Case::all(false) {
        let Some(events) = lines(&case.folder, "events.jsonl") else {
            continue;
        };
        let head = head(case.request["model"].as_str().unwrap());
        let mut chunks = Chunks::new(head, case.translated().1);
        let mut written = Vec::new();
        for event in events {
            let (kind, payload) = (event[0].as_str().unwrap(), event[1].to_string());
            assert_eq!(chunks.is_finished(), kind == "metadata", "{}", case.name());
            chunks
                .write(kind, payload.as_bytes(), &mut written)
                .unwrap();
        }
        written.extend_from_slice(DONE);
        let written = String::from_utf8(written).unwrap();
        let written = written.strip_suffix("data: [DONE]\n\n").unwrap();
        let told: Vec<Value> = written
            .split_terminator("\n\n")
            .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
            .collect();
        case.expect_lines("chunks.jsonl", &told);
    }
}

#[test]
fn embeddings_are_asked_for_in_the_models_own_bodies() {
    for case in Case::all(true) {
        let embeddings = Embeddings::read(case.body.as_bytes()).unwrap();
        let batches = embeddings.translate(&case.model).unwrap();
        let bodies = batches.bodies();
        let bodies: Vec<Value> = bodies
            .map(|body| serde_json::from_slice(&body).unwrap())
            .collect();
        case.expect_lines("bodies.jsonl", &bodies);
        let answers = lines(&case.folder, "answers.jsonl").unwrap();
        assert_eq!(answers.len(), bodies.len());
        let mut vectors = batches.vectors();
        for answer in answers {
            let length = vectors.length();
            vectors.take(answer.to_string().as_bytes(), 2).unwrap();
            assert!(vectors.length() > length, "what it takes is told");
        }
        let told = vectors.answer();
        case.expect("openai.json", &serde_json::from_slice(&told).unwrap());
    }
}

#[test]
fn what_cannot_be_asked_is_refused_by_name() {
    for row in lines(&root(), "refusals.jsonl").unwrap() {
        let model = row["model"].as_str().unwrap();
        let refusal = match row.get("embeddings") {
            Some(request) => Embeddings::read(request.to_string().as_bytes())
                .and_then(|embeddings| embeddings.translate(model).map(drop)),
            None => Chat::read(row["request"].to_string().as_bytes())
                .and_then(|chat| chat.translate(model).map(drop)),
        };
        let Err(Refusal {
            param,
            message,
            code,
        }) = refusal
        else {
            panic!("{row}");
        };
        assert_eq!(
            (json!(param), code),
            (row["param"].clone(), row["code"].as_str().unwrap()),
            "{row}"
        );
        assert!(message.contains(param.as_deref().unwrap()), "{message}");
    }
}

#[test]
fn lists_are_no_longer_than_openais_own() {
    let message = json!({ "role": "user", "content": "x" });
    let call = json!({ "id": "c", "function": { "name": "f", "arguments": "" } });
    let tool = json!({ "type": "function", "function": { "name": "f" } });
    let part = json!({ "type": "text", "text": "x" });
    for (param, request) in [
        ("messages", json!({ "messages": vec![message; 2_049] })),
        ("tools", json!({ "messages": [], "tools": vec![tool; 129] })),
        (
            "messages[0].tool_calls",
            json!({ "messages": [{ "role": "assistant", "tool_calls": vec![call; 129] }] }),
        ),
        (
            "messages[0].content",
            json!({ "messages": [{ "role": "user", "content": vec![part; 2_049] }] }),
        ),
    ] {
        let mut request = request;
        request["model"] = json!("m");
        let refusal = Chat::read(request.to_string().as_bytes())
            .map(drop)
            .unwrap_err();
        let told = (refusal.param.as_deref(), refusal.code);
        assert_eq!(told, (Some(param), "array_above_max_length"), "{refusal:?}");
    }
    let many = json!({ "model": "m", "input": vec!["x"; 2_049] }).to_string();
    let refusal = Embeddings::read(many.as_bytes()).map(drop).unwrap_err();
    assert_eq!(refusal.message, "'input' must not be longer than 2048.");
}

#[test]
fn a_vector_is_there_for_each_text_or_there_is_no_answer() {
    let request = json!({ "model": "m", "input": vec!["x"; 97] }).to_string();
    let embeddings = Embeddings::read(request.as_bytes()).unwrap();
    let batches = embeddings.translate("cohere.embed-english-v3").unwrap();
    let mut vectors = batches.vectors();
    let answer = |count| json!({ "embeddings": { "float": vec![[1]; count] } }).to_string();
    for (count, taken) in [(95, false), (97, false), (96, true), (2, false), (1, true)] {
        let answer = answer(count);
        assert_eq!(vectors.take(answer.as_bytes(), 0).is_ok(), taken, "{count}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for body in [
        "",
        "[]",
        "nonsense",
        "{\"model\":",
        "{} {}",
        "\"\\ud800\"",
        "\u{0}",
    ] {
        let refusal = Chat::read(body.as_bytes()).map(drop).unwrap_err();
        assert_eq!(
            (refusal.param, refusal.code),
            (None, "invalid_json"),
            "{body}"
        );
    }
    assert!(Chat::read(&[0xff, 0xfe]).is_err());
}

#[test]
fn a_refusal_does_not_tell_what_was_sent() {
    const SECRET: &str = "bi_0123456789abcdef";
    for request in [
        json!({ SECRET: 1 }),
        json!({ "model": "m", "messages": [{ "role": "user", SECRET: "x" }] }),
        json!({ "model": "m", "messages": [], "temperature": SECRET }),
        json!({ "model": "m", "messages": [], "reasoning_effort": SECRET }),
        json!({ "model": "m", "messages": [{ "role": SECRET }] }),
        json!({ "model": "m", "messages": [], "metadata": { SECRET: 7 } }),
    ] {
        let body = request.to_string();
        let refusal = Chat::read(body.as_bytes())
            .and_then(|chat| chat.translate("amazon.nova-lite-v1:0").map(drop))
            .unwrap_err();
        assert!(!format!("{refusal:?}").contains(SECRET), "{refusal:?}");
    }
}

#[test]
fn what_is_no_answer_of_converse_is_told_as_such() {
    let (head, form) = (head("nova"), Form::default());
    for answer in [
        "",
        "{}",
        "[]",
        r#"{"output":{"message":{"content":[]}}}"#,
        r#"{"output":{"message":{"content":[]}},"stopReason":"malformed_tool_use"}"#,
    ] {
        assert_eq!(
            completion(answer.as_bytes(), &head, &form),
            Err(Nonsense),
            "{answer}"
        );
    }
    let mut chunks = Chunks::new(head, form);
    let mut written = Vec::new();
    for stop in ["{}", r#"{"stopReason":"malformed_tool_use"}"#] {
        let told = chunks.write("messageStop", stop.as_bytes(), &mut written);
        assert_eq!(told, Err(Nonsense), "{stop}");
    }
    assert_eq!(chunks.write("somethingNew", b"{}", &mut written), Ok(()));
    assert!(written.is_empty() && !chunks.is_finished());
}

#[test]
fn models_and_errors_have_openais_form() {
    let list: ModelList<'_> = [ModelObject::new("nova", 1, "amazon")]
        .into_iter()
        .collect();
    let expected = json!({ "object": "list", "data": [
        { "id": "nova", "object": "model", "created": 1, "owned_by": "amazon" }
    ] });
    assert_eq!(serde_json::to_value(list).unwrap(), expected);
    let error = ErrorBody::new("invalid_request_error", "invalid_value", "No.", None).to_bytes();
    let expected = json!({ "error": {
        "message": "No.", "type": "invalid_request_error", "param": null, "code": "invalid_value"
    } });
    assert_eq!(serde_json::from_slice::<Value>(&error).unwrap(), expected);
}

#[test]
fn the_page_is_what_the_tables_say() {
    const COMMITTED: &str = include_str!("../../OPENAI.md");
    assert!(
        document() == COMMITTED,
        "`cargo run -p dialects --example openai > crates/dialects/OPENAI.md` writes it anew"
    );
}

#[test]
fn every_parameter_that_is_carried_or_ignored_is_in_a_case() {
    let page = document();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let kept = rows.filter(|row| row.contains("` | carried |") || row.contains("` | ignored |"));
    let cases: Vec<_> = [true, false].into_iter().flat_map(Case::all).collect();
    for row in kept {
        let name = row.split('`').next().unwrap();
        let has = |case: &Case| case.request.get(name).is_some();
        assert!(cases.iter().any(has), "{name}");
    }
}
