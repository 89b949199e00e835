//! The service as it is run, with everything on: limits that are counted and never reached, and its log.

use std::sync::Arc;

use credential_provider::{Endpoint, Endpoints, Service as AwsService};
use domain::{Clock, SystemClock};
use harness::{Options, Service, aws::reaching};
use sandbox::demo::{Demo, EXTERNAL_ID};
use serde_json::json;
use server::{app::conversations::Limit, config::LogFormat, telemetry};
use store::testing::Database;

use crate::process::report;

/// More than can be reached.
const LIMIT: Limit = Limit {
    requests_per_minute: 60_000_000,
    concurrent: 10_000,
    tokens_per_minute: 1_000_000_000,
};

/// Serves that database, with AWS at one URL and Bedrock Runtime at another.
pub(crate) async fn run(owner_url: &str, url: &str, aws: &str, runtime: &str) {
    telemetry::start(LogFormat::Json, "info").unwrap();
    let endpoint = |url| Endpoint::parse(url).unwrap();
    let endpoints =
        Endpoints::every(endpoint(aws)).with(AwsService::BedrockRuntime, endpoint(runtime));
    let options = Options {
        tenant_limit: LIMIT,
        caller_limit: LIMIT,
        ..Options::default()
    };
    let database = Arc::new(Database {
        owner_url: owner_url.to_owned(),
        url: url.to_owned(),
    });
    // Another of these worlds is at that URL; the platform is the same in each.
    let (_, demo) = Demo::new(EXTERNAL_ID, SystemClock.now());
    let options = reaching(endpoints, &demo.platform, options);
    let service = Service::on(database, options).await;
    let operator = service.operator().await;
    report(&json!({ "url": service.url, "operator": operator.credential() }));
}
