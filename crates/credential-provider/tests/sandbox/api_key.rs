//! Bedrock API keys: each is its own lease.

use credential_provider::{Identity, Proof, Strategy, Unfit, api_key::ApiKey};
use sandbox::bedrock::{LongTermKey, short_term};
use time::Duration;

use crate::stage::{ACCOUNT, NOW, Stage, region, signer};

#[tokio::test]
async fn a_long_term_key_is_a_lease_without_an_end() {
    let stage = Stage::new().await;
    let key = LongTermKey::new("BedrockAPIKey-a1b2", "secret-of-the-key");
    let key = key.token(ACCOUNT.parse().unwrap());
    let way: ApiKey = key.parse().unwrap();
    let lease = way.lease(&stage.aws, &region()).await.unwrap();
    assert_eq!(lease.expires_at(), None);
    assert_eq!(lease.account(), Some(ACCOUNT.parse().unwrap()));
    let Identity::Bearer(token) = lease.identity() else {
        panic!("a key is a bearer token");
    };
    assert_eq!(token.token(), key);
    let proof = way.prove(&stage.aws, &region()).await;
    assert_eq!(proof, Ok(Proof::NotNeeded));
    assert_eq!(stage.calls(), 0);
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
