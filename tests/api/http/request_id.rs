//! `x-request-id`.

use std::collections::HashSet;

use harness::{Answer, Service};
use http::{HeaderValue, Method};

#[tokio::test]
async fn a_plain_request_id_is_kept() {
    let service = Service::start().await;
    let longest = "a".repeat(64);
    for id in ["abc", "0198f0f0-e8a4-7c1e", "a.b_C-9", &longest] {
        let client = service.anonymous().header("x-request-id", id);
        for path in ["/livez", "/v1/me", "/nowhere"] {
            assert_eq!(
                client.get(path).await.header("x-request-id"),
                Some(id),
                "{path}"
            );
        }
        assert_eq!(client.get("/v1/me").await.text("request_id"), id);
    }
}

#[tokio::test]
async fn a_request_id_that_is_hostile_or_a_key_is_replaced() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let operator = service.operator().await;
    let long = "a".repeat(65);
    for hostile in [
        b"".as_slice(),
        long.as_bytes(),
        b"hunter2 hunter2",
        b"hunter2\"}",
        b"hunter2;x=y",
        b"<hunter2>",
        b"hunter2\tx",
        b"hunter2%0a",
        "hunter2é".as_bytes(),
        b"hunter2\xff",
        admin.credential().as_bytes(),
        operator.credential().as_bytes(),
        b"bi_op_hunter2",
    ] {
        let request = service
            .anonymous()
            .request(Method::GET, "/v1/me")
            .header("x-request-id", HeaderValue::from_bytes(hostile).unwrap());
        let answer = Answer::of(request).await;
        let id = answer.header("x-request-id").unwrap();
        assert!(id.starts_with("req_") && id.len() == 36, "{id}");
        assert_eq!(answer.text("request_id"), id);
        assert!(!answer.raw.contains("hunter2"));
    }
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let service = Service::start().await;
    let client = service.anonymous();
    let mut ids = HashSet::new();
    for _ in 0..20 {
        let answer = client.get("/livez").await;
        ids.insert(answer.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(ids.len(), 20);
}
