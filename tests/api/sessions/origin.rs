//! Browsers send the cookie wherever they are made to; only what the console itself asks for is done.

use harness::Client;
use serde_json::json;

use super::world::{World, sign_in};

fn foreign() -> [&'static str; 7] {
    [
        "https://evil.example",
        "http://127.0.0.1:1",
        "http://127.0.0.1.evil.example",
        "https://127.0.0.1",
        "null",
        "",
        "*",
    ]
}

async fn changes(browser: &Client) -> Vec<harness::Answer> {
    vec![
        browser
            .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
            .await,
        browser
            .delete("/v1/api-keys/key_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b")
            .await,
        browser.patch("/v1/tenants/x", json!({})).await,
        browser.put("/v1/tenants/by-ref/x", json!({})).await,
    ]
}

#[tokio::test]
async fn a_change_needs_the_consoles_own_origin() {
    let world = World::new().await;
    let (browser, _) = world.browser("admin").await;
    let elsewhere = foreign().map(|origin| browser.clone().header("origin", origin));
    for caller in [browser.clone()].iter().chain(&elsewhere) {
        for refused in changes(caller).await {
            assert_eq!(refused.problem(), (403, "origin_refused"));
            assert_eq!(refused.pointers(), ["/header/origin"]);
        }
    }
    let at_console = world.at_console(&browser);
    assert_eq!(
        at_console.get("/v1/api-keys").await.items().len(),
        1,
        "nothing was made"
    );
    let made = at_console
        .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    assert_eq!(made.status, 201);
    let path = format!("/v1/api-keys/{}", made.text("id"));
    assert_eq!(at_console.delete(&path).await.status, 204);
}

#[tokio::test]
async fn reading_needs_no_origin() {
    let world = World::new().await;
    let (browser, _) = world.browser("admin").await;
    for path in ["/v1/me", "/v1/api-keys", "/v1/audit"] {
        assert_eq!(browser.get(path).await.status, 200);
    }
}

#[tokio::test]
async fn a_key_needs_no_origin() {
    let world = World::new().await;
    let (_, key) = world.browser("admin").await;
    let elsewhere = key.header("origin", "https://frontend.example");
    let made = elsewhere
        .post("/v1/api-keys", json!({ "name": "x", "role": "viewer" }))
        .await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn another_site_signs_nobody_in() {
    let world = World::new().await;
    let (_, key) = world.browser("admin").await;
    for origin in foreign() {
        let client = world.service.anonymous().header("origin", origin);
        let answer = sign_in(&client, key.credential()).await;
        assert_eq!(answer.problem(), (403, "origin_refused"), "{origin}");
        assert!(answer.header("set-cookie").is_none());
    }
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let world = World::new().await;
    let (browser, _) = world.browser("admin").await;
    for origin in foreign() {
        let answer = browser
            .clone()
            .header("origin", origin)
            .delete("/v1/session")
            .await;
        assert_eq!(answer.problem(), (403, "origin_refused"), "{origin}");
        assert!(answer.header("set-cookie").is_none());
    }
    let without = browser.delete("/v1/session").await;
    assert_eq!(without.problem(), (403, "origin_refused"));
    assert_eq!(browser.get("/v1/me").await.status, 200);
}
