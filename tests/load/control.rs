//! What the control plane costs, each request as a ratio to the cheapest answer.
//!
//! The service runs in this process, with the clients and a throw-away Postgres beside it, so that the ratios mean
//! something and the absolute figures little.

use std::time::Instant;

use harness::{Client, Service, service::Options};
use reqwest::Method;
use serde_json::{Value, json};

const CLIENTS: usize = 16;
const REQUESTS: usize = 200;
const REVOCATIONS: usize = 50;

struct Row {
    what: &'static str,
    per_second: f64,
    median_ms: f64,
    p99_ms: f64,
}

pub(crate) async fn measure() {
    let service = Service::start().await;
    service.tenant("acme").await;
    let admin = service.caller("acme", "admin").await;
    let anonymous = service.anonymous();
    let key = json!({ "name": "load", "role": "viewer" });
    let rows = [
        load(
            "GET /livez: no caller, no database",
            &anonymous,
            Method::GET,
            "/livez",
            None,
        )
        .await,
        load(
            "GET /v1/nothing: a problem",
            &anonymous,
            Method::GET,
            "/v1/nothing",
            None,
        )
        .await,
        load(
            "GET /v1/me: caller cached, one read",
            &admin,
            Method::GET,
            "/v1/me",
            None,
        )
        .await,
        load(
            "GET /v1/api-keys: one scoped read",
            &admin,
            Method::GET,
            "/v1/api-keys?limit=1",
            None,
        )
        .await,
        load(
            "POST /v1/api-keys: write, audit, change",
            &admin,
            Method::POST,
            "/v1/api-keys",
            Some(key),
        )
        .await,
    ];
    println!("{CLIENTS} clients, {REQUESTS} requests each\n");
    println!(
        "| request | requests/s | median ms | p99 ms | median, times /livez |\n|---|---|---|---|---|"
    );
    let least = rows[0].median_ms;
    for row in &rows {
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.1} |",
            row.what,
            row.per_second,
            row.median_ms,
            row.p99_ms,
            row.median_ms / least
        );
    }
    let (median, worst) = revocations(&service).await;
    println!(
        "\nA revoked key is refused by another replica after {median:.1} ms (median), {worst:.1} ms (worst of {REVOCATIONS})."
    );
}

async fn load(
    what: &'static str,
    client: &Client,
    method: Method,
    path: &'static str,
    body: Option<Value>,
) -> Row {
    let began = Instant::now();
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (client, method, body) = (client.clone(), method.clone(), body.clone());
            tokio::spawn(async move {
                let mut took = Vec::with_capacity(REQUESTS);
                for _ in 0..REQUESTS {
                    let began = Instant::now();
                    let answer = client.send(method.clone(), path, body.clone()).await;
                    assert!(answer.status < 500, "{answer:?}");
                    took.push(began.elapsed().as_secs_f64() * 1_000.0);
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.unwrap_or_default());
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    Row {
        what,
        per_second: (CLIENTS * REQUESTS) as f64 / seconds,
        median_ms: took[took.len() / 2],
        p99_ms: took[took.len() * 99 / 100],
    }
}

/// From the answer to a revocation until the other replica, which had the key cached, refuses it.
async fn revocations(service: &Service) -> (f64, f64) {
    let other = Service::on(service.database.clone(), Options::default()).await;
    let admin = service.caller("acme", "admin").await;
    let mut took = Vec::new();
    for _ in 0..REVOCATIONS {
        let made = admin
            .post(
                "/v1/api-keys",
                json!({ "name": "revoked", "role": "viewer" }),
            )
            .await;
        let viewer = other.anonymous().bearer(&made.text("api_key"));
        assert_eq!(viewer.get("/v1/me").await.status, 200);
        admin
            .delete(&format!("/v1/api-keys/{}", made.text("id")))
            .await;
        let began = Instant::now();
        while viewer.get("/v1/me").await.status == 200 {}
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    took.sort_by(f64::total_cmp);
    (took[took.len() / 2], took[took.len() - 1])
}
