//! A user of a user pool, through an identity pool.

use bedrock::report::Report;
use credential_provider::{Error, cognito::Cognito};
use sandbox::{
    Account,
    cognito::{AppClient, Challenge, LambdaTrouble, PoolUser},
    demo::ACCOUNT,
};
use serde_json::json;

use crate::stage::{LITE, Stage, ends, flaws};

#[tokio::test]
async fn a_user_who_gets_in_passes_every_step_but_the_proof_that_nobody_needs() {
    let stage = Stage::new().await;
    let report = stage.invoke(&stage.user(), LITE).await;
    assert_eq!(
        ends(&report)[..5],
        [
            "fields passed",
            "credentials passed",
            "external_id skipped not_applicable",
            "identity passed",
            "list_models passed",
        ]
    );
    assert!(report.ok);
    assert_eq!(json!(report)["account_id"], ACCOUNT);
    assert!(
        report
            .identity_arn
            .unwrap()
            .contains("assumed-role/BedrockSignedIn/")
    );
}

/// The one flaw that a test of `user` shows: the code of the failed credentials.
async fn refused(stage: &Stage, user: &Cognito) -> (String, Report) {
    let report = stage.test(user).await;
    let flaws = flaws(&report);
    let [flaw] = flaws.as_slice() else {
        panic!("{flaws:?}");
    };
    let code = flaw.strip_prefix("credentials failed ").unwrap();
    (code.to_owned(), report)
}

#[tokio::test]
async fn every_state_of_a_password_has_its_code() {
    let stage = Stage::new().await;
    for (name, code) in [
        ("new-password-required", "cognito_new_password_required"),
        (
            "temporary-password-expired",
            "cognito_new_password_required",
        ),
        ("password-reset-required", "cognito_password_reset_required"),
        ("not-confirmed", "cognito_user_not_confirmed"),
        ("disabled", "cognito_user_disabled"),
        ("mfa-required", "cognito_mfa_required"),
        ("nobody", "cognito_bad_credentials"),
    ] {
        let user = Cognito {
            username: name.parse().unwrap(),
            ..stage.user()
        };
        assert_eq!(refused(&stage, &user).await.0, code, "{name}");
    }
}

#[tokio::test]
async fn every_second_factor_is_one_that_nobody_can_give() {
    let stage = Stage::new().await;
    for (challenge, code) in [
        (Challenge::SmsMfa, "cognito_mfa_required"),
        (Challenge::EmailOtp, "cognito_mfa_required"),
        (Challenge::SelectMfaType, "cognito_mfa_required"),
        (Challenge::MfaSetup, "cognito_mfa_required"),
        (Challenge::Custom, "cognito_challenge_unsupported"),
    ] {
        change_user(&stage, |user| user.challenge = Some(challenge));
        assert_eq!(
            refused(&stage, &stage.user()).await.0,
            code,
            "{challenge:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_told_from_everything_else() {
    let stage = Stage::new().await;
    let wrong = Cognito {
        password: "Wrong-Pa55word".parse().unwrap(),
        ..stage.user()
    };
    let (code, report) = refused(&stage, &wrong).await;
    assert_eq!(code, "cognito_bad_credentials");
    assert!(matches!(report.failure, Some(Error::PasswordRefused(_))));
    assert_eq!(stage.world().count("RespondToAuthChallenge"), 1);

    // Cognito itself locks the user out, from the fifth on.
    for _ in 1..5 {
        refused(&stage, &wrong).await;
    }
    let (code, report) = refused(&stage, &stage.user()).await;
    assert_eq!(code, "cognito_locked_out");
    assert!(!matches!(report.failure, Some(Error::PasswordRefused(_))));
}

#[tokio::test]
async fn an_app_client_and_its_secret_belong_together() {
    let stage = Stage::new().await;
    let demo = &stage.demo.cognito;
    let confidential = |secret: Option<&str>| {
        let mut user = stage.user();
        user.client.id = demo.confidential_app_client_id.parse().unwrap();
        user.client.secret = secret.map(|secret| secret.parse().unwrap());
        user
    };
    let right = confidential(Some(demo.confidential_app_client_secret));
    assert!(stage.test(&right).await.ok);
    for secret in [None, Some("another0secret0than0the0one0that0it0has")] {
        let (code, _) = refused(&stage, &confidential(secret)).await;
        assert_eq!(code, "cognito_client_secret_mismatch");
    }
}

#[tokio::test]
async fn what_the_pools_lack_is_told_apart() {
    type Change = fn(&mut Account);
    let cases: [(Change, &str); 8] = [
        (
            |account| client(account).allows_srp = false,
            "cognito_srp_not_enabled",
        ),
        (
            |account| account.user_pools[0].clients.clear(),
            "cognito_pool_not_found",
        ),
        (
            |account| account.user_pools[0].is_blocked_by_waf = true,
            "cognito_firewall_refused",
        ),
        (
            |account| account.user_pools[0].pre_authentication = Some(LambdaTrouble::Fails),
            "cognito_trigger_refused",
        ),
        (
            |account| account.identity_pools.clear(),
            "cognito_identity_pool_not_found",
        ),
        (
            |account| account.identity_pools[0].providers.clear(),
            "cognito_pool_not_linked",
        ),
        (
            |account| account.identity_pools[0].authenticated_role = None,
            "cognito_role_misconfigured",
        ),
        (
            |account| client(account).hides_users = true,
            "cognito_bad_credentials",
        ),
    ];
    for (change, code) in cases {
        let stage = Stage::new().await;
        stage.change(change);
        let mut user = stage.user();
        if code == "cognito_bad_credentials" {
            user.username = "password-reset-required".parse().unwrap();
        }
        assert_eq!(refused(&stage, &user).await.0, code);
    }
}

#[tokio::test]
async fn an_identity_pool_that_takes_nobody_s_token_is_told_so() {
    let stage = Stage::new().await;
    let mut user = stage.user();
    user.pools.identity_pool = stage
        .demo
        .cognito
        .unlinked_identity_pool_id
        .parse()
        .unwrap();
    assert_eq!(refused(&stage, &user).await.0, "cognito_pool_not_linked");
}

#[tokio::test]
async fn pools_elsewhere_are_never_asked() {
    let mut stage = Stage::new().await;
    stage.region = "eu-west-1".parse().unwrap();
    let report = stage.test(&stage.user()).await;
    assert_eq!(flaws(&report), ["fields failed region_mismatch"]);
    assert!(stage.world().seen().is_empty());
}

fn client(account: &mut Account) -> &mut AppClient {
    &mut account.user_pools[0].clients[0]
}

fn change_user(stage: &Stage, change: impl FnOnce(&mut PoolUser)) {
    stage.change(|account| change(account.user_pools[0].user_mut("svc").unwrap()));
}
