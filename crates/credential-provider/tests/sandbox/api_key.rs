//! Bedrock API keys: each is its own lease.

use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use credential_provider::{Identity, Lease, Proof, Service, Strategy, Unfit, api_key::ApiKey};
use sandbox::bedrock::{Holdings, LongTermKey, short_term};
use time::Duration;

use crate::stage::{ACCOUNT, NOW, Stage, allowing, region, signer};

/// What Bedrock answers to a key: the status of a list of models.
async fn status(stage: &Stage, lease: &Lease) -> u16 {
    let Identity::Bearer(token) = lease.identity() else {
        panic!("a key is a bearer token");
    };
    let mut request = HttpRequest::new(SdkBody::empty());
    request
        .set_uri("https://bedrock.eu-west-1.amazonaws.com/foundation-models")
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("authorization", format!("Bearer {}", token.token()));
    let connector = stage.aws.connector(Service::Bedrock);
    connector.call(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_long_term_key_is_a_lease_without_an_end() {
    let stage = Stage::new().await;
    let kept = LongTermKey::new("BedrockAPIKey-a1b2", "secret-of-the-key").policy(allowing("*"));
    let key: ApiKey = kept.token(ACCOUNT.parse().unwrap()).parse().unwrap();
    stage.change(|account| {
        account.bedrock = Holdings::sample("eu-west-1");
        account.bedrock.api_keys.push(kept);
    });
    let lease = key.lease(&stage.aws, &region()).await.unwrap();
    assert_eq!(lease.expires_at(), None);
    assert_eq!(lease.account(), Some(ACCOUNT.parse().unwrap()));
    let proof = key.prove(&stage.aws, &region()).await;
    assert_eq!(proof, Ok(Proof::NotNeeded));
    assert_eq!(stage.calls(), 0);
    assert_eq!(status(&stage, &lease).await, 200);
    let other: ApiKey = "ABSKbm9ib2R5OnNlY3JldA==".parse().unwrap();
    let lease = other.lease(&stage.aws, &region()).await.unwrap();
    assert_eq!(status(&stage, &lease).await, 403);
}

#[tokio::test]
async fn a_short_term_key_ends_and_has_one_region() {
    let stage = Stage::new().await;
    let (id, signer) = signer();
    let half_a_day = std::time::Duration::from_secs(43_200);
    let key = short_term(id, &signer, "eu-west-1", NOW, half_a_day);
    let key: ApiKey = key.parse().unwrap();
    let lease = key.lease(&stage.aws, &region()).await.unwrap();
    assert_eq!(lease.expires_at(), Some(NOW + half_a_day));
    let elsewhere = "us-east-1".parse().unwrap();
    let result = key.lease(&stage.aws, &elsewhere).await;
    assert_eq!(result.unwrap_err(), Unfit::KeyOfAnotherRegion.into());
    stage.clock.advance(Duration::hours(12));
    let result = key.lease(&stage.aws, &region()).await;
    assert_eq!(result.unwrap_err(), Unfit::KeyExpired.into());
    assert_eq!(stage.calls(), 0);
}
