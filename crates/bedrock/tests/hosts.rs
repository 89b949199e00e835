//! Where Bedrock's calls go and what they show: hosts of partition and region, the lease, and nothing of the environment
//! of this process or of what a caller names a model.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

use std::{
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_credential_types::{Credentials, Token};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared,
};
use bedrock::{
    clients,
    transport::{Operation, Request, Transport},
};
use bytes::Bytes;
use credential_provider::{Aws, AwsSettings, Endpoint, Endpoints, Identity, Lease};
use domain::{AccessId, ManualClock, Region};
use sandbox::{Sandbox, Seed, Service, Settings, World};
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-25 09:00 UTC);

/// A region of each partition, with the region of its STS.
const REGIONS: [(&str, &str); 7] = [
    ("eu-west-1", "us-east-1"),
    ("us-gov-east-1", "us-gov-west-1"),
    ("eusc-de-east-1", "eusc-de-east-1"),
    ("us-iso-west-1", "us-iso-east-1"),
    ("us-isob-west-1", "us-isob-east-1"),
    ("eu-isoe-west-1", "eu-isoe-west-1"),
    ("us-isof-east-1", "us-isof-south-1"),
];

/// What somebody may call a model who wants to be called at home.
const MODELS: [&str; 20] = [
    "",
    ".",
    "..",
    "../../evil",
    "/",
    "//evil.example/",
    "https://evil.example/",
    "@evil.example",
    "user@evil.example",
    "evil.example",
    "evil.example:443",
    "a/../../b",
    "a%2f..%2fb",
    "a?b=c",
    "a#b",
    "a\\b",
    "a\u{0}",
    "a\r\nhost: evil.example",
    "arn:aws:bedrock:evil.example:123456789012:inference-profile/../a",
    "ａ",
];

/// What the environment may say to a client of AWS's.
const ENVIRONMENT: [(&str, &str); 12] = [
    ("AWS_ACCESS_KEY_ID", "AKIAAMBIENT"),
    ("AWS_SECRET_ACCESS_KEY", "ambient"),
    ("AWS_SESSION_TOKEN", "ambient"),
    ("AWS_PROFILE", "ambient"),
    ("AWS_REGION", "us-ambient-1"),
    ("AWS_ENDPOINT_URL", "https://ambient.example"),
    ("AWS_ENDPOINT_URL_STS", "https://ambient.example"),
    ("AWS_ENDPOINT_URL_BEDROCK", "https://ambient.example"),
    (
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "https://ambient.example",
    ),
    ("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth"),
    ("AWS_USE_FIPS_ENDPOINT", "true"),
    ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
];

/// Connections that lead nowhere, and note what should have been sent.
#[derive(Debug, Clone, Default)]
struct Ears(Arc<Mutex<Vec<Heard>>>);

#[derive(Debug)]
struct Heard {
    url: String,
    authorization: String,
    text: String,
}

impl Ears {
    /// The only request since this was last asked.
    fn one(&self) -> Heard {
        let mut heard = std::mem::take(&mut *self.0.lock().unwrap());
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.remove(0)
    }
}

impl HttpConnector for Ears {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers();
        let authorization = headers.get("authorization").unwrap_or_default().to_owned();
        let text = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\n"));
        let url = request.uri().to_owned();
        self.0.lock().unwrap().push(Heard {
            text: format!("{url}\n{}", text.collect::<String>()),
            url,
            authorization,
        });
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        HttpConnectorFuture::ready(Err(ConnectorError::io(broken.into())))
    }
}

