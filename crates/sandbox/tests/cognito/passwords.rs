//! Proving a password, and every way in which it is no proof.

use sandbox::cognito::{AppClient, PoolUser};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    srp::secret_hash,
    stage::{CLIENT, PASSWORD, POOL, Stage, USER, incorrect, no, not_authorized},
};

const SECRET: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

async fn with_secret() -> Stage {
    let client = AppClient::new(CLIENT).secret(SECRET);
    Stage::new(client, PoolUser::by_email("svc@example.com", PASSWORD)).await
}

fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn the_right_password_brings_tokens_of_its_user() {
    let stage = Stage::plain().await;
    let tokens = stage.tokens().await;
    assert_eq!(tokens["TokenType"], "Bearer");
    assert_eq!(tokens["ExpiresIn"], 3600);
    let id = claims(&tokens["IdToken"]);
    assert_eq!(
        id["iss"],
        format!("https://cognito-idp.eu-west-1.amazonaws.com/{POOL}")
    );
    assert_eq!(id["aud"], CLIENT);
    assert_eq!(id["token_use"], "id");
    assert_eq!(id["cognito:username"], USER);
    let access = claims(&tokens["AccessToken"]);
    assert_eq!(access["client_id"], CLIENT);
    assert_eq!(access["token_use"], "access");
    assert_eq!(access["aud"], Value::Null);
    assert_eq!(access["sub"], id["sub"]);
    assert!(tokens["RefreshToken"].as_str().unwrap().len() > 1500);
}

#[tokio::test]
async fn many_passwords_with_as_many_salts_are_proved() {
    let stage = Stage::plain().await;
    for n in 0..40 {
        let password = format!("Pa55word-{n}");
        stage.change_user(|user| user.password.clone_from(&password));
        assert!(stage.sign_in(USER, &password).await.is_ok(), "{n}");
    }
}

#[tokio::test]
async fn the_published_keys_verify_the_tokens() {
    let stage = Stage::plain().await;
    let tokens = stage.tokens().await;
    let (status, keys) = stage.get(&format!("{POOL}/.well-known/jwks.json")).await;
    assert_eq!(status, 200);
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[CLIENT]);
    // The sandbox's clock stands still, the library's does not.
    validation.validate_exp = false;
    let token = tokens["IdToken"].as_str().unwrap();
    assert!(jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok());
    assert_eq!(
        stage.get("eu-west-1_Nobody/.well-known/jwks.json").await.0,
        404
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let stage = Stage::plain().await;
    assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
    assert_eq!(stage.sign_in("nobody", PASSWORD).await, incorrect());
    let salt = async |name| {
        let begun = stage.begin(CLIENT, name).await.unwrap();
        begun.parameter("SALT").to_owned()
    };
    assert_eq!(salt("nobody").await, salt("nobody").await);
    assert_ne!(salt("nobody").await, salt("noone").await);
    let begun = stage.begin(CLIENT, "nobody@example.com").await.unwrap();
    assert!(uuid::Uuid::parse_str(begun.parameter("USER_ID_FOR_SRP")).is_ok());
}

