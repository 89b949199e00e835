//! `/livez`, `/readyz`, `/health`.

use domain::{Clock, SystemClock};
use harness::{
    Client, Options, Service,
    idp::Idp,
    service::{manual_clock, until},
};
use serde_json::{Value, json};
use tokio::time::Instant;

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

/// A service that believes two identity providers: the customers' and the operators'.
async fn with_providers() -> (Service, Idp, Idp) {
    let (customers, operators) = (Idp::start().await, Idp::start().await);
    let service = Service::with(Options {
        jwt: Some(customers.accepted_for("bi")),
        operator_jwt: Some(operators.accepted_for("bi")),
        ..Options::default()
    })
    .await;
    (service, customers, operators)
}

fn bearer(service: &Service, idp: &Idp) -> Client {
    let token = idp.token(SystemClock.now().unix_timestamp(), &json!({}));
    service.anonymous().bearer(&token)
}

async fn dependency(client: &Client, name: &str) -> (u16, Value) {
    let answer = client.get("/health").await;
    let all = answer.body["dependencies"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name).unwrap();
    (answer.status, found.clone())
}

#[tokio::test]
async fn an_identity_provider_is_up_until_its_keys_cannot_be_fetched() {
    let (service, customers, operators) = with_providers().await;
    let anonymous = service.anonymous();
    for name in ["identity_provider", "operator_identity_provider"] {
        let (status, provider) = dependency(&anonymous, name).await;
        assert_eq!((status, &provider["state"]), (200, &json!("up")));
    }
    assert_eq!((customers.fetches(), operators.fetches()), (0, 0));

    customers.break_down(true);
    let refused = bearer(&service, &customers).get("/v1/me").await;
    assert_eq!(refused.problem(), (503, "identity_provider_unavailable"));
    let (status, provider) = dependency(&anonymous, "identity_provider").await;
    assert_eq!((status, &provider["state"]), (503, &json!("down")));
    assert_eq!(provider.get("error"), None, "for operators only");
    let operator = bearer(&service, &operators);
    let (_, provider) = dependency(&operator, "identity_provider").await;
    assert!(provider["error"].as_str().unwrap().contains("500"));
    let (_, other) = dependency(&operator, "operator_identity_provider").await;
    assert_eq!(other["state"], "up");
    assert_eq!(customers.fetches(), 1, "health asks nobody");
}

#[tokio::test]
async fn an_operator_with_a_token_is_told_what_is_wrong_with_the_database() {
    let (service, _, operators) = with_providers().await;
    let operator = bearer(&service, &operators);
    until("the operator is told", async || {
        // The follower, for whom the database is well, would soon say so.
        service.context.pulse.database_down("hunter2".to_owned());
        let (_, database) = dependency(&operator, "database").await;
        database["error"] == "hunter2"
    })
    .await;
}

#[tokio::test]
async fn health_waits_for_no_identity_provider() {
    let (service, _, operators) = with_providers().await;
    operators.hold(true);
    let asked = Instant::now();
    let answer = bearer(&service, &operators).get("/health").await;
    let took = asked.elapsed();
    assert_eq!(answer.status, 200);
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
    operators.hold(false);
}
