//! Calls that fail on the way, by microburst.

use bedrock::report::Name;
use credential_provider::Service;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::world::{World, failed};

/// Who sets rules holds it, since they are one program's.
pub(crate) static RULES: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn what_fails_on_the_way_is_told_for_what_it_is() {
    let world = World::told();
    let _alone = RULES.lock().await;
    let (role, region) = (world.role("role_arn"), world.region());
    let sts = vec![
        (error(400, "Throttling"), "throttled"),
        (error(503, "ServiceUnavailable"), "aws_unavailable"),
        (json!({ "reset": true }), "endpoint_unreachable"),
        (json!({ "timeout_ms": 60_000 }), "endpoint_timeout"),
    ];
    let lists = vec![
        (error(429, "ThrottlingException"), "throttled"),
        (error(403, "ExpiredTokenException"), "session_expired"),
        (
            error(403, "UnrecognizedClientException"),
            "region_not_enabled",
        ),
    ];
    let runtime = vec![
        (error(429, "ThrottlingException"), "throttled"),
        (error(424, "ModelErrorException"), "model_failed"),
    ];
    for (service, step, harms) in [
        (Service::Sts, Name::Credentials, sts),
        (Service::Bedrock, Name::ListModels, lists),
        (Service::BedrockRuntime, Name::Invoke, runtime),
    ] {
        let aws = world.faulty_aws(service);
        for (harm, code) in harms {
            set_rule(&world, &harm).await;
            let report = world.test_at(&aws, &region, &role).await;
            assert_eq!(failed(&report), Some((step, code)), "{harm}");
        }
    }
}

pub(crate) fn error(status: u16, code: &str) -> Value {
    json!({ "error": { "code": code, "status": status, "message": "By microburst." } })
}

/// Lets this happen to whatever comes, and nothing else.
pub(crate) async fn set_rule(world: &World, harm: &Value) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_microburst/rules", world.text("/faults_url"));
    let answer = http.post(url).json(&[harm]).send().await.unwrap();
    assert!(answer.status().is_success(), "{harm}");
}
