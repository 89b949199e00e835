//! Whole bodies.

use harness::Answer;

use super::world::{check, operations};

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let (_service, operations) = operations().await;
    for operation in &operations {
        let good = serde_json::to_vec(&operation.good()).unwrap();
        let after = |prefix: &[u8], suffix: &[u8]| [prefix, &good, suffix].concat();
        for (what, body, status) in [
            ("nothing", Vec::new(), 400),
            ("white space", b" \n ".to_vec(), 400),
            ("a word", b"hunter2".to_vec(), 400),
            ("a form", b"name=hunter2&role=admin".to_vec(), 400),
            ("bytes", b"\x00\xff\xfe\x1f\x8b".to_vec(), 400),
            ("an open object", b"{".to_vec(), 400),
            ("half an object", good[..good.len() - 1].to_vec(), 400),
            (
                "a trailing comma",
                [&good[..good.len() - 1], b",}"].concat(),
                400,
            ),
            ("something behind it", after(b"", b" hunter2"), 400),
            ("another object behind it", after(b"", b"{}"), 400),
            ("NUL behind it", after(b"", b"\0"), 400),
            ("a byte order mark", after(b"\xef\xbb\xbf", b""), 400),
            ("a comment", after(b"/* hunter2 */", b""), 400),
            (
                "UTF-16",
                String::from_utf8_lossy(&good)
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect(),
                400,
            ),
            ("a deep list", b"[".repeat(60_000), 400),
            ("null", b"null".to_vec(), 422),
            ("a number", b"7".to_vec(), 422),
            ("a text", b"\"hunter2\"".to_vec(), 422),
            ("an empty list", b"[]".to_vec(), 422),
            (
                "a list of the fields",
                br#"["hunter2","hunter2","hunter2"]"#.to_vec(),
                422,
            ),
            ("a list of the object", after(b"[", b"]"), 422),
        ] {
            let what = format!("{}: {what}", operation.name());
            let answer = operation.send(body).await;
            assert_eq!(answer.status, status, "{what}: {answer:?}");
            check(&answer, None, &what);
            if status == 422 {
                assert_eq!(answer.pointers(), [""], "{what}");
            }
        }
        let padded = operation.send(after(b" \r\n\t", b"\n ")).await;
        assert!(
            (200..300).contains(&padded.status),
            "white space around it is fine: {padded:?}"
        );
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let (_service, operations) = operations().await;
    for operation in &operations {
        let good = serde_json::to_vec(&operation.good()).unwrap();
        let send = async |kind: Option<&str>| {
            let mut request = operation
                .client
                .request(operation.method.clone(), &operation.path);
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            Answer::of(request.body(good.clone())).await
        };
        for kind in [
            None,
            Some(""),
            Some("text/plain"),
            Some("text/json"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=hunter2"),
            Some("application/jsonx"),
            Some("application/problem+json"),
            Some("hunter2"),
        ] {
            let answer = send(kind).await;
            let what = format!("{} as {kind:?}", operation.name());
            assert_eq!(answer.problem(), (415, "unsupported_media_type"), "{what}");
            check(&answer, Some("/header/content-type"), &what);
        }
    }
    let last = operations.last().unwrap();
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
    ] {
        let request = last
            .client
            .request(last.method.clone(), &last.path)
            .header("content-type", kind)
            .body(serde_json::to_vec(&last.good()).unwrap());
        assert_eq!(Answer::of(request).await.status, 201, "{kind}");
    }
}

#[tokio::test]
async fn a_body_is_64_kib_at_most() {
    let (_service, operations) = operations().await;
    for operation in &operations {
        let sized = |size: usize| {
            let mut body = serde_json::to_vec(&operation.good()).unwrap();
            body.resize(size, b' ');
            body
        };
        let largest = operation.send(sized(64 * 1024)).await;
        assert!(
            (200..300).contains(&largest.status),
            "{}: {largest:?}",
            operation.name()
        );
        for size in [64 * 1024 + 1, 1_000_000, 20_000_000] {
            let answer = operation.send(sized(size)).await;
            assert_eq!(
                answer.problem(),
                (413, "body_too_large"),
                "{} {size}",
                operation.name()
            );
            assert_eq!(answer.pointers(), [""]);
        }
    }
}
