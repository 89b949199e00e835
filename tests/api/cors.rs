//! Browsers of other origins.

use harness::{Answer, Options, Service};
use http::Method;
use serde_json::json;

const LISTED: &str = "https://app.example";
const ALLOW_ORIGIN: &str = "access-control-allow-origin";

async fn service() -> Service {
    Service::with(Options {
        cors_origins: vec![LISTED.to_owned(), "https://admin.example:8443".to_owned()],
        ..Options::default()
    })
    .await
}

async fn preflight(service: &Service, origin: &str, method: &str, path: &str) -> Answer {
    let request = service
        .anonymous()
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,content-type,idempotency-key,bi-tenant,if-match,x-api-key,anthropic-version,x-stainless-lang",
        )
        .request(Method::OPTIONS, path);
    Answer::of(request).await
}

fn list(answer: &Answer, name: &str) -> Vec<String> {
    let header = answer.header(name).unwrap_or_default().to_lowercase();
    header.split(',').map(|one| one.trim().to_owned()).collect()
}

#[tokio::test]
async fn a_listed_origin_may_ask_for_everything_the_api_takes() {
    let service = service().await;
    for origin in [LISTED, "https://admin.example:8443"] {
        for (method, path) in [
            ("GET", "/v1/me"),
            ("POST", "/v1/api-keys"),
            ("PUT", "/v1/tenants/by-ref/x"),
            ("PATCH", "/v1/tenants/x"),
            ("DELETE", "/v1/api-keys/x"),
        ] {
            let answer = preflight(&service, origin, method, path).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.header(ALLOW_ORIGIN), Some(origin));
            let methods = list(&answer, "access-control-allow-methods");
            assert!(methods.contains(&method.to_lowercase()), "{answer:?}");
            let headers = list(&answer, "access-control-allow-headers");
            for header in [
                "authorization",
                "content-type",
                "idempotency-key",
                "bi-tenant",
                "if-match",
                "x-api-key",
                "anthropic-version",
                "x-stainless-lang",
            ] {
                assert!(headers.iter().any(|one| one == header), "{answer:?}");
            }
            assert!(list(&answer, "vary").iter().any(|one| one == "origin"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
}

#[tokio::test]
async fn an_origin_that_is_not_listed_is_allowed_nothing() {
    let service = service().await;
    for origin in [
        "https://evil.example",
        "https://app.example.evil.example",
        "https://evil.example/https://app.example",
        "http://app.example",
        "https://app.example:444",
        "https://APP.example",
        "null",
        "*",
        "",
    ] {
        let answer = preflight(&service, origin, "GET", "/v1/me").await;
        assert_eq!(answer.header(ALLOW_ORIGIN), None, "{origin}");
        let read = service
            .anonymous()
            .header("origin", origin)
            .get("/livez")
            .await;
        assert_eq!(read.header(ALLOW_ORIGIN), None, "{origin}");
    }
}

#[tokio::test]
async fn without_a_list_every_origin_is_shut_out() {
    let service = Service::start().await;
    for origin in [LISTED, &service.url, "null"] {
        let answer = preflight(&service, origin, "GET", "/v1/me").await;
        assert_eq!(answer.header(ALLOW_ORIGIN), None, "{origin}");
    }
}

#[tokio::test]
async fn answers_and_problems_alike_can_be_read_by_a_listed_origin() {
    let service = service().await;
    service.tenant("acme").await;
    let admin = service
        .caller("acme", "admin")
        .await
        .header("origin", LISTED);
    let nobody = service.anonymous().header("origin", LISTED);
    for (status, answer) in [
        (200, admin.get("/v1/me").await),
        (
            201,
            admin
                .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
                .await,
        ),
        (401, nobody.get("/v1/me").await),
        (403, admin.get("/v1/tenants").await),
        (404, admin.get("/nowhere").await),
        (405, admin.put("/v1/me", json!({})).await),
        (422, admin.post("/v1/api-keys", json!({})).await),
    ] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header(ALLOW_ORIGIN), Some(LISTED), "{answer:?}");
        assert_eq!(answer.headers.get_all(ALLOW_ORIGIN).iter().count(), 1);
        assert!(list(&answer, "vary").iter().any(|one| one == "origin"));
        let exposed = list(&answer, "access-control-expose-headers");
        for header in [
            "x-request-id",
            "request-id",
            "retry-after",
            "x-should-retry",
            "etag",
            "x-amzn-errortype",
            "x-amzn-requestid",
        ] {
            assert!(exposed.iter().any(|one| one == header), "{answer:?}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
}
