//! What Cognito asks besides the password, and nobody is there to answer.

use credential_provider::Error;
use sandbox::cognito::{Challenge, PoolUser, Status};

use super::place::{PASSWORD, Place, USER};

#[tokio::test]
async fn each_challenge_is_told_by_name() {
    let user = || PoolUser::new(USER, PASSWORD);
    for (user, name) in [
        (
            user().status(Status::ForceChangePassword),
            "NEW_PASSWORD_REQUIRED",
        ),
        (user().challenged(Challenge::SmsMfa), "SMS_MFA"),
        (user().challenged(Challenge::EmailOtp), "EMAIL_OTP"),
        (
            user().challenged(Challenge::SoftwareTokenMfa),
            "SOFTWARE_TOKEN_MFA",
        ),
        (
            user().challenged(Challenge::SelectMfaType),
            "SELECT_MFA_TYPE",
        ),
        (user().challenged(Challenge::MfaSetup), "MFA_SETUP"),
        (user().challenged(Challenge::Custom), "CUSTOM_CHALLENGE"),
    ] {
        let place = Place::of(user).await;
        let result = place.lease().await;
        assert_eq!(result.unwrap_err(), Error::Challenged(name.to_owned()));
        assert_eq!(place.kept_token().await, None);
    }
}
