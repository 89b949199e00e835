//! Refresh tokens: with and without rotation, until they end.

use sandbox::cognito::{AppClient, PoolUser};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    srp::secret_hash,
    stage::{Answer, CLIENT, PASSWORD, Stage, USER, no, not_authorized},
};

const SECRET: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

async fn rotating(grace: Duration) -> Stage {
    Stage::new(
        AppClient::new(CLIENT).rotating(grace),
        PoolUser::new(USER, PASSWORD),
    )
    .await
}

impl Stage {
    async fn refresh(&self, token: &Value) -> Answer {
        let body = json!({ "ClientId": CLIENT, "RefreshToken": token });
        let answer = self.user_pools("GetTokensFromRefreshToken", body).await?;
        assert!(answer["AuthenticationResult"]["IdToken"].is_string());
        Ok(answer["AuthenticationResult"]["RefreshToken"].clone())
    }

    async fn refresh_by_flow(&self, token: &Value, hash: Option<&str>) -> Answer {
        let mut parameters = json!({ "REFRESH_TOKEN": token });
        if let Some(hash) = hash {
            parameters["SECRET_HASH"] = json!(hash);
        }
        let body = json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": CLIENT, "AuthParameters": parameters });
        self.user_pools("InitiateAuth", body).await
    }
}

#[tokio::test]
async fn without_rotation_a_token_serves_to_its_end_and_no_new_one_comes() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["RefreshToken"].clone();
    assert_eq!(stage.refresh(&token).await, Ok(Value::Null));
    stage.clock.advance(Duration::days(30) - Duration::SECOND);
    assert_eq!(stage.refresh(&token).await, Ok(Value::Null));
    stage.clock.advance(Duration::SECOND);
    assert_eq!(
        stage.refresh(&token).await,
        not_authorized("Refresh Token has expired")
    );
}

#[tokio::test]
async fn with_rotation_a_token_serves_once_and_for_the_grace_period() {
    let stage = rotating(Duration::seconds(60)).await;
    let first = stage.tokens().await["RefreshToken"].clone();
    let second = stage.refresh(&first).await.unwrap();
    assert!(second.is_string() && second != first);
    stage.clock.advance(Duration::seconds(59));
    assert!(stage.refresh(&first).await.unwrap().is_string());
    stage.clock.advance(Duration::seconds(1));
    assert_eq!(
        stage.refresh(&first).await.unwrap_err().code,
        "RefreshTokenReuseException"
    );
    assert!(stage.refresh(&second).await.unwrap().is_string());
}

#[tokio::test]
async fn without_a_grace_period_a_token_serves_once() {
    let stage = rotating(Duration::ZERO).await;
    let first = stage.tokens().await["RefreshToken"].clone();
    assert!(stage.refresh(&first).await.is_ok());
    assert_eq!(
        stage.refresh(&first).await.unwrap_err().code,
        "RefreshTokenReuseException"
    );
}

#[tokio::test]
async fn what_replaces_a_token_ends_with_it() {
    let stage = rotating(Duration::ZERO).await;
    let mut token = stage.tokens().await["RefreshToken"].clone();
    for _ in 0..29 {
        stage.clock.advance(Duration::DAY);
        token = stage.refresh(&token).await.unwrap();
    }
    stage.clock.advance(Duration::DAY);
    assert_eq!(
        stage.refresh(&token).await,
        not_authorized("Refresh Token has expired")
    );
}

