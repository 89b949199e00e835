//! Whom a lease speaks for.

use aws_sdk_sts::operation::RequestId;
use credential_provider::{Aws, AwsError, Error, Lease, Result, from_sdk};
use domain::{AccountId, Region};

use crate::clients;

pub(super) const OPERATION: &str = "GetCallerIdentity";

/// Whom a lease speaks for, as far as that is known.
pub(super) struct Caller {
    pub account: Option<AccountId>,
    pub arn: Option<String>,
    pub request_id: Option<String>,
}

impl Caller {
    /// Asks STS; but nobody about an API key, since STS takes signatures only. What that says of itself has to do.
    pub(super) async fn of(aws: &Aws, lease: &Lease, region: &Region) -> Result<Self> {
        let Some(client) = clients::sts(aws, lease, region) else {
            return Ok(Self {
                account: lease.account(),
                arn: None,
                request_id: None,
            });
        };
        let answer = client.get_caller_identity().send().await;
        let answer = answer.map_err(|error| from_sdk(OPERATION, aws.call_limit(), &error))?;
        let request_id = answer.request_id();
        let account = answer.account().and_then(|account| account.parse().ok());
        let account = account.ok_or_else(|| {
            Error::Faulty(AwsError::new(
                OPERATION,
                200,
                "",
                "the answer named no account",
                request_id,
            ))
        })?;
        Ok(Self {
            account: Some(account),
            arn: answer.arn().map(str::to_owned),
            request_id: request_id.map(str::to_owned),
        })
    }
}
