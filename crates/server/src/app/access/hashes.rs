//! Keyed hashes of what must be compared but not read. Each purpose has a name of its own, so no two ever meet.

use credential_provider::{
    cognito::{AppClient, Password, UserPoolId, Username},
    iam_role::{ExternalId, RoleArn},
};
use domain::TenantId;
use vault::HashKey;

/// Of a role, under which claims are kept.
pub(crate) fn role(key: &HashKey, role_arn: &RoleArn) -> [u8; 32] {
    key.digest("role", &[role_arn.as_str().as_bytes()])
}

/// Of an external ID, under which those that we gave out are kept.
pub(crate) fn external_id(key: &HashKey, external_id: &ExternalId) -> [u8; 32] {
    key.digest("external-id", &[external_id.as_str().as_bytes()])
}

/// Of a user of Cognito's, whose attempts over all tenants are counted. Most pools do not tell letters' case apart.
pub(crate) fn user(key: &HashKey, pool: &UserPoolId, username: &Username) -> [u8; 32] {
    key.digest(
        "cognito-user",
        &[
            pool.to_string().as_bytes(),
            username.as_str().to_lowercase().as_bytes(),
        ],
    )
}

/// Of a user's password, as one tenant enters it.
pub(crate) fn password(
    key: &HashKey,
    tenant: TenantId,
    pool: &UserPoolId,
    client: &AppClient,
    username: &Username,
    password: &Password,
) -> [u8; 32] {
    key.digest(
        "cognito-password",
        &[
            tenant.uuid().as_bytes(),
            pool.to_string().as_bytes(),
            client.id.as_str().as_bytes(),
            username.as_str().as_bytes(),
            password.expose().as_bytes(),
        ],
    )
}
