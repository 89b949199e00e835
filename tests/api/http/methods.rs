//! Paths and methods.

use harness::Service;
use http::Method;

#[tokio::test]
async fn an_unknown_path_is_not_found_whoever_asks() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/hunter2",
        "/v1/me/",
        "//v1/me",
        "/V1/me",
        "/v2/me",
        "/v1/tenants/by-ref/",
        "/v1/me%00",
        "/metrics",
        "/.env",
    ] {
        for client in [&service.anonymous(), &admin] {
            let answer = client.get(path).await;
            assert_eq!(answer.problem(), (404, "not_found"), "{path}");
            assert!(!answer.raw.contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let service = Service::start().await;
    let anonymous = service.anonymous();
    for (path, allowed) in [
        ("/v1/me", vec!["GET", "HEAD"]),
        ("/v1/audit", vec!["GET", "HEAD"]),
        ("/v1/session", vec!["DELETE", "POST"]),
        ("/v1/tenants", vec!["GET", "HEAD", "POST"]),
        ("/v1/tenants/x", vec!["DELETE", "GET", "HEAD", "PATCH"]),
        ("/v1/tenants/by-ref/x", vec!["PUT"]),
        ("/v1/api-keys", vec!["GET", "HEAD", "POST"]),
        ("/v1/api-keys/x", vec!["DELETE"]),
        ("/livez", vec!["GET", "HEAD"]),
        ("/health", vec!["GET", "HEAD"]),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            if allowed.contains(&method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = anonymous.send(method.clone(), path, None).await;
            assert_eq!(
                answer.problem(),
                (405, "method_not_allowed"),
                "{method} {path}"
            );
            let mut told: Vec<_> = answer.header("allow").unwrap().split(',').collect();
            told.sort_unstable();
            assert_eq!(told, allowed, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    for (client, path, status) in [
        (&service.anonymous(), "/livez", 200),
        (&admin, "/v1/me", 200),
        (&service.anonymous(), "/v1/me", 401),
        (&admin, "/nowhere", 404),
    ] {
        let get = client.get(path).await;
        let head = client.send(Method::HEAD, path, None).await;
        assert_eq!((head.status, head.raw.as_str()), (status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert!(head.header("x-request-id").is_some());
    }
}
