//! Lists as AWS answers them, a folder per case under `test-data/catalogue/`, and the catalogue that they must make.
//!
//! A list without a file is empty; `<list>.<status>.json` is a refusal. They go through the SDK's own parser.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_sdk_bedrock::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region as SdkRegion, retry::RetryConfig},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use domain::Region;
use serde::Serialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

use super::{
    Gap, List, Model,
    lists::{Limits, Lists},
    merge::merge,
};

#[tokio::test]
async fn each_case_makes_its_catalogue() {
    let mut seen = 0;
    for case in fs::read_dir(cases()).unwrap() {
        let case = case.unwrap().path();
        let expected = fs::read_to_string(case.join("expected.txt")).unwrap();
        let region = expected.lines().next().unwrap();
        assert_eq!(told(&case, region).await, expected, "{}", case.display());
        seen += 1;
    }
    assert!(seen >= 7, "only {seen} cases were found");
}

#[tokio::test]
async fn an_entry_has_its_wire_form() {
    let models = merged(&cases().join("canada"), "ca-central-1").await.0;
    let pro = models
        .iter()
        .find(|model| model.model_id == "amazon.nova-pro-v1:0")
        .unwrap();
    assert_eq!(
        json!(pro),
        json!({
            "key": "amazon.nova-pro-v1~3a0",
            "kind": "base",
            "model_id": "amazon.nova-pro-v1:0",
            "invoke_id": "us.amazon.nova-pro-v1:0",
            "name": "amazon.nova-pro-v1:0",
            "provider": "amazon",
            "base_model_id": "amazon.nova-pro-v1:0",
            "capabilities": ["unknown"],
            "modalities": {"input": [], "output": []},
            "state": "available",
            "state_reason": null,
            "lifecycle": null,
            "residency": "geography",
            "destinations": ["ca-central-1", "us-east-1", "us-east-2", "us-west-2"],
            "ways": [{
                "id": "us.amazon.nova-pro-v1:0",
                "via": "inference_profile",
                "name": "US Nova Pro",
                "arn": "arn:aws:bedrock:ca-central-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
                "residency": "geography",
                "destinations": ["ca-central-1", "us-east-1", "us-east-2", "us-west-2"],
            }],
        })
    );
}

#[tokio::test]
async fn the_order_of_the_lists_does_not_matter() {
    let region: Region = "eu-west-1".parse().unwrap();
    let mut lists = Lists::fetch(&client(&cases().join("ireland")), LIMITS).await;
    let straight = merge(&lists, &region, NOW);
    assert!(straight.len() > 3);

    lists.foundation_models.items.reverse();
    lists.system_profiles.items.reverse();

    assert_eq!(merge(&lists, &region, NOW), straight);
}

#[tokio::test]
async fn an_emulator_that_tells_profiles_twice_makes_no_second_entry() {
    let region: Region = "us-east-1".parse().unwrap();
    let mut lists = Lists::fetch(&client(&cases().join("own-models")), LIMITS).await;
    let straight = merge(&lists, &region, NOW);
    let told = lists.application_profiles.items.clone();
    assert!(!told.is_empty());

    lists.system_profiles.items.extend(told);

    assert_eq!(merge(&lists, &region, NOW), straight);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_hangs_takes_no_other_along() {
    for (hangs, list) in [
        ("foundation-models", List::FoundationModels),
        ("custom-models", List::CustomModels),
        ("system-profiles", List::SystemProfiles),
    ] {
        let recorded = Recorded {
            case: cases().join("own-models"),
            hangs: Some(hangs),
        };
        let lists = Lists::fetch(&client_of(recorded), LIMITS).await;
        for other in List::ALL {
            assert_eq!(lists.error(other).is_some(), other == list, "{other:?}");
        }
        assert_eq!(lists.took(list), LIMITS.list);
        assert!(lists.error(list).unwrap().is_temporary());
    }
}

const NOW: OffsetDateTime = datetime!(2026-11-22 00:00 UTC);
const LIMITS: Limits = Limits {
    call: Duration::from_secs(1),
    list: Duration::from_secs(30),
};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test-data/catalogue")
}

async fn merged(case: &Path, region: &str) -> (Vec<Model>, Vec<Gap>) {
    let lists = Lists::fetch(&client(case), LIMITS).await;
    let models = merge(&lists, &region.parse().unwrap(), NOW);
    (models, lists.gaps().unwrap())
}

