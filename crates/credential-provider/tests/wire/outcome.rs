//! What came of a case, as its `outcome.json` writes it.

use credential_provider::{
    AwsError, Error, Lease, Result,
    cognito::{Kept, RefreshToken},
};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

pub(crate) fn of(result: &Result<Lease>) -> Value {
    match result {
        Ok(lease) => json!({ "lease": {
            "account": lease.account().map(|account| account.to_string()),
            "arn": lease.arn(),
            "expires_at": lease.expires_at().map(|at| at.format(&Rfc3339).unwrap()),
            "request_ids": lease.request_ids(),
        } }),
        Err(Error::Rejected(aws)) => json!({ "rejected": words(aws) }),
        Err(Error::PasswordRefused(aws)) => json!({ "password_refused": words(aws) }),
        Err(Error::Throttled(aws)) => json!({ "throttled": words(aws) }),
        Err(Error::Faulty(aws)) => json!({ "faulty": words(aws) }),
        Err(Error::Challenged(challenge)) => json!({ "challenged": challenge }),
        Err(Error::TimedOut { operation, .. }) => json!({ "timed_out": operation }),
        Err(Error::Unreachable { operation }) => json!({ "unreachable": operation }),
        Err(Error::Broken { operation }) => json!({ "broken": operation }),
        Err(Error::Unfit(unfit)) => json!({ "unfit": unfit.to_string() }),
        Err(Error::NoIdentity) => json!("no_identity"),
        Err(error @ (Error::Superseded | Error::Unavailable)) => json!(error.to_string()),
    }
}

/// What is kept of a user, once all is over.
pub(crate) fn kept(kept: &Kept) -> Value {
    json!({
        "refresh_token": kept.refresh_token.as_ref().map(RefreshToken::expose),
        "identity_id": kept.identity_id,
    })
}

fn words(aws: &AwsError) -> Value {
    json!({
        "operation": aws.operation,
        "status": aws.status,
        "code": aws.code,
        "message": aws.message,
        "request_id": aws.request_id,
    })
}
