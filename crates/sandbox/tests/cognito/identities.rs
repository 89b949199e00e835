//! From a token to credentials.

use sandbox::{
    cognito::{AppClient, PoolUser, UserPool},
    sts::Role,
};
use serde_json::{Value, json};
use time::Duration;

use crate::stage::{
    ACCOUNT, Answer, CLIENT, IDENTITIES, PASSWORD, POOL, PROVIDER, Stage, USER, no, not_authorized,
    role, trust_of,
};

const OTHER: &str = "eu-west-1:99999999-2222-3333-4444-555555555555";

fn unsupported() -> Answer {
    not_authorized("Token is not from a supported provider of this identity pool.")
}

fn misconfigured() -> Answer {
    no(
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
    )
}

impl Stage {
    async fn id_of(&self, token: &Value) -> Answer {
        let logins = json!({ PROVIDER: token });
        let body = json!({ "IdentityPoolId": IDENTITIES, "Logins": logins });
        Ok(self.identity_pools("GetId", body).await?["IdentityId"].clone())
    }

    async fn credentials_of(&self, identity: &Value, token: &Value) -> Answer {
        let logins = json!({ PROVIDER: token });
        let body = json!({ "IdentityId": identity, "Logins": logins });
        self.identity_pools("GetCredentialsForIdentity", body).await
    }
}

#[tokio::test]
async fn an_id_token_becomes_credentials_of_the_authenticated_role_for_an_hour() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let identity = stage.id_of(&token).await.unwrap();
    assert!(identity.as_str().unwrap().starts_with("eu-west-1:"));
    assert_eq!(
        stage.id_of(&token).await.unwrap(),
        identity,
        "an identity stays"
    );

    let answer = stage.credentials_of(&identity, &token).await.unwrap();
    assert_eq!(answer["IdentityId"], identity);
    let credentials = &answer["Credentials"];
    let now = domain::Clock::now(&*stage.clock).unix_timestamp();
    assert_eq!(credentials["Expiration"], now + 3600);
    let key = credentials["AccessKeyId"].as_str().unwrap();
    let state = stage.sandbox.world().state();
    let (key, principal) = &state.keys[key];
    assert_eq!(credentials["SecretKey"], key.secret);
    assert_eq!(
        credentials["SessionToken"].as_str(),
        key.session_token.as_deref()
    );
    assert_eq!(
        principal.arn,
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/bedrock-users/CognitoIdentityCredentials")
    );
}

#[tokio::test]
async fn another_user_is_another_identity_whose_credentials_nobody_else_gets() {
    let stage = Stage::plain().await;
    stage.change_pool(|pool| pool.users.push(PoolUser::new("other", PASSWORD)));
    let mine = stage.tokens().await["IdToken"].clone();
    let theirs = stage.sign_in("other", PASSWORD).await.unwrap();
    let theirs = theirs["AuthenticationResult"]["IdToken"].clone();
    let identity = stage.id_of(&mine).await.unwrap();
    assert_ne!(stage.id_of(&theirs).await.unwrap(), identity);
    let mismatch = not_authorized(
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
    );
    assert_eq!(stage.credentials_of(&identity, &theirs).await, mismatch);
    let body = json!({ "IdentityId": identity });
    assert_eq!(
        stage
            .identity_pools("GetCredentialsForIdentity", body)
            .await,
        mismatch
    );
}

#[tokio::test]
async fn an_access_token_is_no_login() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["AccessToken"].clone();
    let missing = not_authorized("Invalid login token. Missing a required claim: aud");
    assert_eq!(stage.id_of(&token).await, missing);
}

#[tokio::test]
async fn a_login_is_read_strictly() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let text = token.as_str().unwrap();
    let malformed =
        not_authorized("Invalid login token. Not a valid OpenId Connect identity token.");
    assert_eq!(stage.id_of(&json!("nonsense")).await, malformed);
    let (head, _) = text.rsplit_once('.').unwrap();
    let forged = not_authorized("Invalid login token. Token signature invalid.");
    assert_eq!(stage.id_of(&json!(format!("{head}.AAAA"))).await, forged);

    let identity = stage.id_of(&token).await.unwrap();
    stage.clock.advance(Duration::HOUR);
    let now = domain::Clock::now(&*stage.clock).unix_timestamp();
    let expired = not_authorized(&format!(
        "Invalid login token. Token expired: {now} >= {now}"
    ));
    assert_eq!(stage.id_of(&token).await, expired);
    assert_eq!(stage.credentials_of(&identity, &token).await, expired);
}

#[tokio::test]
async fn a_login_of_another_pool_or_client_is_not_supported() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let other = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other";
    let with = async |provider: &str| {
        let body = json!({ "IdentityPoolId": IDENTITIES, "Logins": { provider: token } });
        stage.identity_pools("GetId", body).await
    };
    assert_eq!(with(other).await, unsupported());
    assert_eq!(with("accounts.google.com").await, unsupported());
    stage.sandbox.world().account(ACCOUNT, |account| {
        account.user_pools.push(UserPool::new("eu-west-1_Other"));
    });
    assert_eq!(with(other).await, unsupported());
    stage.change_identities(|pool| pool.providers[0].user_pool = "eu-west-1_Other".to_owned());
    assert_eq!(
        with(other).await,
        not_authorized("Invalid login token. Issuer doesn't match providerName")
    );
    stage.change_identities(|pool| {
        pool.providers[0].user_pool = POOL.to_owned();
        pool.providers[0].client_id = "another".to_owned();
    });
    assert_eq!(with(PROVIDER).await, unsupported());
}

