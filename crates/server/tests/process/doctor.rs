//! `doctor --connection`: what a test finds, for the operator and for the customer.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    program::{Ended, Process, program},
    served::{Data, Served},
};

/// An AWS, and a service that takes it for AWS, with a tenant.
struct Stage {
    data: Data,
    served: Served,
    aws: Value,
    admin: String,
    _sandbox: Process,
}

const TENANT: &str = "acme";

impl Stage {
    async fn start() -> Self {
        let mut sandbox = Process::start(&mut program(&["sandbox", "--listen", "127.0.0.1:0"]));
        let line = sandbox.line("ready {");
        let aws: Value = serde_json::from_str(line.strip_prefix("ready ").unwrap()).unwrap();
        let data = Data::new();
        let mut serve = data.command(&["serve", "--local"]);
        let served = Served::start(serve.envs(reaching(&aws))).ready().await;
        data.run(&[
            "tenant", "create", "--ref", TENANT, "--name", "Acme", "--local",
        ])
        .succeeded();
        let key = data.run(&["api-key", "create", "--tenant", TENANT, "--local"]);
        Self {
            admin: key.succeeded().trim().to_owned(),
            data,
            served,
            aws,
            _sandbox: sandbox,
        }
    }

    /// Saves a connection by that key, tested or not. Its id.
    async fn save(&self, name: &str, key: &str, verify: &str) -> String {
        let body = json!({
            "name": name,
            "method": "api_key",
            "region": self.aws["region"],
            "fields": { "api_key": key },
            "verify": verify,
        });
        let path = "/v1/integrations/bedrock/connections";
        let (status, saved) = self.served.ask(&self.admin, Method::POST, path, body).await;
        assert_eq!(status, 201, "{saved}");
        saved["connection"]["id"].as_str().unwrap().to_owned()
    }

    fn doctor(&self, arguments: &[&str]) -> Ended {
        let arguments = [&["doctor", "--local"], arguments].concat();
        crate::program::run(self.data.command(&arguments).envs(reaching(&self.aws)))
    }

    /// The tests that the audit log tells of, newest first.
    async fn tests(&self) -> Vec<Value> {
        let (_, events) = self
            .served
            .ask(&self.admin, Method::GET, "/v1/audit", Value::Null)
            .await;
        let events = events["items"].as_array().unwrap().clone();
        let is_test = |event: &Value| event["action"] == "connection.tested";
        events.into_iter().filter(is_test).collect()
    }
}

fn reaching(aws: &Value) -> [(&'static str, String); 2] {
    [
        (
            "BI_AWS_ENDPOINT_URL",
            aws["url"].as_str().unwrap().to_owned(),
        ),
        ("BI_DEV_AWS_ENDPOINTS", "true".to_owned()),
    ]
}

#[tokio::test]
async fn the_doctor_tests_a_connection_and_says_what_to_send() {
    let stage = Stage::start().await;
    let key = stage.aws["api_keys"]["long_term"].as_str().unwrap();
    let works = stage.save("Production", key, "require").await;
    let well = stage.doctor(&["--connection", &works]);
    let text = well.succeeded();
    for line in [
        "ok    credentials: ",
        "ok    list of models: ",
        "skip  proof of trust: ",
        "(not_applicable)",
        ": api_key in ",
        ", healthy",
        "account: ",
        "models: ",
        "For the customer:",
        "It works.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains(key), "{text}");
    let event = &stage.tests().await[0];
    assert_eq!(event["subject"], works.as_str());
    assert_eq!(
        event["actor"],
        json!({ "kind": "command_line", "id": "command_line", "by_platform": true })
    );

    let made_up = key.replace(&key[key.len() - 12..], "AAAAAAAAAAA=");
    let fails = stage.save("Made up", &made_up, "skip").await;
    let ill = stage.doctor(&["--connection", &fails, "--tenant", TENANT, "--json"]);
    assert_eq!(ill.code, Some(1), "{ill:?}");
    let told: Value = serde_json::from_str(&ill.stdout).unwrap();
    assert_eq!(told["connection_id"], fails.as_str());
    assert_eq!(told["state"], "failing");
    assert_eq!(told["report"]["ok"], false);
    let letter = told["letter"].as_str().unwrap();
    assert!(
        letter.contains("\"Made up\"") && letter.contains("What to do: "),
        "{letter}"
    );
    let code = told["state_reason"].as_str().unwrap();
    assert!(letter.contains(&format!("({code})")), "{letter}");
    assert!(!ill.stdout.contains(&made_up), "{ill:?}");

    // In words it tells the operator the same.
    let told = stage.doctor(&["--connection", &fails]);
    let steps = ill_steps(&ill.stdout);
    for word in steps
        .iter()
        .chain([&"AWS's id of the request: ".to_owned()])
    {
        assert!(told.stdout.contains(word), "{word}: {told:?}");
    }

    let nobodys = works.replace("con_0", "con_1");
    let gone = stage.doctor(&["--connection", &nobodys]);
    assert!(gone.failed().contains("no such thing"), "{gone:?}");
    stage.served.stop().succeeded();
}

/// What a report says of the steps that did not pass.
fn ill_steps(report: &str) -> Vec<String> {
    let told: Value = serde_json::from_str(report).unwrap();
    let steps = told["report"]["steps"].as_array().unwrap().iter();
    let ill = steps.filter(|step| !step["code"].is_null());
    let words = ill.flat_map(|step| {
        let aws = &step["aws"];
        [
            &step["code"],
            &step["message"],
            &step["remedy"],
            &aws["message"],
        ]
    });
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_doctor_says_as_whom_it_asks_aws() {
    let stage = Stage::start().await;
    let platform = &stage.aws["platform"];
    let text = |member: &str| platform[member].as_str().unwrap().to_owned();
    let principal = text("principal_arn");
    let doctor = |trusted: &str| {
        let mut command = stage.data.command(&["doctor", "--local"]);
        command.envs(reaching(&stage.aws)).envs([
            ("BI_PRINCIPAL_ARN", trusted.to_owned()),
            ("AWS_ACCESS_KEY_ID", text("access_key_id")),
            ("AWS_SECRET_ACCESS_KEY", text("secret_access_key")),
        ]);
        crate::program::run(&mut command)
    };
    let well = doctor(&principal);
    let told = well.succeeded();
    assert!(told.contains("ok    AWS identity: arn:aws:"), "{told}");
    assert!(told.contains("ok    signing keys: "), "{told}");

    let another = format!("{principal}-of-another-machine");
    let ill = doctor(&another);
    assert_eq!(ill.code, Some(1), "{ill:?}");
    for word in ["FAIL  AWS identity: ", &principal, &another] {
        assert!(ill.stdout.contains(word), "{word}: {ill:?}");
    }
    stage.served.stop().succeeded();
}
