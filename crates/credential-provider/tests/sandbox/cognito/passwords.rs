//! The password: proved once, and never tried again unasked.

use credential_provider::{Error, Proof, Strategy, Unfit};
use sandbox::{
    Fault, Harm,
    cognito::{AppClient, PoolUser, Status},
};
use time::Duration;

use super::place::{CLIENT, CLIENT_SECRET, PASSWORD, Place, USER};
use crate::stage::{NOW, refusal, region};

const SESSION: &str =
    "arn:aws:sts::123456789012:assumed-role/BedrockSignedIn/CognitoIdentityCredentials";

#[tokio::test]
async fn a_user_gets_in_with_the_password_for_an_hour() {
    let place = Place::plain().await;
    let lease = place.lease().await.unwrap();
    assert_eq!(lease.expires_at(), Some(NOW + Duration::HOUR));
    assert_eq!(lease.request_ids().len(), 4);
    let seen = place.stage.sandbox.world().seen();
    assert!(seen.iter().all(|seen| seen.authorization.is_none()));
    assert_eq!(place.stage.caller(&lease).await.as_deref(), Ok(SESSION));
    let proof = place.way.prove(&place.stage.aws, &region()).await;
    assert_eq!(proof, Ok(Proof::NotNeeded));
}

#[tokio::test]
async fn a_client_may_have_a_secret_and_a_user_another_name() {
    let confidential = || AppClient::new(CLIENT).secret(CLIENT_SECRET);
    for (client, user) in [
        (confidential(), PoolUser::new(USER, PASSWORD)),
        (
            AppClient::new(CLIENT),
            PoolUser::by_email("svc@acme.example", PASSWORD),
        ),
        (
            confidential(),
            PoolUser::by_email("svc@acme.example", PASSWORD),
        ),
    ] {
        let place = Place::new(client, user).await;
        assert_eq!(place.caller().await.as_deref(), Ok(SESSION));
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let mut place = Place::plain().await;
    place.way.password = "Wrong-Pa55word".parse().unwrap();
    // With retries, as in use.
    let result = place.way.lease(&place.stage.aws, &region()).await;
    assert!(matches!(result, Err(Error::PasswordRefused(_))));
    assert_eq!(place.count("RespondToAuthChallenge"), 1);
}

#[tokio::test]
async fn where_the_client_hides_users_an_unknown_one_and_a_reset_look_like_a_wrong_password() {
    for user in [
        PoolUser::new("another", PASSWORD),
        PoolUser::new(USER, PASSWORD).status(Status::ResetRequired),
    ] {
        let mut place = Place::new(AppClient::new(CLIENT), user).await;
        place.way.username = USER.parse().unwrap();
        let result = place.lease().await;
        assert!(matches!(result, Err(Error::PasswordRefused(_))));
    }
}

#[tokio::test]
async fn a_lock_out_is_no_refused_password() {
    let mut place = Place::plain().await;
    place.way.password = "Wrong-Pa55word".parse().unwrap();
    for _ in 0..5 {
        let result = place.lease().await;
        assert!(matches!(result, Err(Error::PasswordRefused(_))));
    }
    let (code, message) = refusal(place.lease().await);
    assert_eq!(code, "NotAuthorizedException");
    assert_eq!(message, "Password attempts exceeded");
}

#[tokio::test]
async fn a_proof_is_never_sent_twice() {
    for harm in [Harm::Reset, Harm::Nonsense("<html>")] {
        let place = Place::plain().await;
        let fault = Fault::always(harm).on("RespondToAuthChallenge");
        place.stage.sandbox.world().fault(fault);
        let result = place.way.lease(&place.stage.aws, &region()).await;
        assert!(result.unwrap_err().is_temporary());
        assert_eq!(place.count("RespondToAuthChallenge"), 1);
    }
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_may_be_repeated() {
    let place = Place::plain().await;
    let message = "Invalid session for the user, session is expired.";
    let code = "NotAuthorizedException";
    place.refuse("RespondToAuthChallenge", (400, code, message));
    assert!(matches!(place.lease().await, Err(Error::Faulty(_))));
}

#[tokio::test]
async fn nothing_is_sent_to_pools_that_are_elsewhere() {
    let place = Place::plain().await;
    let elsewhere = "us-east-1".parse().unwrap();
    let result = place.way.lease(&place.stage.aws, &elsewhere).await;
    assert_eq!(result.unwrap_err(), Unfit::PoolOfAnotherRegion.into());
    assert_eq!(place.stage.calls(), 0);
}
