//! What an issuer's token is worth: its signature, its end, whom it is for and of whom it speaks.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::Clock;
use sandbox::sts::{OidcProvider, Role};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    issuer::{Issuer, Key},
    stage::{ACCOUNT, Answer, Stage, credentials, no, role_arn, told, trust},
};

const AUDIENCE: &str = "sts.amazonaws.com";
const SUBJECT: &str = "tenant:ten_1:access:acc_1";
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider, please reference \
                      AssumeRoleWithWebIdentity documentation for requirements";

/// An issuer, and an account that lets one subject of it in.
async fn set() -> (Stage, Issuer) {
    let issuer = Issuer::start().await;
    let provider = OidcProvider::new(&issuer.url).audience(AUDIENCE);
    let name = provider.name();
    let condition = json!({
        "StringEquals": { (format!("{name}:aud")): AUDIENCE, (format!("{name}:sub")): SUBJECT },
    });
    let guest = json!({ "Federated": provider.arn(ACCOUNT.parse().unwrap()) });
    let role = Role::new(
        "Bedrock",
        trust(&guest, "sts:AssumeRoleWithWebIdentity", &condition),
    );
    let stage = Stage::with(role).await;
    stage.change(|account| account.oidc_providers.push(provider));
    (stage, issuer)
}

/// The usual claims, with these in their place; null takes one away.
fn claims(stage: &Stage, issuer: &Issuer, others: &Value) -> Value {
    let now = stage.clock.now().unix_timestamp();
    let mut claims = json!({
        "iss": issuer.url, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "exp": now + 300,
    });
    for (name, value) in others.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

/// Takes on the role; as whom.
async fn assume(stage: &Stage, token: &str) -> Answer<String> {
    let ask = stage.sts().assume_role_with_web_identity();
    let ask = ask.role_arn(role_arn("Bedrock")).role_session_name("test");
    let answer = told(ask.web_identity_token(token).send().await)?;
    assert_eq!(answer.subject_from_web_identity_token(), Some(SUBJECT));
    assert_eq!(answer.audience(), Some(AUDIENCE));
    stage
        .caller(credentials(&answer.credentials.unwrap()))
        .await
}

fn invalid<T>(message: &str) -> Answer<T> {
    no("InvalidIdentityToken", message)
}

#[tokio::test]
async fn a_token_of_its_issuer_opens_the_role() {
    let (stage, issuer) = set().await;
    let token = issuer.token(&claims(&stage, &issuer, &json!({})));
    let arn = "arn:aws:sts::123456789012:assumed-role/Bedrock/test";
    assert_eq!(assume(&stage, &token).await, Ok(arn.to_owned()));
}

#[tokio::test]
async fn a_signature_has_to_be_of_a_key_that_the_issuer_publishes() {
    let (stage, issuer) = set().await;
    let claims = claims(&stage, &issuer, &json!({}));
    let forged = Key::new("k1").sign(&claims);
    let wrong = "The signature of the ID Token provided is not valid.";
    assert_eq!(assume(&stage, &forged).await, invalid(wrong));

    let next = Key::new("k2");
    assert_eq!(assume(&stage, &next.sign(&claims)).await, invalid(NO_KEY));
    issuer.publish(&[&next]);
    assert!(assume(&stage, &next.sign(&claims)).await.is_ok());
    assert_eq!(
        assume(&stage, &issuer.token(&claims)).await,
        invalid(NO_KEY)
    );
}

#[tokio::test]
async fn a_token_that_names_another_algorithm_than_its_key_s_is_not_valid() {
    let (stage, issuer) = set().await;
    let claims = claims(&stage, &issuer, &json!({}));
    let token = issuer.token(&claims);
    let (_, signature) = token.rsplit_once('.').unwrap();
    for algorithm in ["HS256", "RS256", "PS256"] {
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let header = encode(&json!({ "alg": algorithm, "kid": "k1" }));
        let token = format!("{header}.{}.{signature}", encode(&claims));
        let wrong = "The signature of the ID Token provided is not valid.";
        assert_eq!(assume(&stage, &token).await, invalid(wrong), "{algorithm}");
    }
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_has_no_keys() {
    let (stage, issuer) = set().await;
    let token = issuer.token(&claims(&stage, &issuer, &json!({})));
    issuer.calls_itself("https://other.example");
    assert_eq!(assume(&stage, &token).await, invalid(NO_KEY));
}

#[tokio::test]
async fn a_token_counts_until_it_ends() {
    let (stage, issuer) = set().await;
    let token = issuer.token(&claims(&stage, &issuer, &json!({})));
    stage.clock.advance(Duration::seconds(299));
    assert!(assume(&stage, &token).await.is_ok());
    stage.clock.advance(Duration::seconds(1));
    let (code, _) = assume(&stage, &token).await.unwrap_err();
    assert_eq!(code, "ExpiredTokenException");
}

#[tokio::test]
async fn a_token_is_for_an_audience_and_of_a_subject_that_the_account_named() {
    let (stage, issuer) = set().await;
    let assume = async |others: Value| {
        let token = issuer.token(&claims(&stage, &issuer, &others));
        assume(&stage, &token).await
    };
    let denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    for (others, expected) in [
        (
            json!({ "aud": "other" }),
            invalid("Incorrect token audience"),
        ),
        (
            json!({ "azp": "other" }),
            invalid("Incorrect token audience"),
        ),
        (
            json!({ "sub": "tenant:ten_2:access:acc_1" }),
            no("AccessDenied", denied),
        ),
        (
            json!({ "sub": null }),
            invalid("Missing a required claim: sub"),
        ),
        (
            json!({ "exp": null }),
            invalid("Missing a required claim: exp"),
        ),
    ] {
        assert_eq!(assume(others.clone()).await, expected, "{others}");
    }
}

#[tokio::test]
async fn an_issuer_that_the_account_does_not_know_is_named() {
    let (stage, issuer) = set().await;
    let token = issuer.token(&claims(&stage, &issuer, &json!({})));
    stage.change(|account| account.oidc_providers.clear());
    let message = format!(
        "No OpenIDConnect provider found in your account for {}",
        issuer.url
    );
    assert_eq!(assume(&stage, &token).await, invalid(&message));
}
