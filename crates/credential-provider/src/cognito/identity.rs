//! AWS credentials of the identity pool, for a user who signed in.

use aws_sdk_cognitoidentity::{Client, operation::RequestId};

use super::Cognito;
use crate::{
    Aws, AwsError, Error, Lease, Result, Service, from_sdk, sdk_config, temporary::Temporary,
};

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
            // It was deleted, or belongs to somebody else by now. What else is refused so, GetId refuses as well.
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
    let id = answer
        .identity_id()
        .ok_or_else(|| Error::lacking(GET_ID, "an identity", answer.request_id()))?;
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
    let lease = answer
        .credentials()
        .and_then(|given| {
            let given = Temporary {
                access_key_id: given.access_key_id(),
                secret: given.secret_key(),
                session_token: given.session_token(),
                expires_at: given.expiration(),
            };
            given.lease()
        })
        .ok_or_else(|| Error::lacking(GET_CREDENTIALS, "credentials", answer.request_id()))?;
    // Two identities of one user may have been merged into one.
    let id = answer.identity_id().unwrap_or(id).to_owned();
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