impl HttpClient for Ears {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn settings(endpoints: Endpoints) -> AwsSettings {
    AwsSettings {
        endpoints,
        identity: None,
        clock: Arc::new(ManualClock::at(NOW)),
        entropy: Arc::new(Seed::new(1)),
        call_limit: Duration::from_secs(10),
    }
}

fn over(ears: &Ears) -> Aws {
    let client: SharedHttpClient = ears.clone().into_shared();
    Aws::over(settings(Endpoints::default()), client).without_retries()
}

fn signing() -> Lease {
    let credentials = Credentials::new("ASIALEASE", "secret", Some("token".into()), None, "test");
    Lease::new(Identity::Credentials(credentials), None)
}

fn bearing() -> Lease {
    Lease::new(Identity::Bearer(Token::new("ABSKlease", None)), None)
}

#[tokio::test]
async fn clients_reach_their_partitions_hosts_and_show_the_lease_alone() {
    let ears = Ears::default();
    let aws = over(&ears);
    for (name, sts) in REGIONS {
        let region: Region = name.parse().unwrap();
        let suffix = region.partition().dns_suffix();
        for (lease, shown) in [
            (
                signing(),
                format!("AWS4-HMAC-SHA256 Credential=ASIALEASE/20261125/{name}/bedrock/"),
            ),
            (bearing(), "Bearer ABSKlease".to_owned()),
        ] {
            let client = clients::bedrock(&aws, &lease, &region);
            client.list_foundation_models().send().await.unwrap_err();
            let heard = ears.one();
            let url = format!("https://bedrock.{name}.{suffix}/foundation-models");
            assert_eq!(heard.url, url);
            assert!(heard.authorization.starts_with(&shown), "{heard:?}");
            assert!(!heard.text.to_ascii_lowercase().contains("ambient"));

            let client = clients::bedrock_runtime(&aws, &lease, &region);
            client.list_async_invokes().send().await.unwrap_err();
            let heard = ears.one();
            let url = format!("https://bedrock-runtime.{name}.{suffix}/async-invoke");
            assert_eq!(heard.url, url);
            assert!(heard.authorization.starts_with(&shown), "{heard:?}");
            assert!(!heard.text.to_ascii_lowercase().contains("ambient"));
        }
        let client = clients::sts(&aws, &signing(), &region).unwrap();
        client.get_caller_identity().send().await.unwrap_err();
        let heard = ears.one();
        assert_eq!(heard.url, format!("https://sts.{sts}.{suffix}/"));
        let shown = format!("AWS4-HMAC-SHA256 Credential=ASIALEASE/20261125/{sts}/sts/");
        assert!(heard.authorization.starts_with(&shown), "{heard:?}");
        assert!(!heard.text.to_ascii_lowercase().contains("ambient"));
    }
}

#[tokio::test]
async fn the_transport_names_its_partitions_hosts_and_shows_the_lease_alone() {
    let clock = Arc::new(ManualClock::at(NOW));
    let sandbox = Sandbox::start(Settings::local(World::new(), clock))
        .await
        .unwrap();
    let endpoint = Endpoint::parse(&sandbox.url()).unwrap();
    let transport = Transport::new(Aws::new(settings(Endpoints::every(endpoint))));
    for (name, _) in REGIONS {
        let region: Region = name.parse().unwrap();
        let suffix = region.partition().dns_suffix();
        for (lease, shown) in [
            (
                signing(),
                format!("AWS4-HMAC-SHA256 Credential=ASIALEASE/20261125/{name}/bedrock/"),
            ),
            (bearing(), "Bearer ABSKlease".to_owned()),
        ] {
            // Nobody has this lease: it is refused, but seen.
            let _ = send(&transport, &lease, &region, "amazon.nova-lite-v1:0").await;
            let seen = sandbox.world().state().seen.pop().unwrap();
            assert_eq!(seen.host, format!("bedrock-runtime.{name}.{suffix}"));
            assert!(seen.authorization.unwrap().starts_with(&shown));
        }
    }
}

#[tokio::test]
async fn whatever_a_model_is_called_it_leads_nowhere_else() {
    let clock = Arc::new(ManualClock::at(NOW));
    let sandbox = Sandbox::start(Settings::local(World::new(), clock))
        .await
        .unwrap();
    let endpoint = Endpoint::parse(&sandbox.url()).unwrap();
    let transport = Transport::new(Aws::new(settings(Endpoints::every(endpoint))));
    let ears = Ears::default();
    let region: Region = "eu-west-1".parse().unwrap();
    let client = clients::bedrock(&over(&ears), &signing(), &region);
    for model in MODELS {
        let _ = send(&transport, &signing(), &region, model).await;
        for seen in std::mem::take(&mut sandbox.world().state().seen) {
            assert_eq!(seen.host, "bedrock-runtime.eu-west-1.amazonaws.com");
            assert_eq!(seen.service, Service::BedrockRuntime);
            assert_eq!(seen.operation, "Converse", "{model:?}");
        }
        let request = client.get_foundation_model_availability().model_id(model);
        let _ = request.send().await;
        for heard in std::mem::take(&mut *ears.0.lock().unwrap()) {
            let path = "https://bedrock.eu-west-1.amazonaws.com/foundation-model-availability/";
            let id = heard.url.strip_prefix(path).unwrap();
            assert!(!id.contains(['/', '?', '#', '@', '\\']), "{id}");
        }
    }
}

async fn send(
    transport: &Transport,
    lease: &Lease,
    region: &Region,
    model: &str,
) -> credential_provider::Result<()> {
    let access: AccessId = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap();
    let request = Request {
        operation: Operation::Converse,
        model_id: model,
        body: &Bytes::from_static(b"{}"),
        headers: None,
        begin_within: Duration::from_secs(10),
    };
    transport
        .send(access, lease, region, request)
        .await
        .map(|_| ())
}

#[test]
fn an_environment_full_of_aws_changes_nothing() {
    for bearer in ["ambient", ""] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["clients_reach", "the_transport_names"])
            .envs(ENVIRONMENT)
            .env("AWS_BEARER_TOKEN_BEDROCK", bearer)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{said}");
        assert!(said.contains("2 passed"), "{said}");
    }
}
