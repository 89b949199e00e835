//! AWS credentials of the identity pool, for a user who signed in.

use aws_credential_types::Credentials;
use aws_sdk_cognitoidentity::{Client, operation::RequestId};
use time::OffsetDateTime;

use super::Cognito;
use crate::{Aws, AwsError, Error, Identity, Lease, Result, Service, from_sdk, sdk_config};

const GET_ID: &str = "GetId";
const GET_CREDENTIALS: &str = "GetCredentialsForIdentity";

/// Credentials for the user of `id_token`: an hour, as identity pools have it. `kept` is the identity of the last time;
/// which one it is now, is told too.
pub(super) async fn credentials(
    access: &Cognito,
    aws: &Aws,
    id_token: &str,
    kept: Option<&str>,
    request_ids: &mut Vec<String>,
) -> Result<(String, Lease)> {
    let client = client(access, aws);
    if let Some(kept) = kept {
        match of_identity(access, aws, &client, id_token, kept, request_ids).await {
            // It was deleted, or belongs to somebody else by now.
            Err(Error::Rejected(refusal)) if is_lost(&refusal) => {}
            result => return result,
        }
    }
    let answer = client
        .get_id()
        .identity_pool_id(access.pools.identity_pool.to_string())
        .logins(access.pools.login_provider(), id_token)
        .send()
        .await
        .map_err(|error| from_sdk(GET_ID, aws.call_limit(), &error))?;
    request_ids.extend(answer.request_id().map(str::to_owned));
    let id = answer.identity_id().ok_or_else(|| nonsense(GET_ID))?;
    of_identity(access, aws, &client, id_token, id, request_ids).await
}

async fn of_identity(
    access: &Cognito,
    aws: &Aws,
    client: &Client,
    id_token: &str,
    id: &str,
    request_ids: &mut Vec<String>,
) -> Result<(String, Lease)> {
    let answer = client
        .get_credentials_for_identity()
        .identity_id(id)
        .logins(access.pools.login_provider(), id_token)
        .send()
        .await
        .map_err(|error| from_sdk(GET_CREDENTIALS, aws.call_limit(), &error))?;
    request_ids.extend(answer.request_id().map(str::to_owned));
    let given = answer
        .credentials()
        .ok_or_else(|| nonsense(GET_CREDENTIALS))?;
    let expires_at = given
        .expiration()
        .and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok())
        .ok_or_else(|| nonsense(GET_CREDENTIALS))?;
    let (Some(key), Some(secret), Some(token)) = (
        given.access_key_id(),
        given.secret_key(),
        given.session_token(),
    ) else {
        return Err(nonsense(GET_CREDENTIALS));
    };
    let mut builder = Credentials::builder()
        .access_key_id(key)
        .secret_access_key(secret)
        .provider_name("cognito");
    builder.set_session_token(Some(token.to_owned()));
    // Two identities of one user may have been merged into one.
    let id = answer.identity_id().unwrap_or(id).to_owned();
    let lease = Lease::new(Identity::Credentials(builder.build()), Some(expires_at));
    Ok((id, lease))
}

fn client(access: &Cognito, aws: &Aws) -> Client {
    let region = access.pools.identity_pool.region().as_str();
    let config = sdk_config!(
        aws_sdk_cognitoidentity,
        aws,
        Service::CognitoIdentity,
        region
    );
    Client::from_conf(config.build())
}

fn is_lost(refusal: &AwsError) -> bool {
    matches!(
        refusal.code.as_str(),
        "ResourceNotFoundException" | "NotAuthorizedException"
    )
}

fn nonsense(operation: &'static str) -> Error {
    Error::Faulty(AwsError::new(
        operation,
        200,
        "",
        "the answer lacks what was asked for",
        None,
    ))
}
