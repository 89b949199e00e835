//! Whatever somebody might send: no input panics, and what is not refused is a body that AWS takes.

use dialects::openai::{Chat, Chunks, Embeddings, Form, Refusal, completion};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

use crate::{checker, head};

const MODELS: [&str; 6] = [
    "amazon.nova-lite-v1:0",
    "us.amazon.nova-2-lite-v1:0",
    "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "openai.gpt-oss-120b-1:0",
    "cohere.embed-v4:0",
];

/// Members that there are, at whichever depth, and one that there is not.
const NAMES: [&str; 26] = [
    "model",
    "messages",
    "role",
    "content",
    "type",
    "text",
    "tool_calls",
    "tool_call_id",
    "id",
    "function",
    "name",
    "arguments",
    "tools",
    "tool_choice",
    "parameters",
    "stop",
    "stream",
    "response_format",
    "json_schema",
    "schema",
    "image_url",
    "url",
    "max_tokens",
    "n",
    "input",
    "unheard_of",
];

fn word() -> impl Strategy<Value = Value> {
    let known = select(vec![
        "user",
        "assistant",
        "system",
        "tool",
        "function",
        "text",
        "image_url",
        "auto",
        "none",
        "required",
        "json_schema",
        "object",
        "call_1",
        "f",
        "",
        " ",
        "{}",
        "{\"a\":1}",
        "data:image/png;base64,iVBO",
    ]);
    prop_oneof![4 => known.prop_map(Value::from), 1 => "\\PC{0,8}".prop_map(Value::from)]
}

/// Any JSON, of words that mean something here.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        word(),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..5_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 5, |inner| {
        let members = vec((select(&NAMES[..]), inner.clone()), 0..6);
        let object = members.prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            Value::Object(members.collect())
        });
        prop_oneof![vec(inner, 0..5).prop_map(Value::from), object]
    })
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z \n\"\\\\é]{0,6}".prop_map(Value::from),
        vec("[a-z ]{0,4}", 0..3).prop_map(|texts| {
            let part = |text| json!({ "type": "text", "text": text });
            texts.into_iter().map(part).collect()
        }),
    ]
}

fn id() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "c", "not an id"])
}

fn part() -> impl Strategy<Value = Value> {
    let data = select(vec![
        "data:image/png;base64,iVBO",
        "data:image/tiff;base64,iVBO",
        "https://a/b.png",
        "data:,",
        "iVB",
    ]);
    let file = select(vec![
        "data:application/pdf;base64,JVBE",
        "data:text/csv;base64,YQ==",
        "data:a/b;base64,YQ==",
        "YQ==",
    ]);
    prop_oneof![
        3 => Just(json!({ "type": "text", "text": "x" })),
        1 => data.prop_map(|url| json!({ "type": "image_url", "image_url": { "url": url } })),
        1 => (file, "\\PC{0,6}(\\.md)?").prop_map(|(data, name)| json!({
            "type": "file", "file": { "file_data": data, "filename": name }, "prompt_cache_breakpoint": {},
        })),
    ]
}

fn call() -> impl Strategy<Value = Value> {
    let arguments = select(vec!["{}", "", "{\"a\":[1]}", "[]", "{"]);
    (id(), select(vec!["f", "g", "a b"]), arguments).prop_map(|(id, name, arguments)| {
        json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
    })
}

/// Messages that are close to what clients send.
fn message() -> impl Strategy<Value = Value> {
    let said = |role: &'static str| {
        text().prop_map(move |content| json!({ "role": role, "content": content }))
    };
    let called = (option::of(text()), vec(call(), 0..3)).prop_map(
        |(content, calls)| json!({ "role": "assistant", "content": content, "tool_calls": calls }),
    );
    let result = (id(), text()).prop_map(
        |(id, content)| json!({ "role": "tool", "tool_call_id": id, "content": content }),
    );
    let shown = vec(part(), 0..3).prop_map(|parts| json!({ "role": "user", "content": parts }));
    prop_oneof![3 => said("user"), 1 => shown, 1 => said("system"), 1 => said("assistant"), 2 => called, 2 => result]
}

/// Messages in which most calls have their results.
fn messages() -> impl Strategy<Value = Vec<Value>> {
    vec((message(), any::<bool>()), 0..7).prop_map(|messages| {
        let mut all = Vec::new();
        for (message, with_results) in messages {
            let calls = message["tool_calls"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            all.push(message);
            for call in calls.iter().filter(|_| with_results) {
                all.push(json!({ "role": "tool", "tool_call_id": call["id"], "content": "r" }));
            }
        }
        all
    })
}

fn options() -> impl Strategy<Value = Map<String, Value>> {
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name, "description": "", "strict": true } });
    let schema = json!({ "name": "answer", "schema": { "type": "object" } });
    let option = select(vec![
        ("tools", json!([tool("f"), tool("g")])),
        ("tools", json!([tool("f"), tool("f")])),
        ("tools", json!([])),
        ("tool_choice", json!("none")),
        ("tool_choice", json!("required")),
        (
            "tool_choice",
            json!({ "type": "function", "function": { "name": "g" } }),
        ),
        (
            "response_format",
            json!({ "type": "json_schema", "json_schema": schema }),
        ),
        ("reasoning_effort", json!("medium")),
        ("max_completion_tokens", json!(2_000)),
        ("max_tokens", json!(0)),
        ("temperature", json!(0.5)),
        ("temperature", json!(2)),
        ("stop", json!(["a", ""])),
        ("stop", json!("a")),
        ("metadata", json!({ "a": "b" })),
        ("stream", json!(true)),
    ]);
    vec(option, 0..5).prop_map(|options| {
        let options = options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        options.collect()
    })
}

fn check(body: &[u8]) -> Result<(), TestCaseError> {
    let named = |refusal: &Refusal| !refusal.message.is_empty() && !refusal.code.is_empty();
    for model in MODELS {
        match Chat::read(body).and_then(|chat| chat.translate(model)) {
            Ok(translated) => checker::check(&serde_json::from_slice(&translated.body).unwrap()),
            Err(refusal) => prop_assert!(named(&refusal), "{refusal:?}"),
        }
        if let Err(refusal) =
            Embeddings::read(body).and_then(|asked| asked.translate(model).map(drop))
        {
            prop_assert!(named(&refusal), "{refusal:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_conversation_is_refused_by_name_or_valid(messages in messages(), options in options()) {
        let mut request = options;
        request.insert("model".to_owned(), "m".into());
        request.insert("messages".to_owned(), messages.into());
        check(Value::Object(request).to_string().as_bytes())?;
    }
}

proptest! {
    #[test]
    fn no_json_panics(request in anything(), messages in anything()) {
        check(request.to_string().as_bytes())?;
        check(json!({ "model": "m", "messages": messages, "input": request }).to_string().as_bytes())?;
    }

    #[test]
    fn no_bytes_panic(body in vec(any::<u8>(), 0..60)) {
        check(&body)?;
    }

    #[test]
    fn no_answer_panics(answer in anything(), kind in select(vec![
        "messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata",
    ])) {
        let answer = answer.to_string();
        let _ = completion(answer.as_bytes(), &head("m"), &Form::default());
        let mut chunks = Chunks::new(head("m"), Form::default());
        let _ = chunks.write(kind, answer.as_bytes(), &mut Vec::new());
        let delta = format!(r#"{{"delta":{{"text":{answer},"toolUse":{{"input":"x"}}}}}}"#);
        let _ = chunks.write("contentBlockDelta", delta.as_bytes(), &mut Vec::new());
    }
}
