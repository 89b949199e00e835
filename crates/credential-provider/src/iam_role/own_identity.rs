//! The service's own AWS identity, before STS.

use aws_sdk_sts::{Client, operation::RequestId};

use crate::{Aws, AwsError, Error, OwnIdentity, Result, Service, from_sdk, sdk_config};

const OPERATION: &str = "GetCallerIdentity";

/// The ARN of the identity with which the service would take roles on.
///
/// # Errors
/// [`Error::NoIdentity`] if there is none, or AWS does not accept it; any other of a call.
pub async fn own_arn(aws: &Aws) -> Result<String> {
    let identity = aws.identity().ok_or(Error::NoIdentity)?;
    let region = identity.partition.default_region();
    let answer = client(aws, identity, region)
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| ours_or_theirs(from_sdk(OPERATION, aws.call_limit(), &error)))?;
    let arn = answer.arn().map(str::to_owned);
    arn.ok_or_else(|| {
        let words = "the answer named nobody";
        Error::Faulty(AwsError::new(
            OPERATION,
            200,
            "",
            words,
            answer.request_id(),
        ))
    })
}

/// STS, asked by the service's own identity.
pub(super) fn client(aws: &Aws, identity: &OwnIdentity, region: &'static str) -> Client {
    let mut config =
        sdk_config!(aws_sdk_sts, aws, Service::Sts, region).identity_cache(aws.identity_cache());
    // Only what is set shared is found again in the cache.
    config.set_credentials_provider(Some(identity.credentials.clone()));
    Client::from_conf(config.build())
}

/// What AWS has against our own identity is not the customer's to mend.
pub(super) fn ours_or_theirs(error: Error) -> Error {
    const OURS: [&str; 5] = [
        "InvalidClientTokenId",
        "ExpiredToken",
        "ExpiredTokenException",
        "SignatureDoesNotMatch",
        "MissingAuthenticationToken",
    ];
    match error {
        Error::Rejected(refusal) if is_of_our_clock(&refusal) => Error::Faulty(refusal),
        Error::Rejected(refusal) if OURS.contains(&refusal.code.as_str()) => {
            tracing::warn!(%refusal, "AWS does not accept the service's own identity");
            Error::NoIdentity
        }
        error => error,
    }
}

/// Whether a signature came too late or too early: the credentials may be right.
fn is_of_our_clock(refusal: &AwsError) -> bool {
    ["Signature expired", "Signature not yet current"]
        .iter()
        .any(|skew| refusal.message.starts_with(skew))
}
