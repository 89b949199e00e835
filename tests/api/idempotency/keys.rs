//! Whose a key is, what it may be, and what is kept of it.

use domain::Clock;
use harness::{Answer, Client, Options, Service, idp::Idp, service::manual_clock};
use http::{HeaderValue, Method};
use serde_json::json;

async fn make(client: &Client, name: &str) -> Answer {
    client
        .post("/v1/api-keys", json!({ "name": name, "role": "viewer" }))
        .await
}

#[tokio::test]
async fn the_same_key_of_another_caller_is_another_key() {
    let service = Service::start().await;
    service.tenant("a").await;
    service.tenant("b").await;
    for caller in [
        service.caller("a", "admin").await,
        service.caller("a", "admin").await,
        service.caller("b", "admin").await,
        service.operator().await.on("a"),
        service.operator().await.on("b"),
    ] {
        let keyed = caller.header("idempotency-key", "k");
        assert_eq!(make(&keyed, "x").await.status, 201);
        assert_eq!(make(&keyed, "x").await.problem(), (409, "already_created"));
    }
}

#[tokio::test]
async fn one_operators_key_is_apart_in_each_tenant() {
    let service = Service::start().await;
    service.tenant("a").await;
    service.tenant("b").await;
    let operator = service.operator().await.header("idempotency-key", "k");
    for tenant in ["a", "b"] {
        assert_eq!(
            make(&operator.clone().on(tenant), "x").await.status,
            201,
            "{tenant}"
        );
    }
}

#[tokio::test]
async fn a_subject_of_one_issuer_is_not_that_of_the_other() {
    let clock = manual_clock();
    let (customers, operators) = (Idp::start().await, Idp::start().await);
    let service = Service::with(Options {
        clock: clock.clone(),
        jwt: Some(customers.accepted_for("bi")),
        operator_jwt: Some(operators.accepted_for("bi")),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    let now = clock.now().unix_timestamp();
    let admin = service.caller("acme", "admin").await;
    let id = admin.get("/v1/me").await.body["actor"]["id"].clone();
    let bearer = |token: String| service.anonymous().bearer(&token);
    for caller in [
        admin,
        bearer(customers.token(now, &json!({ "sub": id }))),
        bearer(operators.token(now, &json!({ "sub": id }))).on("acme"),
    ] {
        let made = make(&caller.header("idempotency-key", "k"), "x").await;
        assert_eq!(made.status, 201, "{made:?}");
    }
}

#[tokio::test]
async fn a_key_and_its_console_session_are_the_same_caller() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let signed_in = service
        .anonymous()
        .post("/v1/session", json!({ "api_key": admin.credential() }))
        .await;
    let cookie = signed_in
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let console = service
        .anonymous()
        .header("cookie", cookie)
        .header("origin", &service.url)
        .header("idempotency-key", "k");
    assert_eq!(make(&console, "x").await.status, 201);
    let again = make(&admin.header("idempotency-key", "k"), "x").await;
    assert_eq!(again.problem(), (409, "already_created"));
}

#[tokio::test]
async fn what_is_no_key_is_refused_wherever_one_is_taken() {
    let service = Service::start().await;
    let id = service.tenant("acme").await;
    let operator = service.operator().await;
    let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
    let operations = [
        (
            Method::POST,
            "/v1/tenants".to_owned(),
            json!({ "ref": "x", "name": "x" }),
        ),
        (
            Method::PATCH,
            format!("/v1/tenants/{id}"),
            json!({ "name": "x" }),
        ),
        (
            Method::PUT,
            "/v1/tenants/by-ref/x".to_owned(),
            json!({ "name": "x" }),
        ),
        (Method::DELETE, format!("/v1/tenants/{id}"), json!({})),
        (
            Method::POST,
            "/v1/api-keys".to_owned(),
            json!({ "name": "x", "role": "viewer" }),
        ),
        (
            Method::DELETE,
            format!("/v1/api-keys/key_{}", &id[4..]),
            json!({}),
        ),
    ];
    for (method, path, body) in operations {
        for keys in [
            vec![value(b"")],
            vec![value("hunter2".repeat(37).as_bytes())],
            vec![value(b"k"), value(b"k")],
            vec![value("hunter2é".as_bytes())],
            vec![value(b"hunter2\xff")],
        ] {
            let mut request = operator
                .request(method.clone(), &path)
                .header("bi-tenant", "acme");
            for key in keys {
                request = request.header("idempotency-key", key);
            }
            let answer = Answer::of(request.json(&body)).await;
            assert_eq!(
                answer.problem(),
                (422, "validation_failed"),
                "{method} {path}"
            );
            assert_eq!(answer.pointers(), ["/header/idempotency-key"]);
            assert!(!answer.raw.contains("hunter2"));
        }
    }
    assert_eq!(operator.get("/v1/tenants").await.items().len(), 1);
    let longest = "k".repeat(255);
    let new = json!({ "ref": "x", "name": "x" });
    let made = operator
        .header("idempotency-key", &longest)
        .post("/v1/tenants", new)
        .await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn nothing_kept_tells_the_key_the_body_or_a_secret() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let made = make(
        &admin.clone().header("idempotency-key", "hunter2-key"),
        "hunter2-name",
    )
    .await;
    let operator = service
        .operator()
        .await
        .header("idempotency-key", "hunter2-key");
    operator
        .post(
            "/v1/tenants",
            json!({ "ref": "hunter2-ref", "name": "hunter2-name" }),
        )
        .await;
    let kept: Vec<String> = sqlx::query_scalar("SELECT known::text FROM idempotency_keys known")
        .fetch_all(&service.database.owner())
        .await
        .unwrap();
    assert_eq!(kept.len(), 2, "{kept:?}");
    let all = kept.join("\n");
    assert!(
        all.contains(made.text("id").trim_start_matches("key_")),
        "the resource is kept: {all}"
    );
    let secret = made.text("api_key")[36..].to_owned();
    for hidden in ["hunter2", &secret, &hex("hunter2"), &hex(&secret)] {
        assert!(!all.contains(hidden), "{all}");
    }
}

/// As Postgres shows bytes.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
