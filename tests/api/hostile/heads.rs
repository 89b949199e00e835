//! Paths, queries and headers.

use harness::{Answer, Client};
use http::{HeaderName, HeaderValue, Method};
use serde_json::json;

use super::world::{MARKER, check, operations};

fn pieces() -> Vec<String> {
    vec![
        "hunter2".to_owned(),
        "hunter2%00".to_owned(),
        "%00".to_owned(),
        "%FF%FE".to_owned(),
        "%C0%AF".to_owned(),
        "%ED%A0%80".to_owned(),
        "%F0%9F%A6%80".to_owned(),
        "..%2f..%2fhunter2".to_owned(),
        "%2e%2e%2f%2e%2e".to_owned(),
        "hunter2'%20OR%201=1--".to_owned(),
        "%25s%25n".to_owned(),
        "%0d%0ax-evil:%20hunter2".to_owned(),
        "ten_hunter2".to_owned(),
        format!("ten_{}", "f".repeat(33)),
        format!("key_{}", "F".repeat(32)),
        "hunter2".repeat(1_000),
        "%61".repeat(10_000),
        ";hunter2".to_owned(),
        "%".to_owned(),
        "%zz".to_owned(),
    ]
}

fn is_small_refusal(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    assert!(!answer.raw.contains(MARKER), "{what}: {answer:?}");
}

#[tokio::test]
async fn an_id_in_the_path_that_is_none_names_nothing() {
    let (service, _) = operations().await;
    let operator = service.operator().await.on("acme");
    for piece in pieces() {
        let tenant = format!("/v1/tenants/{piece}");
        for answer in [
            operator.get(&tenant).await,
            operator.patch(&tenant, json!({ "name": "x" })).await,
            operator.delete(&tenant).await,
            operator.delete(&format!("/v1/api-keys/{piece}")).await,
        ] {
            is_small_refusal(&answer, &piece);
            assert_eq!(answer.problem(), (404, "not_found"), "{piece}");
        }
    }
}

#[tokio::test]
async fn a_ref_in_the_path_that_is_none_is_pointed_at() {
    let (service, _) = operations().await;
    let operator = service.operator().await;
    for piece in pieces() {
        let path = format!("/v1/tenants/by-ref/{piece}");
        let answer = operator.put(&path, json!({ "name": "x" })).await;
        if piece == MARKER || piece.starts_with("key_") {
            assert_eq!(
                (answer.status, answer.text("ref")),
                (201, piece),
                "a ref like any"
            );
            continue;
        }
        is_small_refusal(&answer, &piece);
        // Clients resolve dots themselves: that is another path.
        if !piece.starts_with("%2e") {
            assert_eq!(answer.problem(), (422, "validation_failed"), "{piece}");
            assert_eq!(answer.pointers(), ["/path/ref"], "{piece}");
        }
    }
    let both = operator
        .put("/v1/tenants/by-ref/a%20b", json!({ "name": "" }))
        .await;
    assert_eq!(both.pointers(), ["/path/ref", "/name"]);
}

#[tokio::test]
async fn a_query_that_no_list_knows_is_pointed_at() {
    let (service, _) = operations().await;
    let admin = service.caller("acme", "admin").await;
    let operator = service.operator().await;
    let lists: [(&Client, &str); 4] = [
        (&operator, "/v1/tenants"),
        (&admin, "/v1/api-keys"),
        (&admin, "/v1/audit"),
        (&admin, "/v1/usage"),
    ];
    for (client, list) in lists {
        for piece in pieces() {
            for name in ["limit", "cursor"] {
                let answer = client.get(&format!("{list}?{name}={piece}")).await;
                check(&answer, Some(&format!("/query/{name}")), &piece);
                assert_eq!(answer.status, 422, "{piece}");
            }
            let answer = client.get(&format!("{list}?{piece}=1")).await;
            check(&answer, Some("/query"), &piece);
        }
    }
}

#[tokio::test]
async fn no_header_is_a_fault_of_ours() {
    let (service, operations) = operations().await;
    let operator = service.operator().await;
    let values: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"hunter2 hunter2".to_vec(),
        b"hunter2\xff\xfe".to_vec(),
        b"\xc0\xaf".to_vec(),
        "hunter2é🦀".as_bytes().to_vec(),
        b"hunter2\thunter2".to_vec(),
        b"hunter2'; DROP TABLE tenants; --".to_vec(),
        b"hunter2%00".to_vec(),
        b"ten_hunter2".to_vec(),
        b"hunter2,hunter2".to_vec(),
        b"hunter2".repeat(4_000),
    ];
    for name in [
        "bi-tenant",
        "idempotency-key",
        "x-request-id",
        "authorization",
        "cookie",
        "origin",
        "content-type",
        "accept",
        "x-forwarded-for",
        "access-control-request-method",
    ] {
        let name = HeaderName::from_static(name);
        for value in &values {
            let value = HeaderValue::from_bytes(value).unwrap();
            for method in [Method::GET, Method::POST, Method::OPTIONS] {
                let mut request = operator
                    .request(method.clone(), "/v1/api-keys")
                    .json(&json!({ "name": "x", "role": "viewer" }))
                    .build()
                    .unwrap();
                if name != "bi-tenant" {
                    request
                        .headers_mut()
                        .insert("bi-tenant", HeaderValue::from_static("acme"));
                }
                request.headers_mut().insert(&name, value.clone());
                let answer = operator.execute(request).await;
                let what = format!("{method} {name}: {value:?}");
                assert!(answer.status < 500, "{what}: {answer:?}");
                // A plain word is the request's own name, which its answer bears.
                let is_told =
                    name == "x-request-id" && answer.header("x-request-id") == value.to_str().ok();
                if answer.status >= 400 && !is_told {
                    is_small_refusal(&answer, &what);
                }
            }
        }
    }
    for operation in &operations {
        let answer = operation
            .send(serde_json::to_vec(&operation.good()).unwrap())
            .await;
        assert!(
            (200..300).contains(&answer.status),
            "it still works: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_head_too_large_is_refused_before_it_is_read() {
    let (service, _) = operations().await;
    let anonymous = service.anonymous();
    let header = anonymous.clone().header("x-padding", &"x".repeat(200_000));
    assert_eq!(header.get("/livez").await.status, 431);
    let path = anonymous.get(&format!("/{}", "x".repeat(65_000))).await;
    assert_eq!(path.problem(), (404, "not_found"));
    let mut many = anonymous.clone();
    for _ in 0..200 {
        many = many.add_header("x-padding", "x");
    }
    assert_eq!(many.get("/livez").await.status, 431);
    assert_eq!(anonymous.get("/livez").await.status, 200);
}
