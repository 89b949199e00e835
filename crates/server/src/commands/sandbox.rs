//! The AWS to develop against, alone: what a service, an SDK or the AWS CLI can be pointed at.

use std::{net::SocketAddr, process::ExitCode, sync::Arc};

use credential_provider::iam_role::ExternalId;
use domain::{Clock, SystemClock};
use rand::Rng;
use sandbox::{Sandbox, Seed, Settings, demo::Demo};
use serde::Serialize;

use super::{Result, output, serve::stop_on_signal};
use crate::{
    config::{Config, Environment},
    random::random,
    telemetry,
};

/// What a script needs to use it.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    #[serde(flatten)]
    demo: &'a Demo,
}

pub(crate) async fn run(
    config: &Config,
    listen: SocketAddr,
    external_id: &ExternalId,
    environment: &Environment,
) -> Result<ExitCode> {
    // What there is to try is what people came to see; `RUST_LOG` brings the log back.
    let filter = environment.get("RUST_LOG").map_or("warn", String::as_str);
    telemetry::start(config.log_format, filter)?;
    let stop = stop_on_signal()?;
    let (world, demo) = Demo::new(external_id.as_str(), SystemClock.now());
    let settings = Settings {
        listen,
        world,
        clock: Arc::new(SystemClock),
        // What it gives out must not repeat itself from one start to the next.
        entropy: Arc::new(Seed::new(random().next_u64())),
    };
    let sandbox = Sandbox::start(settings).await.map_err(|error| {
        format!("cannot listen on {listen}: {error}; --listen names another address")
    })?;
    let url = sandbox.url();

    output::line(format!(
        "An AWS to develop against, on {url}: nothing behind it is real AWS, and it forgets everything when it ends."
    ));
    for (what, how) in to_try(&url, &demo) {
        output::line(format!("  · {what}: {how}"));
    }
    let ready = Ready {
        url: &url,
        demo: &demo,
    };
    output::line(format!("ready {}", serde_json::to_string(&ready)?));
    stop.cancelled().await;
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// What there is to try, and how.
fn to_try(url: &str, demo: &Demo) -> [(&'static str, String); 6] {
    let Demo {
        region,
        model_id,
        platform,
        roles,
        cognito,
        api_keys,
        ..
    } = demo;
    let identity = format!(
        "AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}",
        platform.access_key_id, platform.secret_access_key
    );
    let models =
        |key: &str| format!("curl {url}/foundation-models -H 'authorization: Bearer {key}'");
    [
        ("list models with an API key", models(&api_keys.long_term)),
        ("with one that was taken back", models(&api_keys.revoked)),
        (
            "talk to a model",
            format!(
                "curl {url}/model/{model_id}/converse -H 'authorization: Bearer {}' -H 'content-type: application/json' \
                 -d '{{\"messages\":[{{\"role\":\"user\",\"content\":[{{\"text\":\"Hello\"}}]}}]}}'",
                api_keys.long_term
            ),
        ),
        (
            "take on a role",
            format!(
                "{identity} aws sts assume-role --endpoint-url {url} --region {region} --role-arn {} \
                 --role-session-name me --external-id {}",
                roles.role_arn, roles.external_id
            ),
        ),
        (
            "sign in by Cognito (SRP)",
            format!(
                "user pool {}, app client {}, user {}, password {}, identity pool {}",
                cognito.user_pool_id,
                cognito.app_client_id,
                cognito.username,
                cognito.password,
                cognito.identity_pool_id
            ),
        ),
        (
            "run the service against it",
            format!(
                "{identity} BI_PRINCIPAL_ARN={} BI_AWS_ENDPOINT_URL={url} BI_DEV_AWS_ENDPOINTS=true bedrock-integrations \
                 serve --local",
                platform.principal_arn
            ),
        ),
    ]
}
