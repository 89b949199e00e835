//! No secret in the log at its loudest, in the database, in metrics or in health.

use std::{fs, path::PathBuf, process::Command};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::Request;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    http2,
    served::{Data, Served},
};

/// Stands in requests that are refused, in places where people paste secrets by mistake.
const MARKER: &str = "hunter2-marker-5e2c";
/// Looks like a token of an identity provider.
const JWT: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6Im1hcmtlciJ9.eyJzdWIiOiJtYXJrZXIiLCJpc3MiOiJodHRwczovL3gifQ.c2lnbmF0dXJlLW1hcmtlcg";

/// Values that nothing may show, each with what it is.
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, value: &str) {
        assert!(value.len() >= 12, "too short to be looked for: {what}");
        self.0.push((what, value.to_owned()));
        self.0.push((
            what,
            STANDARD.encode(value).trim_end_matches('=').to_owned(),
        ));
        self.0.push((what, hex(value.as_bytes())));
    }

    /// A key or cookie of ours: whole, its secret part, and the bytes that part stands for.
    fn add_token(&mut self, what: &'static str, token: &str) {
        let secret = &token[token.len() - 43..];
        self.add(what, token);
        self.add(what, secret);
        self.0
            .push((what, hex(&URL_SAFE_NO_PAD.decode(secret).unwrap())));
    }

    fn assert_none_in(&self, place: &str, text: &str) {
        assert!(!text.is_empty(), "{place} is empty");
        let lower = text.to_lowercase();
        for (what, value) in &self.0 {
            if let Some(at) = lower.find(&value.to_lowercase()) {
                let line_start = text[..at].rfind('\n').map_or(0, |line| line + 1);
                let line = text[line_start..].lines().next().unwrap_or_default();
                panic!("{place} shows the {what}: {line}");
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Does all that can be done, and much that cannot; returns what must be seen nowhere.
async fn exercise(data: &Data, served: &Served) -> Secrets {
    let mut secrets = Secrets(Vec::new());
    let master_key = fs::read_to_string(data.master_key()).unwrap();
    let key = master_key.lines().find_map(|line| line.strip_prefix("1:"));
    let key = key.unwrap();
    secrets.add("master key", key);
    secrets
        .0
        .push(("master key", hex(&STANDARD.decode(key).unwrap())));
    let password = fs::read_to_string(data.folder.join("postgres/cluster/password")).unwrap();
    secrets.add("database password", password.trim());
    secrets.add("marker", MARKER);
    secrets.add("token", JWT);
    secrets.add("token's signature", JWT.rsplit('.').next().unwrap());

    let operator = data.operator();
    secrets.add_token("operator's key", &operator);
    let mut bodies = Vec::new();
    let tenant = json!({ "ref": "acme", "name": "Acme" });
    bodies.push(tenant.to_string());
    let answer = served
        .request(Method::POST, "/v1/tenants")
        .bearer_auth(&operator)
        .header("idempotency-key", MARKER)
        .json(&tenant)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let mut made = None;
    for role in ["viewer", "admin"] {
        let body = json!({ "name": role, "role": role }).to_string();
        let request = Request::post(format!("{}/v1/api-keys", served.url))
            .header("authorization", format!("Bearer {operator}"))
            .header("bi-tenant", "acme")
            .header("idempotency-key", format!("{MARKER}-{role}"))
            .header("content-type", "application/json");
        let (status, answer) = http2::send(&served.url, request, &body).await;
        assert_eq!(status, 201, "{answer}");
        bodies.push(body);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let key = answer["api_key"].as_str().unwrap().to_owned();
        secrets.add_token("tenant's key", &key);
        made = Some(key);
    }
    let admin = made.unwrap();
    for body in &bodies {
        secrets
            .0
            .push(("hash of a body", hex(&Sha256::digest(body))));
    }
    session(served, &admin, &mut secrets).await;
    mistakes(served, &operator, &admin).await;
    secrets
}

/// Signs in to the console, and out.
async fn session(served: &Served, admin: &str, secrets: &mut Secrets) {
    for sign_out in [false, true] {
        let body = json!({ "api_key": admin });
        let answer = served
            .request(Method::POST, "/v1/session")
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        secrets.add_token("cookie", cookie.split_once('=').unwrap().1);
        let request = |method, path| {
            served
                .request(method, path)
                .header("cookie", &cookie)
                .header("origin", &served.url)
        };
        assert_eq!(
            request(Method::GET, "/v1/me")
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
        if sign_out {
            let ended = request(Method::DELETE, "/v1/session").send().await.unwrap();
            assert_eq!(ended.status(), 204);
        }
    }
}

/// What people get wrong: the marker, or a key, where it does not belong.
async fn mistakes(served: &Served, operator: &str, admin: &str) {
    let wrong_key = format!("{}{}", &admin[..admin.len() - 12], "AAAAAAAAAAAA");
    let refused = [
        (served.request(Method::GET, "/v1/me").bearer_auth(JWT), 401),
        (
            served.request(Method::GET, "/v1/me").bearer_auth(MARKER),
            401,
        ),
        (
            served.request(Method::GET, "/v1/me").bearer_auth(wrong_key),
            401,
        ),
        (
            served
                .request(Method::GET, "/v1/me")
                .basic_auth(MARKER, Some(MARKER)),
            401,
        ),
        (
            served
                .request(Method::GET, "/v1/me")
                .header("authorization", admin),
            401,
        ),
        (
            served
                .request(Method::GET, "/v1/me")
                .bearer_auth(admin)
                .header("x-request-id", admin),
            200,
        ),
        // Short enough to be taken for an id.
        (
            served
                .request(Method::GET, "/v1/me")
                .bearer_auth(operator)
                .header("x-request-id", operator),
            200,
        ),
        (
            served
                .request(Method::GET, "/v1/me")
                .bearer_auth(operator)
                .header("bi-tenant", MARKER),
            404,
        ),
        (
            served
                .request(Method::GET, &format!("/v1/tenants/{MARKER}"))
                .bearer_auth(operator),
            404,
        ),
        (
            served
                .request(Method::GET, &format!("/v1/{MARKER}"))
                .bearer_auth(operator),
            404,
        ),
        (
            served
                .request(Method::GET, &format!("/v1/tenants?{MARKER}={MARKER}"))
                .bearer_auth(operator),
            422,
        ),
        (
            served
                .request(Method::GET, &format!("/v1/tenants?cursor={MARKER}"))
                .bearer_auth(operator),
            422,
        ),
        (
            served.request(Method::GET, &format!("/v1/me?api_key={admin}")),
            401,
        ),
        (
            served
                .request(Method::DELETE, "/v1/session")
                .header("cookie", format!("bi_session={MARKER}")),
            204,
        ),
    ];
    for (number, (request, expected)) in refused.into_iter().enumerate() {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), expected, "request {number}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains(MARKER), "{text}");
    }
    for (path, body, expected) in [
        (
            "/v1/tenants",
            json!({ "ref": [MARKER], "name": MARKER }).to_string(),
            422,
        ),
        (
            "/v1/tenants",
            json!({ "ref": format!("/{MARKER}"), "name": MARKER }).to_string(),
            422,
        ),
        (
            "/v1/tenants",
            json!({ "ref": "acme", "name": MARKER }).to_string(),
            409,
        ),
        ("/v1/tenants", format!("{{\"ref\": \"{MARKER}"), 400),
        ("/v1/tenants", MARKER.to_owned(), 400),
        ("/v1/session", json!({ "api_key": MARKER }).to_string(), 401),
        (
            "/v1/session",
            json!({ "api_key": { "key": MARKER } }).to_string(),
            422,
        ),
        (
            "/v1/session",
            json!({ "api_key": operator }).to_string(),
            403,
        ),
    ] {
        let mut request = served
            .request(Method::POST, path)
            .header("content-type", "application/json");
        if path != "/v1/session" {
            request = request
                .bearer_auth(operator)
                .header("idempotency-key", MARKER);
        }
        let answer = request.body(body.clone()).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        // The key was used for another request already; then that is said first, after the form was checked.
        let expected = if expected == 409 { 422 } else { expected };
        assert_eq!(status, expected, "{body}: {text}");
        assert!(!text.contains(MARKER) && !text.contains(operator), "{text}");
    }
}

/// All that the database holds, as text.
#[expect(
    clippy::disallowed_methods,
    reason = "a test finds Postgres as a developer's shell does"
)]
fn dump(data: &Data) -> String {
    let chosen = std::env::var_os("BI_POSTGRES_BIN").map(PathBuf::from);
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // The newest first: an older one does not read a newer server.
    let folders = chosen
        .into_iter()
        .chain(folders.into_iter().rev())
        .chain(std::env::split_paths(&path));
    let program = folders
        .map(|folder| folder.join("pg_dump"))
        .find(|program| program.is_file());
    let program = program.expect("install PostgreSQL's client programs: this test needs pg_dump");
    let dumped = Command::new(program)
        .arg(format!("--dbname={}", data.owner_url()))
        .output()
        .unwrap();
    assert!(
        dumped.status.success(),
        "{}",
        String::from_utf8_lossy(&dumped.stderr)
    );
    String::from_utf8(dumped.stdout).unwrap()
}

async fn nothing_leaks(format: &str) {
    let data = Data::new();
    let mut command = data.command(&["serve", "--local"]);
    command
        .env("RUST_LOG", "trace")
        .env("BI_LOG_FORMAT", format);
    let served = Served::start(&mut command).ready().await;

    let secrets = exercise(&data, &served).await;

    let metrics = reqwest::get(format!("{}/metrics", served.ops_url))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("bi_http_requests"), "{metrics}");
    secrets.assert_none_in("/metrics", &metrics);
    let health = served.request(Method::GET, "/health").send().await.unwrap();
    secrets.assert_none_in("/health", &health.text().await.unwrap());

    let dump = dump(&data);
    assert!(
        dump.contains("COPY public.tenants") && dump.contains("\tacme\t"),
        "no dump: {dump}"
    );
    secrets.assert_none_in("the dump", &dump);

    let ended = served.stop();
    ended.succeeded();
    let log = ended.stdout + &ended.stderr;
    assert!(
        log.contains("/v1/session") && log.contains("malformed_body"),
        "no log: {log}"
    );
    secrets.assert_none_in("the log", &log);
}

#[tokio::test]
async fn no_secret_is_in_the_log_as_text_nor_in_the_database_metrics_or_health() {
    nothing_leaks("text").await;
}

#[tokio::test]
async fn no_secret_is_in_the_log_as_json_nor_in_the_database_metrics_or_health() {
    nothing_leaks("json").await;
}
