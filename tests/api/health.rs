//! `/livez`, `/readyz`, `/health`.

use harness::{Options, Service, service::manual_clock};
use serde_json::json;

#[tokio::test]
async fn a_service_that_is_well_says_so() {
    let service = Service::with(Options {
        clock: manual_clock(),
        ..Options::default()
    })
    .await;
    let anonymous = service.anonymous();
    let up = |name: &str| json!({ "name": name, "state": "up", "since": "2024-10-04T00:00:00Z" });
    for (path, expected) in [
        ("/livez", json!({ "status": "alive" })),
        ("/readyz", json!({ "status": "ready" })),
        (
            "/health",
            json!({
                "status": "ok", "version": env!("CARGO_PKG_VERSION"),
                "dependencies": [up("database"), up("master_key")],
            }),
        ),
    ] {
        let answer = anonymous.get(path).await;
        assert_eq!((answer.status, &answer.body), (200, &expected), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_in_words_to_operators_only() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let operator = service.operator().await;
    service
        .context
        .pulse
        .master_key(Some("hunter2 is missing".to_owned()));
    for other in [
        service.anonymous(),
        admin.clone(),
        service.anonymous().bearer("bi_nonsense"),
        service
            .anonymous()
            .header("authorization", "Basic x")
            .add_header("authorization", "x"),
    ] {
        let answer = other.get("/health").await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (503, &json!("degraded"))
        );
        let key = &answer.body["dependencies"][1];
        assert_eq!(
            (&key["name"], &key["state"]),
            (&json!("master_key"), &json!("down"))
        );
        assert!(
            !answer.raw.contains("hunter2") && key.get("error").is_none(),
            "{answer:?}"
        );
        assert_eq!(answer.body["dependencies"][0]["state"], "up");
    }
    for operator in [operator.clone(), operator.on("acme")] {
        let answer = operator.get("/health").await;
        assert_eq!(answer.status, 503);
        assert_eq!(
            answer.body["dependencies"][1]["error"],
            "hunter2 is missing"
        );
    }
    let ready = admin.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.body),
        (
            503,
            json!({ "status": "not_ready", "reason": "master_key_missing" })
        )
    );
    assert_eq!(admin.get("/livez").await.status, 200);
    assert_eq!(
        admin.get("/v1/me").await.status,
        200,
        "callers need no master key"
    );
}

#[tokio::test]
async fn the_operations_listener_tells_the_health_too() {
    let service = Service::start().await;
    let ops = service.anonymous().at(&service.ops_url);
    assert_eq!(ops.get("/livez").await.body, json!({ "status": "alive" }));
    assert_eq!(ops.get("/readyz").await.body, json!({ "status": "ready" }));
    assert_eq!(ops.get("/v1/me").await.status, 404);
}
