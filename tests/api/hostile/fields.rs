//! Every field of every operation × every hostile value.

use super::world::{NUMBER, check, operations};
use Fate::{FineAsName, FineIfOptional, Refused, TooLarge, Unreadable};

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// No field takes it.
    Refused,
    /// Only names take it.
    FineAsName,
    /// Only what may be absent takes it.
    FineIfOptional,
    /// It is no JSON: the whole body is refused, wherever the fault is.
    Unreadable,
    /// The body is too large to be read at all.
    TooLarge,
}

fn values() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let string = |inner: &str| format!("\"{inner}\"").into_bytes();
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    vec![
        ("null", text("null"), FineIfOptional),
        ("an integer", text(NUMBER), Refused),
        ("a negative number", text(&format!("-{NUMBER}")), Refused),
        ("a fraction", text(&format!("{NUMBER}.5")), Refused),
        ("a small fraction", text("-0.5e-3"), Refused),
        ("a huge integer", text(&"9".repeat(5_000)), Refused),
        ("a number beyond all", text("1e999999"), Refused),
        ("true", text("true"), Refused),
        ("an empty list", text("[]"), Refused),
        ("a list", text(r#"["hunter2"]"#), Refused),
        ("an empty object", text("{}"), Refused),
        ("an object", text(r#"{"hunter2":"hunter2"}"#), Refused),
        ("a nested list", nested(100), Refused),
        ("a deep list", nested(30_000), Refused),
        ("a list without an end", text(&"[".repeat(60_000)), Refused),
        ("a list 100,000 deep", nested(100_000), TooLarge),
        ("a deep object", text(&r#"{"a":"#.repeat(10_000)), Refused),
        ("an empty text", string(""), Refused),
        ("white space", string(" \\t\\n "), Refused),
        ("NUL", string("hunter2\\u0000"), Refused),
        ("NUL alone", string("\\u0000"), Refused),
        ("a raw NUL", text("\"hunter2\0\""), Unreadable),
        ("a raw line break", text("\"hunter2\n\""), Unreadable),
        (
            "control characters",
            string("hunter2\\u0001\\u001b[31m"),
            Refused,
        ),
        ("a line break", string("hunter2\\r\\nx-evil: 1"), Refused),
        (
            "an override of direction",
            string("hunter2\\u202ehunter2"),
            Refused,
        ),
        ("60 KB", string(&"hunter2".repeat(8_500)), Refused),
        ("1 MB", string(&"hunter2".repeat(150_000)), TooLarge),
        ("129 characters", string(&"é".repeat(129)), Refused),
        ("an emoji", string("🦀👩‍👩‍👧‍👦"), FineAsName),
        ("an escaped emoji", string("\\ud83e\\udd80"), FineAsName),
        (
            "SQL",
            string("hunter2'; DROP TABLE tenants; --"),
            FineAsName,
        ),
        ("percents", string("hunter2%00%s%n%27"), FineAsName),
        ("a path", string("../../hunter2/etc/passwd"), FineAsName),
        (
            "a template",
            string("${jndi:ldap://hunter2}{{7*7}}"),
            FineAsName,
        ),
        ("HTML", string("<script>hunter2</script>"), FineAsName),
        (
            "half a surrogate pair",
            string("\\ud800hunter2"),
            Unreadable,
        ),
        ("the other half", string("hunter2\\udc00"), Unreadable),
        (
            "halves the wrong way round",
            string("\\udc00\\ud800"),
            Unreadable,
        ),
        ("an escape that is none", string("hunter2\\x41"), Unreadable),
        (
            "an overlong slash",
            b"\"hunter2\xc0\xaf\"".to_vec(),
            Unreadable,
        ),
        (
            "a surrogate in UTF-8",
            b"\"hunter2\xed\xa0\x80\"".to_vec(),
            Unreadable,
        ),
        (
            "a byte that is no UTF-8",
            b"\"hunter2\xff\"".to_vec(),
            Unreadable,
        ),
        ("a text without an end", text("\"hunter2"), Unreadable),
        ("NaN", text("NaN"), Unreadable),
        ("a word", text("hunter2"), Unreadable),
        ("single quotes", text("'hunter2'"), Unreadable),
        ("nothing", text(""), Unreadable),
        ("two values", text(r#""hunter2" "hunter2""#), Unreadable),
    ]
}

#[tokio::test]
async fn no_value_in_any_field_is_a_fault_of_ours() {
    let (_service, operations) = operations().await;
    for operation in &operations {
        for (field, _, kind) in &operation.fields {
            for (what, value, fate) in values() {
                let what = format!("{} {field}: {what}", operation.name());
                let answer = operation.send(operation.body(field, &value)).await;
                let fine = match fate {
                    FineAsName => kind.is_name(),
                    FineIfOptional => kind.is_optional(),
                    Refused | Unreadable | TooLarge => false,
                };
                if fine {
                    assert!((200..300).contains(&answer.status), "{what}: {answer:?}");
                    continue;
                }
                let pointer = format!("/{field}");
                check(
                    &answer,
                    (fate == Refused && answer.status != 400).then_some(&*pointer),
                    &what,
                );
                let expected: &[u16] = match fate {
                    TooLarge => &[413],
                    Unreadable => &[400],
                    // A key that is none is no credential; numbers that no machine holds and lists that
                    // no stack holds are no JSON to us.
                    Refused | FineAsName | FineIfOptional => &[400, 401, 422],
                };
                assert!(expected.contains(&answer.status), "{what}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_field_that_is_missing_unknown_or_there_twice_is_pointed_at() {
    let (_service, operations) = operations().await;
    for operation in &operations {
        for (field, good, kind) in &operation.fields {
            let pointer = format!("/{field}");
            let mut without = operation.good();
            without.remove(*field);
            let answer = operation.send(serde_json::to_vec(&without).unwrap()).await;
            let what = format!("{} without {field}", operation.name());
            if kind.is_optional() {
                assert!((200..300).contains(&answer.status), "{what}: {answer:?}");
            } else {
                check(&answer, Some(&pointer), &what);
                assert_eq!(answer.status, 422, "{what}");
            }

            let twice = operation.body(field, format!("{good},{field:?}:\"hunter2\"").as_bytes());
            let answer = operation.send(twice).await;
            let what = format!("{} {field} twice", operation.name());
            check(&answer, Some(&pointer), &what);
            assert_eq!(answer.status, 422, "{what}");
        }
        for (name, pointer) in [
            ("other", "/other"),
            ("", ""),
            ("a/b~c", "/a~1b~0c"),
            ("Name", "/Name"),
            ("tenant_id", "/tenant_id"),
            ("__proto__", "/__proto__"),
            // What is no name of an API may be anything, a secret too.
            ("é🦀", ""),
            ("hunter2, pasted", ""),
            ("bi_op_hunter2", ""),
            (&"hunter2".repeat(5), ""),
        ] {
            let mut more = operation.good();
            more.insert(name.to_owned(), "hunter2".into());
            let answer = operation.send(serde_json::to_vec(&more).unwrap()).await;
            let what = format!("{} with {name}", operation.name());
            check(&answer, Some(pointer), &what);
            assert_eq!(answer.status, 422, "{what}");
        }
    }
}

#[tokio::test]
async fn good_bodies_are_good() {
    // Otherwise the refusals above could be of anything.
    let (_service, operations) = operations().await;
    for operation in &operations {
        let answer = operation
            .send(serde_json::to_vec(&operation.good()).unwrap())
            .await;
        assert!(
            (200..300).contains(&answer.status),
            "{}: {answer:?}",
            operation.name()
        );
    }
}
