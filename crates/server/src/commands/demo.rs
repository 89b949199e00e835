//! The service with everything it needs, and one tenant walked through it, step by step.

use std::{process::ExitCode, time::Duration};

use serde_json::{Value, json};
use vault::KeyRing;

use super::{
    Result,
    local::Local,
    open::{context, refused},
    output,
    serve::{feed_urls, listen, stop_on_signal},
};
use crate::{
    app::{self, Caller},
    config::{Config, Environment},
    random::random,
    service::{self, Stopping},
    telemetry,
};

const TENANT: &str = "demo";

pub(crate) async fn run(
    config: &Config,
    once: bool,
    environment: &Environment,
) -> Result<ExitCode> {
    // The walk is what people came to see; `RUST_LOG` brings the log back.
    let filter = environment.get("RUST_LOG").map_or("warn", String::as_str);
    telemetry::start(config.log_format, filter)?;
    let listeners = listen(config).await?;
    let url = format!("http://{}", listeners.api.local_addr()?);
    let stop = stop_on_signal()?;

    output::line(
        "A demo: its Postgres is private to this run and ends with it; nothing behind it is real AWS.",
    );
    let local = Local::throwaway(config, environment).await?;
    let keys = KeyRing::parse(&KeyRing::generate(&mut random()))?;
    let context = context(config, &local.url, keys, true)?;
    context.prepare().await?;
    step("Postgres started, migrated, and served by a role that owns nothing");
    let (_, operator_key) = app::api_keys::create_operator(
        &context,
        &Caller::command_line(None),
        &"demo operator".parse()?,
        None,
    )
    .await
    .map_err(refused)?;
    step("the platform's operator has a key, made from the command line only");

    let service = tokio::spawn(service::run(
        context,
        feed_urls(config, &local.url),
        listeners,
        stop.clone(),
        Stopping {
            delay: Duration::ZERO,
            ..config.stopping
        },
    ));
    let walked = walk(&url, &operator_key).await;
    match &walked {
        Ok(api_key) => {
            let ready = json!({ "url": url, "tenant": TENANT, "api_key": api_key, "operator_key": *operator_key });
            output::line(format!("ready {ready}"));
        }
        Err(_) => stop.cancel(),
    }
    if once {
        stop.cancel();
    }
    let served = service.await?;
    local.stop().await?;
    served?;
    walked.map(|_| ExitCode::SUCCESS)
}

/// Walks one tenant through what there is, over HTTP, as a customer would.
async fn walk(url: &str, operator_key: &str) -> Result<String> {
    let http = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()?;
    ready(&http, url).await?;
    step("the service is ready");
    let platform = Client {
        http: &http,
        url,
        key: operator_key,
        tenant: None,
    };
    platform
        .send("PUT", "/v1/tenants/by-ref/demo", json!({ "name": "Demo" }))
        .await?;
    step("the operator provisioned the tenant `demo`");
    let operator = Client {
        tenant: Some(TENANT),
        ..platform
    };
    let made = operator
        .send(
            "POST",
            "/v1/api-keys",
            json!({ "name": "demo admin", "role": "admin" }),
        )
        .await?;
    let api_key = made["api_key"]
        .as_str()
        .ok_or("the answer has no key")?
        .to_owned();
    step("and made an admin key for it, shown this once");
    let admin = Client {
        http: &http,
        url,
        key: &api_key,
        tenant: None,
    };
    let me = admin.send("GET", "/v1/me", Value::Null).await?;
    if me["tenant"]["ref"] != TENANT || me["role"] != "admin" {
        return Err("the key is not the tenant's admin".into());
    }
    step("the tenant's admin signed in with it");
    let viewer = admin
        .send(
            "POST",
            "/v1/api-keys",
            json!({ "name": "demo viewer", "role": "viewer" }),
        )
        .await?;
    let id = viewer["id"].as_str().ok_or("the answer has no id")?;
    admin
        .send("DELETE", &format!("/v1/api-keys/{id}"), Value::Null)
        .await?;
    step("the admin made a viewer's key and revoked it");
    let audit = admin.send("GET", "/v1/audit", Value::Null).await?;
    let events = audit["items"].as_array().map_or(0, Vec::len);
    if events < 4 {
        return Err("the audit log lacks events".into());
    }
    step(&format!(
        "and the audit log tells all of it, in {events} events"
    ));
    Ok(api_key)
}

async fn ready(http: &reqwest::Client, url: &str) -> Result<()> {
    let asked = async {
        loop {
            let answer = http.get(format!("{url}/readyz")).send().await?;
            if answer.status().is_success() {
                return Ok::<_, super::Error>(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked)
        .await
        .map_err(|_| "the service did not get ready in 20 s")?
}

struct Client<'a> {
    http: &'a reqwest::Client,
    url: &'a str,
    key: &'a str,
    tenant: Option<&'a str>,
}

impl Client<'_> {
    async fn send(&self, method: &str, path: &str, body: Value) -> Result<Value> {
        let mut request = self
            .http
            .request(method.parse()?, format!("{}{path}", self.url))
            .bearer_auth(self.key);
        if let Some(tenant) = self.tenant {
            request = request.header("bi-tenant", tenant);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("{method} {path} answered {status}: {text}").into());
        }
        Ok(if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text)?
        })
    }
}

fn step(text: &str) {
    output::line(format!("  ✓ {text}"));
}
