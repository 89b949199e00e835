//! What STS gives for a role, as a lease.

use aws_credential_types::Credentials;
use aws_sdk_sts::types::{AssumedRoleUser, Credentials as StsCredentials};
use domain::AccountId;
use time::OffsetDateTime;

use crate::{AwsError, Error, Identity, Lease, Result};

/// How long a session lasts: an hour, the most that a role may ask for that was itself taken on.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html>
pub(super) const SECONDS: i32 = 3_600;

/// The lease, or that AWS's answer lacks something.
pub(super) fn lease(
    operation: &'static str,
    credentials: Option<&StsCredentials>,
    user: Option<&AssumedRoleUser>,
    request_id: Option<&str>,
) -> Result<Lease> {
    let nonsense = || {
        Error::Faulty(AwsError::new(
            operation,
            200,
            "",
            "the answer had no credentials",
            request_id,
        ))
    };
    let given = credentials.ok_or_else(nonsense)?;
    let expires_at =
        OffsetDateTime::from_unix_timestamp(given.expiration().secs()).map_err(|_| nonsense())?;
    let mut builder = Credentials::builder()
        .access_key_id(given.access_key_id())
        .secret_access_key(given.secret_access_key())
        .provider_name("sts");
    builder.set_session_token(Some(given.session_token().to_owned()));
    let arn = user.map(|user| user.arn().to_owned());
    let account = arn.as_deref().and_then(AccountId::of_arn);
    let request_ids = request_id.map(str::to_owned).into_iter().collect();
    Ok(
        Lease::new(Identity::Credentials(builder.build()), Some(expires_at)).reached(
            account,
            arn,
            request_ids,
        ),
    )
}