#[tokio::test]
async fn the_older_flow_works_only_where_nothing_rotates() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["RefreshToken"].clone();
    let answer = stage.refresh_by_flow(&token, None).await.unwrap();
    assert!(answer["AuthenticationResult"]["IdToken"].is_string());
    assert_eq!(answer["AuthenticationResult"]["RefreshToken"], Value::Null);

    let stage = rotating(Duration::ZERO).await;
    let token = stage.tokens().await["RefreshToken"].clone();
    assert_eq!(
        stage.refresh_by_flow(&token, None).await,
        no(
            "InvalidParameterException",
            "REFRESH_TOKEN_AUTH is not enabled for the client."
        )
    );
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it_raw_or_as_a_hash_over_the_users_own_name() {
    let client = AppClient::new(CLIENT).secret(SECRET);
    let stage = Stage::new(client, PoolUser::new(USER, PASSWORD)).await;
    let hash = secret_hash(SECRET, USER, CLIENT);
    let begun = stage.begin_with(CLIENT, USER, Some(&hash)).await.unwrap();
    let mut proof = stage.proof(&begun, PASSWORD);
    proof["SECRET_HASH"] = json!(hash);
    let tokens = stage.respond(&begun, proof).await.unwrap();
    let token = tokens["AuthenticationResult"]["RefreshToken"].clone();

    let with_secret = async |secret: &str| {
        let body = json!({ "ClientId": CLIENT, "RefreshToken": token, "ClientSecret": secret });
        stage.user_pools("GetTokensFromRefreshToken", body).await
    };
    assert!(with_secret(SECRET).await.is_ok());
    let wrong = with_secret("another-secret-of-24-chars").await.unwrap_err();
    assert_eq!(
        wrong.code, "InvalidParameterException",
        "a hyphen is no part of a secret"
    );
    assert_eq!(
        with_secret("another_secret_of_24_chars").await,
        not_authorized(&format!("Unable to verify secret for client {CLIENT}"))
    );
    assert_eq!(
        stage.refresh(&token).await,
        not_authorized(&format!(
            "Client {CLIENT} is configured with secret but secret was not received"
        ))
    );
    assert!(stage.refresh_by_flow(&token, Some(&hash)).await.is_ok());
    assert!(stage.refresh_by_flow(&token, None).await.is_err());
    let of_another = secret_hash(SECRET, "another", CLIENT);
    assert!(
        stage
            .refresh_by_flow(&token, Some(&of_another))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn tokens_that_are_unknown_or_of_another_client_are_invalid() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["RefreshToken"].clone();
    let invalid = not_authorized("Invalid Refresh Token");
    assert_eq!(stage.refresh(&json!("nonsense")).await, invalid);
    stage.change_pool(|pool| pool.clients.push(AppClient::new("another")));
    let body = json!({ "ClientId": "another", "RefreshToken": token });
    assert_eq!(
        stage.user_pools("GetTokensFromRefreshToken", body).await,
        invalid
    );
}

#[tokio::test]
async fn a_user_who_is_disabled_gone_or_signed_out_refreshes_nothing() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["RefreshToken"].clone();
    stage.change_user(|user| user.enabled = false);
    assert_eq!(
        stage.refresh(&token).await,
        not_authorized("User is disabled.")
    );
    stage.change_user(|user| user.enabled = true);
    assert!(stage.refresh(&token).await.is_ok());

    let now = domain::Clock::now(&*stage.clock);
    stage.change_pool(|pool| pool.sign_out(USER, now));
    assert_eq!(
        stage.refresh(&token).await,
        not_authorized("Refresh Token has been revoked")
    );
    stage.clock.advance(Duration::SECOND);
    let token = stage.tokens().await["RefreshToken"].clone();
    assert!(stage.refresh(&token).await.is_ok());

    stage.change_pool(|pool| pool.users.clear());
    assert_eq!(
        stage.refresh(&token).await,
        no("UserNotFoundException", "User does not exist.")
    );
}

#[tokio::test]
async fn revoking_ends_what_came_of_the_same_sign_in_and_nothing_else() {
    let stage = rotating(Duration::seconds(60)).await;
    let first = stage.tokens().await["RefreshToken"].clone();
    let second = stage.refresh(&first).await.unwrap();
    let other = stage.tokens().await["RefreshToken"].clone();
    let revoke = async |token: &Value| {
        let body = json!({ "ClientId": CLIENT, "Token": token });
        stage.user_pools("RevokeToken", body).await
    };
    assert_eq!(revoke(&second).await, Ok(json!({})));
    for token in [&first, &second] {
        assert_eq!(
            stage.refresh(token).await,
            not_authorized("Refresh Token has been revoked")
        );
    }
    assert!(stage.refresh(&other).await.is_ok());
    let access = stage.tokens().await["AccessToken"].clone();
    assert_eq!(
        revoke(&access).await.unwrap_err().code,
        "UnsupportedTokenTypeException"
    );
}
