//! Users in every state, and pools that something is wrong with.

use sandbox::cognito::{AppClient, Challenge, LambdaTrouble, PoolUser, Status};
use serde_json::json;
use time::Duration;

use crate::stage::{CLIENT, PASSWORD, Stage, USER, incorrect, no, not_authorized};

async fn in_state(status: Status) -> Stage {
    Stage::new(
        AppClient::new(CLIENT),
        PoolUser::new(USER, PASSWORD).status(status),
    )
    .await
}

#[tokio::test]
async fn what_keeps_a_user_out_is_told_only_to_who_knows_the_password() {
    let expired = "Temporary password has expired and must be reset by an administrator.";
    for (user, answer) in [
        (
            PoolUser::new(USER, PASSWORD).disabled(),
            not_authorized("User is disabled."),
        ),
        (
            PoolUser::new(USER, PASSWORD).status(Status::Unconfirmed),
            no("UserNotConfirmedException", "User is not confirmed."),
        ),
        (
            PoolUser::new(USER, PASSWORD).status(Status::TemporaryPasswordExpired),
            not_authorized(expired),
        ),
    ] {
        let stage = Stage::new(AppClient::new(CLIENT), user).await;
        assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
        assert_eq!(stage.sign_in(USER, PASSWORD).await, answer);
    }
}

#[tokio::test]
async fn a_reset_is_told_unless_the_client_hides_users() {
    let hiding = in_state(Status::ResetRequired).await;
    assert_eq!(hiding.sign_in(USER, PASSWORD).await, incorrect());

    let user = PoolUser::new(USER, PASSWORD).status(Status::ResetRequired);
    let revealing = Stage::new(AppClient::new(CLIENT).revealing_users(), user).await;
    assert_eq!(
        revealing.sign_in(USER, PASSWORD).await,
        no(
            "PasswordResetRequiredException",
            "Password reset required for the user"
        )
    );
}

#[tokio::test]
async fn a_reset_between_challenge_and_proof_takes_the_password_away() {
    let stage = Stage::plain().await;
    let begun = stage.begin(CLIENT, USER).await.unwrap();
    stage.change_user(|user| user.status = Status::ResetRequired);
    assert_eq!(
        stage.respond(&begun, stage.proof(&begun, PASSWORD)).await,
        incorrect()
    );
}

#[tokio::test]
async fn a_temporary_password_has_to_be_replaced() {
    let stage = in_state(Status::ForceChangePassword).await;
    let answer = stage.sign_in(USER, PASSWORD).await.unwrap();
    assert_eq!(answer["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    assert_eq!(answer["ChallengeParameters"]["USER_ID_FOR_SRP"], USER);
    assert_eq!(answer["ChallengeParameters"]["requiredAttributes"], "[]");
    assert_eq!(answer["AuthenticationResult"], serde_json::Value::Null);

    let renew = async |session: &serde_json::Value, password: &str| {
        let body = json!({
            "ClientId": CLIENT,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": session,
            "ChallengeResponses": { "USERNAME": USER, "NEW_PASSWORD": password },
        });
        stage.user_pools("RespondToAuthChallenge", body).await
    };
    let session = &answer["Session"];
    assert_eq!(
        renew(session, "short").await,
        no(
            "InvalidPasswordException",
            "Password did not conform with policy: Password not long enough"
        )
    );
    let tokens = renew(session, "Brand-New-Pa55word").await.unwrap();
    assert!(tokens["AuthenticationResult"]["IdToken"].is_string());
    assert_eq!(
        renew(session, "Brand-New-Pa55word").await,
        not_authorized("Invalid session for the user, session can only be used once.")
    );
    assert_eq!(stage.sign_in(USER, PASSWORD).await, incorrect());
    assert!(stage.sign_in(USER, "Brand-New-Pa55word").await.is_ok());
}

#[tokio::test]
async fn more_than_a_password_is_asked_and_no_code_is_right() {
    for (challenge, name) in [
        (Challenge::SmsMfa, "SMS_MFA"),
        (Challenge::EmailOtp, "EMAIL_OTP"),
        (Challenge::SoftwareTokenMfa, "SOFTWARE_TOKEN_MFA"),
        (Challenge::SelectMfaType, "SELECT_MFA_TYPE"),
        (Challenge::MfaSetup, "MFA_SETUP"),
        (Challenge::Custom, "CUSTOM_CHALLENGE"),
    ] {
        let user = PoolUser::new(USER, PASSWORD).challenged(challenge);
        let stage = Stage::new(AppClient::new(CLIENT), user).await;
        assert_eq!(stage.sign_in(USER, "Wrong-Pa55word").await, incorrect());
        let answer = stage.sign_in(USER, PASSWORD).await.unwrap();
        assert_eq!(answer["ChallengeName"], name);
        assert_eq!(answer["AuthenticationResult"], serde_json::Value::Null);

        let body = |challenge: &str, session: &serde_json::Value| {
            json!({
                "ClientId": CLIENT,
                "ChallengeName": challenge,
                "Session": session,
                "ChallengeResponses": { "USERNAME": USER, "SMS_MFA_CODE": "123456" },
            })
        };
        let respond = async |body| stage.user_pools("RespondToAuthChallenge", body).await;
        let session = &answer["Session"];
        assert_eq!(
            respond(body(name, session)).await,
            no("CodeMismatchException", "Invalid code received for user")
        );
        assert_eq!(
            respond(body("NEW_PASSWORD_REQUIRED", session)).await,
            not_authorized("Invalid session for the user.")
        );
        stage.clock.advance(Duration::minutes(3));
        assert_eq!(
            respond(body(name, session)).await,
            not_authorized("Invalid session for the user, session is expired.")
        );
    }
}

#[tokio::test]
async fn a_lambda_function_that_refuses_or_fails_keeps_everybody_out() {
    let stage = Stage::plain().await;
    for (trouble, code, message) in [
        (
            LambdaTrouble::Refuses("not on Sundays".to_owned()),
            "UserLambdaValidationException",
            "PreAuthentication failed with error not on Sundays.",
        ),
        (
            LambdaTrouble::Fails,
            "UnexpectedLambdaException",
            "PreAuthentication invocation failed due to error AccessDeniedException.",
        ),
        (
            LambdaTrouble::AnswersNonsense,
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output",
        ),
    ] {
        stage.change_pool(|pool| pool.pre_authentication = Some(trouble));
        assert_eq!(stage.sign_in(USER, PASSWORD).await, no(code, message));
    }
    stage.change_pool(|pool| pool.pre_authentication = None);
    assert!(stage.sign_in(USER, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_web_acl_blocks_everything() {
    let stage = Stage::plain().await;
    let token = stage.tokens().await["RefreshToken"].clone();
    stage.change_pool(|pool| pool.is_blocked_by_waf = true);
    let blocked = || {
        no(
            "ForbiddenException",
            "Request not allowed due to WAF block.",
        )
    };
    assert_eq!(stage.sign_in(USER, PASSWORD).await, blocked());
    let body = json!({ "ClientId": CLIENT, "RefreshToken": token });
    assert_eq!(
        stage.user_pools("GetTokensFromRefreshToken", body).await,
        blocked()
    );
}