#[tokio::test]
async fn an_unlinked_pool_refuses_identities_that_it_knew() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let identity = stage.id_of(&token).await.unwrap();
    stage.change_identities(|pool| pool.providers.clear());
    assert_eq!(stage.credentials_of(&identity, &token).await, unsupported());
}

#[tokio::test]
async fn guests_get_nothing() {
    let stage = Stage::plain().await;
    let body = json!({ "IdentityPoolId": IDENTITIES });
    assert_eq!(
        stage.identity_pools("GetId", body).await,
        not_authorized("Unauthenticated access is not supported for this identity pool.")
    );
}

#[tokio::test]
async fn pools_and_identities_that_are_not_there_are_named() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let missing = |message: &str| no("ResourceNotFoundException", message);
    let body = json!({ "IdentityPoolId": OTHER, "Logins": { PROVIDER: token } });
    assert_eq!(
        stage.identity_pools("GetId", body).await,
        missing(&format!("IdentityPool '{OTHER}' not found."))
    );
    let gone = missing(&format!("Identity '{OTHER}' not found."));
    assert_eq!(stage.credentials_of(&json!(OTHER), &token).await, gone);
    let identity = stage.id_of(&token).await.unwrap();
    stage.change_identities(|pool| pool.identities.clear());
    let message = format!("Identity '{}' not found.", identity.as_str().unwrap());
    assert_eq!(
        stage.credentials_of(&identity, &token).await,
        missing(&message)
    );
    let again = stage.id_of(&token).await.unwrap();
    assert_ne!(again, identity);
}

#[tokio::test]
async fn a_merged_identity_answers_as_the_other_one() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let identity = stage.id_of(&token).await.unwrap();
    stage.change_identities(|pool| pool.merge(identity.as_str().unwrap(), OTHER));
    let answer = stage.credentials_of(&identity, &token).await.unwrap();
    assert_eq!(answer["IdentityId"], OTHER);
    assert_eq!(stage.id_of(&token).await.unwrap(), OTHER);
}

#[tokio::test]
async fn a_role_that_is_missing_or_trusts_another_pool_is_a_wrong_configuration() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let identity = stage.id_of(&token).await.unwrap();
    stage.sandbox.world().account(ACCOUNT, |account| {
        account
            .roles
            .push(Role::new("of-another-pool", trust_of(OTHER)));
    });
    let account = "123456789012";
    stage.sandbox.world().account(account, |account| {
        account
            .roles
            .push(Role::new("elsewhere", trust_of(IDENTITIES)));
    });
    for arn in [
        None,
        Some(role("nowhere")),
        Some(role("of-another-pool")),
        Some(format!("arn:aws:iam::{account}:role/elsewhere")),
    ] {
        stage.change_identities(|pool| pool.authenticated_role.clone_from(&arn));
        assert_eq!(
            stage.credentials_of(&identity, &token).await,
            misconfigured(),
            "{arn:?}"
        );
    }
}

#[tokio::test]
async fn a_custom_role_has_to_be_named_by_the_token() {
    let user = PoolUser::new(USER, PASSWORD).role(&role("special"));
    let stage = Stage::new(AppClient::new(CLIENT), user).await;
    stage.sandbox.world().account(ACCOUNT, |account| {
        account
            .roles
            .push(Role::new("special", trust_of(IDENTITIES)));
        account.roles.push(Role::new("other", trust_of(IDENTITIES)));
    });
    let token = stage.tokens().await["IdToken"].clone();
    let identity = stage.id_of(&token).await.unwrap();
    let ask = async |arn: &str| {
        let body =
            json!({ "IdentityId": identity, "Logins": { PROVIDER: token }, "CustomRoleArn": arn });
        stage
            .identity_pools("GetCredentialsForIdentity", body)
            .await
    };
    assert!(ask(&role("special")).await.is_ok());
    assert_eq!(
        ask(&role("other")).await.unwrap_err().code,
        "NotAuthorizedException"
    );
}

#[tokio::test]
async fn only_a_pool_that_checks_tokens_refuses_a_user_who_was_signed_out_or_disabled() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["IdToken"].clone();
    let identity = stage.id_of(&token).await.unwrap();
    let now = domain::Clock::now(&*stage.clock);
    let check = |checks| stage.change_identities(|pool| pool.providers[0].checks_tokens = checks);
    let revoked = not_authorized("Invalid login token. Token is revoked");

    check(true);
    assert!(stage.credentials_of(&identity, &token).await.is_ok());
    stage.change_user(|user| user.enabled = false);
    assert_eq!(stage.credentials_of(&identity, &token).await, revoked);
    stage.change_user(|user| user.enabled = true);
    stage.change_pool(|pool| pool.sign_out(USER, now));
    assert_eq!(stage.credentials_of(&identity, &token).await, revoked);
    check(false);
    assert!(stage.credentials_of(&identity, &token).await.is_ok());
}

#[tokio::test]
async fn ids_that_are_none_break_a_rule() {
    let stage = Stage::plain().await;
    for id in ["", "eu-west-1", "eu-west-1:XYZ", "../../evil:00"] {
        let answer = stage
            .identity_pools("GetId", json!({ "IdentityPoolId": id }))
            .await;
        let no = answer.unwrap_err();
        assert_eq!(no.code, "ValidationException");
        assert!(
            no.message
                .contains(&format!("Value '{id}' at 'identityPoolId'")),
            "{id}"
        );
    }
    let no = stage.identity_pools("GetId", json!({})).await.unwrap_err();
    assert!(no.message.ends_with("Member must not be null"));
}
