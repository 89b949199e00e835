//! The same request again.

use harness::{Client, Options, Service, service::manual_clock};
use serde_json::json;
use time::Duration;

fn keyed(client: &Client, key: &str) -> Client {
    client.clone().header("idempotency-key", key)
}

#[tokio::test]
async fn a_tenant_is_made_once_and_the_answer_repeated() {
    let service = Service::start().await;
    let operator = keyed(&service.operator().await, "k");
    let new = json!({ "ref": "acme", "name": "Acme" });
    let made = operator.post("/v1/tenants", new.clone()).await;
    let again = operator.post("/v1/tenants", new).await;
    assert_eq!((made.status, again.status), (201, 201), "{again:?}");
    assert_eq!(made.body, again.body);
    assert_eq!(operator.get("/v1/tenants").await.items(), [made.body]);
}

#[tokio::test]
async fn a_put_repeats_its_status_too() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let path = "/v1/tenants/by-ref/acme";
    let body = json!({ "name": "Acme" });
    for (key, status) in [
        ("first", 201),
        ("first", 201),
        ("second", 200),
        ("second", 200),
    ] {
        let answer = keyed(&operator, key).put(path, body.clone()).await;
        assert_eq!(
            (answer.status, answer.text("ref")),
            (status, "acme".into()),
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_change_is_made_once() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let path = format!("/v1/tenants/{}", service.tenant("acme").await);
    let first = keyed(&operator, "k")
        .patch(&path, json!({ "name": "One" }))
        .await;
    assert_eq!(first.text("name"), "One");
    operator.patch(&path, json!({ "name": "Two" })).await;
    let again = keyed(&operator, "k")
        .patch(&path, json!({ "name": "One" }))
        .await;
    assert_eq!(
        (again.status, again.text("name")),
        (200, "Two".into()),
        "not made again"
    );
}

#[tokio::test]
async fn a_key_is_made_once_and_its_secret_is_not_repeated() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let keyed = keyed(&admin, "k");
    let new = json!({ "name": "x", "role": "viewer" });
    let made = keyed.post("/v1/api-keys", new.clone()).await;
    assert_eq!(made.status, 201);
    for _ in 0..2 {
        let again = keyed.post("/v1/api-keys", new.clone()).await;
        assert_eq!(again.problem(), (409, "already_created"));
        assert!(again.raw.contains(&made.text("id")), "{again:?}");
        let secret = &made.text("api_key")[36..];
        assert!(!again.raw.contains(secret) && !again.raw.contains(&secret[20..]));
    }
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 2);
}

#[tokio::test]
async fn a_deletion_is_repeated_as_done() {
    let service = Service::start().await;
    let operator = service.operator().await;
    let path = format!("/v1/tenants/{}", service.tenant("acme").await);
    let keyed_operator = keyed(&operator, "k");
    for _ in 0..2 {
        assert_eq!(keyed_operator.delete(&path).await.status, 204);
    }
    assert_eq!(
        operator.delete(&path).await.status,
        404,
        "without the key it is news"
    );

    service.tenant("other").await;
    let admin = service.caller("other", "admin").await;
    let made = admin
        .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    let path = format!("/v1/api-keys/{}", made.text("id"));
    for _ in 0..2 {
        assert_eq!(keyed(&admin, "k").delete(&path).await.status, 204);
    }
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let service = Service::start().await;
    let operator = keyed(&service.operator().await, "k");
    let made = operator
        .post("/v1/tenants", json!({ "ref": "acme", "name": "Acme" }))
        .await;
    let path = format!("/v1/tenants/{}", made.text("id"));
    for other in [
        operator
            .post("/v1/tenants", json!({ "ref": "acme", "name": "Other" }))
            .await,
        operator
            .post("/v1/tenants", json!({ "ref": "other", "name": "Acme" }))
            .await,
        operator
            .put("/v1/tenants/by-ref/acme", json!({ "name": "Acme" }))
            .await,
        operator.patch(&path, json!({ "name": "Other" })).await,
        operator.delete(&path).await,
    ] {
        assert_eq!(other.problem(), (422, "idempotency_key_reused"));
        assert_eq!(other.pointers(), ["/header/idempotency-key"]);
    }
    assert_eq!(operator.get("/v1/tenants").await.items(), [made.body]);
}

#[tokio::test]
async fn a_refused_request_gives_its_key_back_for_the_mended_one() {
    let service = Service::start().await;
    let operator = service.operator().await;
    service.tenant("taken").await;
    let mended = json!({ "ref": "free", "name": "x" });
    for (n, refused, code) in [
        (1, json!({ "ref": "taken", "name": "x" }), "ref_taken"),
        (2, json!({ "ref": "free", "name": "" }), "validation_failed"),
    ] {
        let operator = keyed(&operator, &format!("k{n}"));
        for _ in 0..2 {
            let answer = operator.post("/v1/tenants", refused.clone()).await;
            assert_eq!(answer.problem().1, code);
        }
        let made = operator.post("/v1/tenants", mended.clone()).await;
        assert_eq!(made.status, 201, "{made:?}");
        let path = format!("/v1/tenants/{}", made.text("id"));
        let delete = keyed(&operator, &format!("delete-{n}"));
        assert_eq!(delete.delete(&path).await.status, 204);
    }
    let missing = keyed(&operator, "k3");
    let nobody = "/v1/tenants/ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b";
    assert_eq!(missing.delete(nobody).await.status, 404);
    assert_eq!(missing.post("/v1/tenants", mended).await.status, 201);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let clock = manual_clock();
    let service = Service::with(Options {
        clock: clock.clone(),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    let admin = keyed(&service.caller("acme", "admin").await, "k");
    let new = json!({ "name": "x", "role": "viewer" });
    assert_eq!(admin.post("/v1/api-keys", new.clone()).await.status, 201);
    clock.advance(Duration::hours(24) - Duration::seconds(1));
    let within = admin.post("/v1/api-keys", new.clone()).await;
    assert_eq!(within.problem(), (409, "already_created"));
    clock.advance(Duration::seconds(1));
    let other = json!({ "name": "y", "role": "viewer" });
    assert_eq!(admin.post("/v1/api-keys", other).await.status, 201);
    let reused = admin.post("/v1/api-keys", new).await;
    assert_eq!(reused.problem(), (422, "idempotency_key_reused"));
    assert_eq!(admin.get("/v1/api-keys").await.items().len(), 3);
}
