//! Every error answer has one form.

use harness::{Answer, Service};
use http::Method;
use serde_json::{Value, json};

/// What RFC 9457 and the contract ask of a problem.
fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.problem(), (status, code), "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.body.as_object().unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"));
    let kind = code.trim_end_matches("_failed").replace('_', "-");
    assert_eq!(body["type"], format!("/problems/{kind}"));
    assert!(!body["title"].as_str().unwrap().is_empty());
    assert!(body["retryable"].is_boolean());
    assert_ne!(body.get("remedy"), Some(&json!("")));
    for error in body
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let pointer = error["pointer"].as_str().unwrap();
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
    let known = [
        "type",
        "title",
        "status",
        "code",
        "detail",
        "remedy",
        "retryable",
        "request_id",
        "errors",
    ];
    assert!(
        body.keys().all(|name| known.contains(&name.as_str())),
        "{answer:?}"
    );
}

#[tokio::test]
async fn every_refusal_is_a_problem_of_one_form() {
    let service = Service::start().await;
    let id = service.tenant("acme").await;
    let (anonymous, operator) = (service.anonymous(), service.operator().await);
    let viewer = service.caller("acme", "viewer").await;
    let json = "application/json";
    let send = async |kind: &str, body: &'static str| {
        let request = operator
            .request(Method::POST, "/v1/tenants")
            .header("content-type", kind)
            .body(body);
        Answer::of(request).await
    };
    let both = viewer.clone().add_header("authorization", "Bearer x");
    check(&both.get("/v1/me").await, 400, "several_credentials");
    check(&send(json, "{").await, 400, "malformed_body");
    check(&anonymous.get("/v1/me").await, 401, "unauthenticated");
    check(&viewer.get("/v1/tenants").await, 403, "forbidden");
    check(&operator.get("/v1/tenants/x").await, 404, "not_found");
    check(&anonymous.get("/nowhere").await, 404, "not_found");
    check(
        &anonymous.put("/livez", json!({})).await,
        405,
        "method_not_allowed",
    );
    check(
        &operator
            .post("/v1/tenants", json!({ "ref": "acme", "name": "x" }))
            .await,
        409,
        "ref_taken",
    );
    let large = json!({ "ref": "x".repeat(65_536), "name": "x" });
    check(
        &operator.post("/v1/tenants", large).await,
        413,
        "body_too_large",
    );
    check(
        &send("text/plain", "{}").await,
        415,
        "unsupported_media_type",
    );
    check(&send(json, "{}").await, 422, "validation_failed");
    operator
        .patch(
            &format!("/v1/tenants/{id}"),
            json!({ "state": "suspended" }),
        )
        .await;
    check(&viewer.get("/v1/me").await, 403, "tenant_suspended");
}

#[tokio::test]
async fn an_answer_that_is_no_problem_is_plain_json() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    for path in [
        "/v1/me",
        "/v1/api-keys",
        "/v1/audit",
        "/livez",
        "/readyz",
        "/health",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{path}"
        );
    }
}