/// A case's catalogue as `expected.txt` tells it.
async fn told(case: &Path, region: &str) -> String {
    let (models, gaps) = merged(case, region).await;
    let models = models.iter().map(model);
    let gaps = gaps.iter().map(|gap| {
        let kind = if gap.error.is_temporary() {
            "for now"
        } else {
            "denied"
        };
        format!("gap: {} {kind}, {}\n", word(gap.list), gap.list.action())
    });
    let told: String = models.chain(gaps).map(|part| format!("\n{part}")).collect();
    format!("{region}\n{told}")
}

fn model(model: &Model) -> String {
    let words = |list: &[String]| list.join(" ");
    let can: Vec<String> = model.capabilities.iter().map(word).collect();
    let reason = model
        .state_reason
        .map_or_else(String::new, |reason| format!(": {}", word(reason)));
    let mut told = format!(
        "{} · {} · {} · {}{reason}\n",
        model.model_id,
        model.name,
        model.provider,
        word(model.state)
    );
    told += &format!(
        "  {} [{}] {} > {}\n",
        word(model.kind),
        words(&can),
        words(&model.modalities.input),
        words(&model.modalities.output)
    );
    if let Some(base) = model
        .base_model_id
        .as_ref()
        .filter(|base| **base != model.model_id)
    {
        told += &format!("  of {base}\n");
    }
    if let Some(end) = model
        .lifecycle
        .as_ref()
        .and_then(|lifecycle| lifecycle.end_of_life)
    {
        told += &format!("  until {}\n", end.date());
    }
    for way in &model.ways {
        let taken = if model.invoke_id.as_ref() == Some(&way.id) {
            "*"
        } else {
            "-"
        };
        told += &format!(
            "  {taken} {} by {}, {}",
            way.id,
            word(way.via),
            word(way.residency)
        );
        told += &format!(" {}\n", words(&way.destinations));
    }
    told.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn word(value: impl Serialize) -> String {
    json!(value).as_str().unwrap().to_owned()
}

fn read(file: &Path) -> Option<Value> {
    let text = fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

fn client(case: &Path) -> Client {
    client_of(Recorded {
        case: case.to_owned(),
        hangs: None,
    })
}

fn client_of(recorded: Recorded) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(SdkRegion::from_static("eu-west-1"))
        .credentials_provider(Credentials::new(
            "AKIDEXAMPLE",
            "secret",
            None,
            None,
            "test",
        ))
        .retry_config(RetryConfig::disabled())
        .http_client(recorded)
        .build();
    Client::from_conf(config)
}

/// Answers from a case's folder.
#[derive(Debug, Clone)]
struct Recorded {
    case: PathBuf,
    /// The list that is never answered.
    hangs: Option<&'static str>,
}

impl HttpClient for Recorded {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Recorded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: http::Uri = request.uri().parse().unwrap();
        let list = match (uri.path(), uri.query().unwrap_or_default()) {
            ("/inference-profiles", query) if query.contains("type=APPLICATION") => {
                "application-profiles"
            }
            ("/inference-profiles", _) => "system-profiles",
            (path, _) => path.rsplit('/').next().unwrap(),
        };
        if self.hangs == Some(list) {
            return HttpConnectorFuture::new(std::future::pending());
        }
        HttpConnectorFuture::ready(Ok(self.answer(list)))
    }
}

impl Recorded {
    fn answer(&self, list: &str) -> HttpResponse {
        let refusal = [403_u16, 429, 500].into_iter().find_map(|status| {
            Some((
                status,
                read(&self.case.join(format!("{list}.{status}.json")))?,
            ))
        });
        let (status, body) = refusal.unwrap_or_else(|| {
            let body = read(&self.case.join(format!("{list}.json")));
            (200, body.unwrap_or_else(|| json!({})))
        });
        let mut answer = http::Response::builder().status(status);
        if let Some(code) = body.get("__type").and_then(Value::as_str) {
            answer = answer.header("x-amzn-errortype", code);
        }
        let answer = answer.body(SdkBody::from(body.to_string())).unwrap();
        HttpResponse::try_from(answer).unwrap()
    }
}