#[tokio::test]
async fn a_client_that_hides_nobody_tells_who_is_unknown() {
    let stage = Stage::new(
        AppClient::new(CLIENT).revealing_users(),
        PoolUser::new(USER, PASSWORD),
    )
    .await;
    assert_eq!(
        stage.sign_in("nobody", PASSWORD).await,
        no("UserNotFoundException", "User does not exist.")
    );
    assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_right_one_out_for_a_while() {
    let stage = Stage::plain().await;
    for _ in 0..5 {
        assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
    }
    let exceeded = not_authorized("Password attempts exceeded");
    assert_eq!(stage.sign_in(USER, PASSWORD).await, exceeded);
    assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, exceeded);
    stage.clock.advance(Duration::seconds(1));
    assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
    stage.clock.advance(Duration::seconds(1));
    assert_eq!(stage.sign_in(USER, PASSWORD).await, exceeded);
    stage.clock.advance(Duration::seconds(1));
    assert!(stage.sign_in(USER, PASSWORD).await.is_ok());
    assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
    assert!(stage.sign_in(USER, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_proof_counts_once() {
    let stage = Stage::plain().await;
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    let proof = stage.proof(&begun, PASSWORD);
    assert!(stage.respond(&begun, proof.clone()).await.is_ok());
    assert_eq!(
        stage.respond(&begun, proof).await,
        not_authorized("Invalid session for the user, session can only be used once.")
    );
}

#[tokio::test]
async fn a_wrong_proof_uses_the_session_up_as_well() {
    let stage = Stage::plain().await;
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    assert_eq!(
        stage
            .respond(&begun, stage.proof(&begun, "Wrong-Pa55word"))
            .await,
        incorrect()
    );
    assert_eq!(
        stage.respond(&begun, stage.proof(&begun, PASSWORD)).await,
        not_authorized("Invalid session for the user, session can only be used once.")
    );
}

#[tokio::test]
async fn a_proof_has_three_minutes() {
    let stage = Stage::plain().await;
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    stage.clock.advance(Duration::seconds(179));
    assert!(
        stage
            .respond(&begun, stage.proof(&begun, PASSWORD))
            .await
            .is_ok()
    );
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    stage.clock.advance(Duration::minutes(3));
    assert_eq!(
        stage.respond(&begun, stage.proof(&begun, PASSWORD)).await,
        not_authorized("Invalid session for the user, session is expired.")
    );
}

#[tokio::test]
async fn the_time_in_a_proof_must_be_in_form_and_about_now() {
    let stage = Stage::plain().await;
    let form = no(
        "InvalidParameterException",
        "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
    );
    for (timestamp, answer) in [
        ("2026-02-03T08:05:01Z", form),
        ("Tue Feb 03 08:05:01 UTC 2026", incorrect()),
        ("Tue Feb 3 07:59:01 UTC 2026", incorrect()),
        ("Tue Feb 3 08:11:01 UTC 2026", incorrect()),
    ] {
        let begun = stage.begin(CLIENT, USER).await.unwrap();
        let proof = begun.proof(PASSWORD, timestamp);
        assert_eq!(stage.respond(&begun, proof).await, answer, "{timestamp}");
    }
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    let proof = begun.proof(PASSWORD, "Tue Feb 3 08:09:01 UTC 2026");
    assert!(stage.respond(&begun, proof).await.is_ok());
}

#[tokio::test]
async fn a_session_may_be_left_out_but_not_be_another() {
    let stage = Stage::plain().await;
    let mut begun = stage.begin(CLIENT, USER).await.unwrap();
    let other = stage.begin(CLIENT, USER).await.unwrap();
    let proof = stage.proof(&begun, PASSWORD);
    let own = std::mem::replace(
        &mut begun.challenge["Session"],
        other.challenge["Session"].clone(),
    );
    assert_eq!(
        stage.respond(&begun, proof.clone()).await,
        not_authorized("Invalid session for the user.")
    );
    assert_ne!(own, other.challenge["Session"]);
    begun.challenge["Session"] = Value::Null;
    assert!(stage.respond(&begun, proof).await.is_ok());
}

#[tokio::test]
async fn a_proof_names_the_user_as_the_pool_does() {
    let stage = with_secret().await;
    let hash = |name: &str| secret_hash(SECRET, name, CLIENT);
    let email = "svc@example.com";
    let begun = stage
        .begin_with(CLIENT, email, Some(&hash(email)))
        .await
        .unwrap();
    let name = begun.parameter("USER_ID_FOR_SRP").to_owned();
    assert_ne!(name, email);
    let mut proof = stage.proof(&begun, PASSWORD);
    proof["SECRET_HASH"] = json!(hash(&name));
    assert!(stage.respond(&begun, proof).await.is_ok());

    let begun = stage
        .begin_with(CLIENT, email, Some(&hash(email)))
        .await
        .unwrap();
    let mut proof = stage.proof(&begun, PASSWORD);
    proof["USERNAME"] = json!(email);
    proof["SECRET_HASH"] = json!(hash(email));
    assert_eq!(stage.respond(&begun, proof).await, incorrect());
}

#[tokio::test]
async fn a_secret_hash_is_demanded_and_checked_in_each_call_by_itself() {
    let stage = with_secret().await;
    let email = "svc@example.com";
    let missing = not_authorized(&format!(
        "Client {CLIENT} is configured with secret but SECRET_HASH was not received"
    ));
    let wrong = not_authorized(&format!("Unable to verify secret hash for client {CLIENT}"));
    let begin = async |hash: Option<&str>| {
        let begun = stage.begin_with(CLIENT, email, hash).await;
        begun.map(|begun| begun.challenge)
    };
    assert_eq!(begin(None).await, missing);
    assert_eq!(begin(Some("d3Jvbmc=")).await, wrong);

    let right = secret_hash(SECRET, email, CLIENT);
    let begun = stage.begin_with(CLIENT, email, Some(&right)).await.unwrap();
    let mut proof = stage.proof(&begun, PASSWORD);
    assert_eq!(stage.respond(&begun, proof.clone()).await, missing);
    // Of the name that was sent first, not of the one that is sent now.
    proof["SECRET_HASH"] = json!(right);
    assert_eq!(stage.respond(&begun, proof.clone()).await, wrong);
    proof["SECRET_HASH"] = json!(secret_hash(
        SECRET,
        begun.parameter("USER_ID_FOR_SRP"),
        CLIENT
    ));
    assert!(stage.respond(&begun, proof).await.is_ok());
}

#[tokio::test]
async fn a_hash_where_the_client_has_no_secret_is_refused() {
    let stage = Stage::plain().await;
    let begun = stage.begin_with(CLIENT, USER, Some("aGFzaA==")).await;
    assert_eq!(
        begun.map(|begun| begun.challenge),
        not_authorized(&format!(
            "Client {CLIENT} is not configured for secret but secret hash was received"
        ))
    );
}

#[tokio::test]
async fn flows_that_the_client_does_not_allow_are_refused() {
    let stage = Stage::new(
        AppClient::new(CLIENT).without_srp(),
        PoolUser::new(USER, PASSWORD),
    )
    .await;
    for (flow, message) in [
        (
            "USER_SRP_AUTH",
            "USER_SRP_AUTH is not enabled for the client.",
        ),
        (
            "USER_PASSWORD_AUTH",
            "USER_PASSWORD_AUTH is not enabled for the client.",
        ),
        (
            "ADMIN_USER_PASSWORD_AUTH",
            "Initiate Auth method not supported.",
        ),
    ] {
        let body = json!({ "AuthFlow": flow, "ClientId": CLIENT, "AuthParameters": {} });
        assert_eq!(
            stage.user_pools("InitiateAuth", body).await,
            no("InvalidParameterException", message)
        );
    }
}

#[tokio::test]
async fn a_client_counts_in_its_own_region_only() {
    let stage = Stage::plain().await;
    let missing = |id: &str| {
        no(
            "ResourceNotFoundException",
            &format!("User pool client {id} does not exist."),
        )
    };
    let nobody = stage
        .begin("nobody", USER)
        .await
        .map(|begun| begun.challenge);
    assert_eq!(nobody, missing("nobody"));
    let body = json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT, "AuthParameters": {} });
    let target = "AWSCognitoIdentityProviderService.InitiateAuth";
    let elsewhere = stage
        .post("cognito-idp.eu-central-1.amazonaws.com", target, &body)
        .await;
    assert_eq!(elsewhere, missing(CLIENT));
    // Who comes by the sandbox's address names no region.
    let anywhere = stage.post("127.0.0.1", target, &body).await;
    assert_eq!(anywhere.unwrap_err().code, "InvalidParameterException");
}

#[tokio::test]
async fn what_is_missing_or_malformed_is_named() {
    let stage = Stage::plain().await;
    let initiate = async |parameters: Value| {
        let body = json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT, "AuthParameters": parameters });
        stage.user_pools("InitiateAuth", body).await
    };
    let invalid = |message: &str| no("InvalidParameterException", message);
    assert_eq!(
        initiate(json!({})).await,
        invalid("Missing required parameter USERNAME")
    );
    assert_eq!(
        initiate(json!({ "USERNAME": USER })).await,
        invalid("Missing required parameter SRP_A")
    );
    for public in ["0", "00", "xyz", "-1"] {
        assert_eq!(
            initiate(json!({ "USERNAME": USER, "SRP_A": public })).await,
            invalid("SRP_A is not a valid public value.")
        );
    }
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    for name in [
        "USERNAME",
        "PASSWORD_CLAIM_SECRET_BLOCK",
        "PASSWORD_CLAIM_SIGNATURE",
        "TIMESTAMP",
    ] {
        let mut proof = stage.proof(&begun, PASSWORD);
        proof.as_object_mut().unwrap().remove(name);
        assert_eq!(
            stage.respond(&begun, proof).await,
            invalid(&format!("Missing required parameter {name}"))
        );
    }
    let mut proof = stage.proof(&begun, PASSWORD);
    proof["PASSWORD_CLAIM_SECRET_BLOCK"] = json!("bm9uZQ==");
    assert_eq!(stage.respond(&begun, proof).await, incorrect());
    let answer = stage.user_pools("InitiateAuth", json!([])).await;
    assert_eq!(answer.unwrap_err().code, "SerializationException");
    assert_eq!(
        stage
            .user_pools("SignUp", json!({}))
            .await
            .unwrap_err()
            .code,
        "UnknownOperationException"
    );
}
