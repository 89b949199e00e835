//! What STS gives for a role, as a lease.

use aws_sdk_sts::types::{AssumedRoleUser, Credentials};
use domain::AccountId;

use crate::{Error, Lease, Result, temporary::Temporary};

/// How long a session lasts: an hour, the most that a role may ask for that was itself taken on.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html>
pub(super) const SECONDS: i32 = 3_600;

/// The lease, or that AWS's answer lacks something.
pub(super) fn lease(
    operation: &'static str,
    credentials: Option<&Credentials>,
    user: Option<&AssumedRoleUser>,
    request_id: Option<&str>,
) -> Result<Lease> {
    let lacking = |what: &str| Error::lacking(operation, what, request_id);
    let lease = credentials
        .and_then(|given| {
            let given = Temporary {
                access_key_id: Some(given.access_key_id()),
                secret: Some(given.secret_access_key()),
                session_token: Some(given.session_token()),
                expires_at: Some(given.expiration()),
            };
            given.lease()
        })
        .ok_or_else(|| lacking("credentials"))?;
    let arn = user
        .map(|user| user.arn().to_owned())
        .filter(|arn| !arn.is_empty())
        .ok_or_else(|| lacking("whose they are"))?;
    let account = AccountId::of_arn(&arn);
    let request_ids = request_id.map(str::to_owned).into_iter().collect();
    Ok(lease.reached(account, Some(arn), request_ids))
}
