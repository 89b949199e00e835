//! The service with everything it needs, and one tenant walked through it, step by step.

mod aws;
mod client;
mod walk;

use std::{process::ExitCode, time::Duration};

use serde_json::json;
use vault::KeyRing;

use self::{aws::Aws, client::Client, walk::Customer};
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
    let aws = Aws::start().await?;
    let identity = Some(aws.identity());
    let context = context(&aws.configure(config)?, &local.url, keys, identity, true)?;
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
    let walked = walk(&url, &operator_key, &aws).await;
    match &walked {
        Ok(api_key) => {
            let ready = json!({
                "url": url,
                "tenant": TENANT,
                "api_key": api_key,
                "operator_key": *operator_key,
                "sandbox_url": aws.url,
                "bedrock_api_key": aws.demo.api_keys.long_term,
            });
            output::line(format!(
                "Open {url} in a browser, and sign in with the `api_key` of the next line."
            ));
            output::line(format!("ready {ready}"));
        }
        Err(_) => stop.cancel(),
    }
    if once {
        stop.cancel();
    }
    let served = service.await?;
    local.stop().await?;
    aws.stop().await;
    served?;
    walked.map(|_| ExitCode::SUCCESS)
}

/// Provisions the tenant, and walks it through what there is. Its admin's key.
async fn walk(url: &str, operator_key: &str, aws: &Aws) -> Result<String> {
    let platform = Client::new(url, operator_key)?;
    platform.ready().await?;
    step("the service is ready");
    let provision = json!({ "name": "Demo" });
    platform
        .send("PUT", "/v1/tenants/by-ref/demo", provision)
        .await?;
    let body = json!({ "name": "demo admin", "role": "admin" });
    let made = platform.on(TENANT).post("/v1/api-keys", body).await?;
    let api_key = made["api_key"]
        .as_str()
        .ok_or("the answer has no key")?
        .to_owned();
    step(
        "the operator provisioned the tenant `demo`, and made an admin key for it, shown this once",
    );
    let admin = platform.with_key(&api_key);
    let me = admin.get("/v1/me").await?;
    if me["tenant"]["ref"] != TENANT || me["role"] != "admin" {
        return Err("the key is not the tenant's admin".into());
    }
    let customer = Customer {
        admin: &admin,
        console: &Client::new(&aws.url, "")?,
        demo: &aws.demo,
    };
    customer.walk().await?;
    let models = admin.get("/v1/models").await?;
    let aliases = models["items"].as_array().map_or(0, Vec::len);
    let audit = admin.get("/v1/audit?limit=200").await?;
    let events = audit["items"].as_array().map_or(0, Vec::len);
    if aliases != 3 || events < 20 {
        return Err(format!("{aliases} models and {events} events are too few").into());
    }
    step(&format!(
        "{aliases} models are ready for conversations, and the audit log tells all of it, in {events} events"
    ));
    Ok(api_key)
}

fn step(text: &str) {
    output::line(format!("  ✓ {text}"));
}
