//! `/metrics`, on the operations listener.

use harness::Service;
use http::Method;
use serde_json::json;

/// The value of the one line that starts so.
fn value(text: &str, line: &str) -> Option<f64> {
    let mut found = text.lines().filter_map(|one| one.strip_prefix(line));
    let (value, more) = (found.next()?, found.next());
    assert!(more.is_none(), "{line} is there twice:\n{text}");
    value.trim().parse().ok()
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_path() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let id = service.tenant("hunter2-ref").await;
    let path = format!("/v1/tenants/{id}");
    for _ in 0..3 {
        assert_eq!(operator.get(&path).await.status, 200);
    }
    operator.get("/v1/tenants/hunter2").await;
    operator.get("/hunter2").await;
    operator.put("/v1/me", json!({})).await;
    let brew = Method::from_bytes(b"HUNTER2").unwrap();
    operator.send(brew, "/v1/me", None).await;

    let answer = operator.clone().at(&service.ops_url).get("/metrics").await;
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = &answer.raw;
    for (labels, count) in [
        (
            r#"{method="GET",route="/v1/tenants/{id}",status="200"}"#,
            3.0,
        ),
        (
            r#"{method="GET",route="/v1/tenants/{id}",status="404"}"#,
            1.0,
        ),
        (
            r#"{method="PUT",route="/v1/tenants/by-ref/{ref}",status="201"}"#,
            1.0,
        ),
        (r#"{method="GET",route="none",status="404"}"#, 1.0),
        (r#"{method="PUT",route="/v1/me",status="405"}"#, 1.0),
        (r#"{method="other",route="/v1/me",status="405"}"#, 1.0),
    ] {
        let line = format!("bi_http_requests_total{labels}");
        assert_eq!(value(text, &line), Some(count), "{line}\n{text}");
    }
    let problems = r#"bi_http_problems_total{code="not_found"}"#;
    assert_eq!(value(text, problems), Some(2.0), "{text}");
    let timed = r#"bi_http_request_duration_seconds_count{method="GET",route="/v1/tenants/{id}"}"#;
    assert_eq!(value(text, timed), Some(4.0), "{text}");
    assert_eq!(value(text, "bi_database_up"), Some(1.0));
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn no_tenant_key_or_path_is_in_the_metrics() {
    let service = Service::start().await;
    let id = service.tenant("hunter2-ref").await;
    let admin = service.caller("hunter2-ref", "admin").await;
    let made = admin
        .post(
            "/v1/api-keys",
            json!({ "name": "hunter2-name", "role": "viewer" }),
        )
        .await;
    admin.get("/v1/audit?limit=7").await;
    admin
        .delete(&format!("/v1/api-keys/{}", made.text("id")))
        .await;
    admin.get("/v1/hunter2/path").await;
    let wrong = format!("bi_{}_{}A", &id[4..], "hunter2".repeat(6));
    service.anonymous().bearer(&wrong).get("/v1/me").await;
    let text = service
        .anonymous()
        .at(&service.ops_url)
        .get("/metrics")
        .await
        .raw;
    assert!(text.contains("/v1/api-keys/{id}"), "{text}");
    let key = admin.credential();
    for hidden in [
        "hunter2",
        "HUNTER2",
        &id[4..],
        &made.text("id")[4..],
        &key[36..],
        "limit",
    ] {
        assert!(!text.contains(hidden), "{hidden}\n{text}");
    }
}
