//! How models stand, as the SDK hears of it.

use sandbox::bedrock::Standing;

use crate::stage::{LITE, SONNET, SONNET_PROFILE, Stage, asked, no, said};

#[tokio::test]
async fn every_standing_has_its_status_and_code() {
    let stage = Stage::new().await;
    let client = stage.client();
    for (standing, status, code) in [
        (Standing::NoAccess, 403, "AccessDeniedException"),
        (
            Standing::UseCaseFormMissing,
            404,
            "ResourceNotFoundException",
        ),
        (Standing::MarketplaceDenied, 403, "AccessDeniedException"),
        (Standing::AgreementPending, 403, "MPAgreementBeingCreated"),
        (Standing::AccountBlocked, 400, "ValidationException"),
        (Standing::EndOfLife, 404, "ResourceNotFoundException"),
        (Standing::LegacyUnused, 404, "ResourceNotFoundException"),
        (Standing::Throttled, 429, "ThrottlingException"),
        (Standing::TokensThrottled, 429, "ThrottlingException"),
        (
            Standing::QuotaExceeded,
            400,
            "ServiceQuotaExceededException",
        ),
        (Standing::NotReady, 429, "ModelNotReadyException"),
        (Standing::TimesOut, 408, "ModelTimeoutException"),
        (Standing::Fails, 424, "ModelErrorException"),
        (Standing::InternalError, 500, "InternalServerException"),
        (Standing::Unavailable, 503, "ServiceUnavailableException"),
        // The SDK finds no code in it.
        (Standing::Overloaded, 529, ""),
    ] {
        stage.stand(LITE, standing);
        let ask = client.converse().model_id(LITE).messages(said("Hello"));
        let no = no(&ask.send().await.err().unwrap());
        assert_eq!((no.status, &*no.code), (status, code), "{standing:?}");
    }
    stage.stand(LITE, Standing::Granted);
    let ask = client.converse().model_id(LITE).messages(said("Hello"));
    assert!(ask.send().await.is_ok());
}

#[tokio::test]
async fn an_overload_says_when_to_come_back() {
    let stage = Stage::new().await;
    stage.stand(LITE, Standing::Overloaded);
    let raw = stage.post(LITE, "converse", &asked("Hello")).await;
    assert_eq!(raw.status, 529);
    assert_eq!(raw.header("retry-after"), "1");
    assert!(!raw.headers.contains_key("x-amzn-errortype"));
    let body: serde_json::Value = serde_json::from_slice(&raw.body).unwrap();
    assert_eq!(body["error"]["type"], "overloaded_error");
}

#[tokio::test]
async fn a_model_stands_behind_its_profiles_too() {
    let stage = Stage::new().await;
    stage.stand(SONNET, Standing::NoAccess);
    for operation in [
        "converse",
        "converse-stream",
        "invoke",
        "invoke-with-response-stream",
    ] {
        let raw = stage.post(SONNET_PROFILE, operation, &asked("Hello")).await;
        assert_eq!(
            raw.no().message,
            "You don't have access to the model with the specified model ID.",
            "{operation}"
        );
    }
}
