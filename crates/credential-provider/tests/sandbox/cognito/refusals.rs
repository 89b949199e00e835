//! What Cognito refuses, each told apart from the others.

use credential_provider::{Error, cognito};
use sandbox::{
    Fault, Harm,
    cognito::{AppClient, LambdaTrouble, PoolUser, Status},
};

use super::place::{CLIENT, CLIENT_SECRET, PASSWORD, Place, USER};
use crate::stage::refusal;

const NO: &str = "NotAuthorizedException";

#[tokio::test]
async fn each_state_of_a_user_is_told() {
    let user = || PoolUser::new(USER, PASSWORD);
    for (user, code, message) in [
        (user().disabled(), NO, "User is disabled."),
        (
            user().status(Status::TemporaryPasswordExpired),
            NO,
            "Temporary password has expired and must be reset by an administrator.",
        ),
        (
            user().status(Status::Unconfirmed),
            "UserNotConfirmedException",
            "User is not confirmed.",
        ),
        (
            user().status(Status::ResetRequired),
            "PasswordResetRequiredException",
            "Password reset required for the user",
        ),
        (
            PoolUser::new("another", PASSWORD),
            "UserNotFoundException",
            "User does not exist.",
        ),
    ] {
        let mut place = Place::of(user).await;
        place.way.username = USER.parse().unwrap();
        let told = refusal(place.lease().await);
        assert_eq!(told, (code.to_owned(), message.to_owned()));
    }
}

#[tokio::test]
async fn each_disagreement_about_the_app_client_is_told() {
    let secret = |text: Option<&str>| text.map(|text| text.parse().unwrap());
    let other = "another0secret0of0the0client";
    let confidential = || AppClient::new(CLIENT).secret(CLIENT_SECRET);
    for (client, sent, says) in [
        (confidential(), None, "is configured with secret but"),
        (confidential(), Some(other), "Unable to verify secret hash"),
        (AppClient::new(CLIENT), Some(other), "is not configured for"),
    ] {
        let mut place = Place::new(client, PoolUser::new(USER, PASSWORD)).await;
        place.way.client.secret = secret(sent);
        let (code, message) = refusal(place.lease().await);
        assert_eq!(code, NO);
        assert!(message.contains(says), "{message}");
    }

    let user = PoolUser::new(USER, PASSWORD);
    let place = Place::new(AppClient::new(CLIENT).without_srp(), user).await;
    let (code, message) = refusal(place.lease().await);
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(message, "USER_SRP_AUTH is not enabled for the client.");

    let mut place = Place::plain().await;
    place.way.client = cognito::AppClient {
        id: "unknown".parse().unwrap(),
        secret: None,
    };
    let (code, _) = refusal(place.lease().await);
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn each_way_in_which_a_pool_refuses_is_told() {
    for (trouble, code) in [
        (
            LambdaTrouble::Refuses("not today".to_owned()),
            "UserLambdaValidationException",
        ),
        (LambdaTrouble::Fails, "UnexpectedLambdaException"),
        (
            LambdaTrouble::AnswersNonsense,
            "InvalidLambdaResponseException",
        ),
    ] {
        let place = Place::plain().await;
        place.change_pool(|pool| pool.pre_authentication = Some(trouble));
        assert_eq!(refusal(place.lease().await).0, code);
    }
    let place = Place::plain().await;
    place.change_pool(|pool| pool.is_blocked_by_waf = true);
    assert_eq!(refusal(place.lease().await).0, "ForbiddenException");
}

#[tokio::test]
async fn an_outage_is_no_refusal_wherever_it_is() {
    for operation in [
        "InitiateAuth",
        "RespondToAuthChallenge",
        "GetId",
        "GetCredentialsForIdentity",
    ] {
        let place = Place::plain().await;
        place.refuse(
            operation,
            (400, "TooManyRequestsException", "Rate exceeded"),
        );
        let result = place.lease().await;
        assert!(matches!(result, Err(Error::Throttled(_))), "{operation}");

        place.stage.sandbox.world().mend();
        place.refuse(operation, (500, "InternalErrorException", ""));
        let result = place.lease().await;
        assert!(matches!(result, Err(Error::Faulty(_))), "{operation}");

        place.stage.sandbox.world().mend();
        let fault = Fault::always(Harm::Nonsense("<html>")).on(operation);
        place.stage.sandbox.world().fault(fault);
        let result = place.lease().await;
        assert!(matches!(result, Err(Error::Faulty(_))), "{operation}");

        place.stage.sandbox.world().mend();
        let fault = Fault::always(Harm::Reset).on(operation);
        place.stage.sandbox.world().fault(fault);
        let result = place.lease().await;
        assert_eq!(result.unwrap_err(), Error::Unreachable { operation });
    }
}
