//! Whether a connection can be used now, and by which lease.

use bedrock::diagnosis::{self, Code, Diagnosis};
use credential_provider::{Error as AwsFailure, Lease, LeaseKey, PolicyHash, iam_role::Ceiling};
use domain::{Method, Region, TenantId};
use store::{
    accesses::Access,
    connections::{Connection, State},
};

use super::{Error, Result, Unusable, access::is_proven, ownership::OWNERSHIP_LOST};
use crate::Context;

/// Why nothing can be called over a connection whose role has not shown that it demands its external ID.
pub(super) const NOT_VERIFIED: &str = "not_verified";

/// The lease by which a connection's calls are made.
///
/// # Errors
/// What only a person can mend: nothing is asked of AWS then.
pub(super) fn lease_key(
    context: &Context,
    tenant: TenantId,
    connection: &Connection,
    access: &Access,
) -> Result<LeaseKey, Unusable> {
    if connection.state == State::Pending {
        return Err(Unusable::reserved());
    }
    if connection.state_reason.as_deref() == Some(OWNERSHIP_LOST) {
        return Err(Unusable::ownership_lost());
    }
    if has_lost_account(connection) {
        return Err(Unusable::account_changed());
    }
    if !is_proven(access) {
        return Err(Unusable::not_verified());
    }
    let policy = match access.fields.method() {
        Method::IamRole => {
            let actions = &context.settings.aws.session_actions;
            PolicyHash::of(Ceiling::of(&connection.region, actions).as_str())
        }
        Method::ApiKey | Method::Cognito => PolicyHash::of(""),
    };
    Ok(LeaseKey {
        tenant,
        access: access.id,
        revision: access.revision,
        region: connection.region.clone(),
        policy,
    })
}

/// Whether it has reached another account than its own. An admin's test takes the new one.
pub(super) fn has_lost_account(connection: &Connection) -> bool {
    connection.state_reason.as_deref() == Some(Code::AccountChanged.as_str())
}

/// A lease. A change that this replica has heard of already is told by the feed once more, and strikes what is fetched
/// across it; only what is superseded again and again has really changed.
pub(super) async fn lease(context: &Context, key: &LeaseKey) -> Result<Lease, AwsFailure> {
    const AGAIN: u32 = 3;
    for _ in 0..AGAIN {
        match context.leases.get(key).await {
            Err(AwsFailure::Superseded) => {}
            outcome => return outcome,
        }
    }
    context.leases.get(key).await
}

/// Whether AWS refused the session itself: another lease may do.
pub(super) fn has_ended(error: &AwsFailure) -> bool {
    const ENDED: [&str; 4] = [
        "ExpiredTokenException",
        "ExpiredToken",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
    ];
    matches!(error, AwsFailure::Rejected(aws) if ENDED.contains(&aws.code.as_str()))
}

/// What a failure of AWS's, or on the way there, means to the caller of a use-case.
pub(super) fn refused(error: &AwsFailure, region: &Region) -> Error {
    match error {
        AwsFailure::Unavailable => store::Error::silent().into(),
        AwsFailure::Superseded => Error::ChangedMeanwhile,
        error => {
            let context = diagnosis::Context {
                region: Some(region),
                ..diagnosis::Context::default()
            };
            let diagnosis = diagnosis::diagnose(error, context);
            if diagnosis.retryable {
                Error::AwsUnavailable(Box::new(diagnosis))
            } else {
                Unusable::of(&diagnosis).into()
            }
        }
    }
}

impl Unusable {
    pub(super) fn of(diagnosis: &Diagnosis) -> Self {
        Self {
            reason: diagnosis.code.as_str(),
            message: diagnosis.message.clone(),
            remedy: diagnosis.remedy.clone(),
            aws: diagnosis.aws.clone().map(Box::new),
        }
    }

    pub(super) fn reserved() -> Self {
        Self::said(
            "not_saved",
            "The connection is only reserved.",
            "Save it first: POST /v1/integrations/bedrock/connections with its id as connection_id.",
        )
    }

    pub(super) fn not_verified() -> Self {
        Self::said(
            NOT_VERIFIED,
            "What was entered has not passed a test yet.",
            "Test the connection; once the test has passed, it can be used.",
        )
    }

    pub(super) fn account_changed() -> Self {
        Self::of(&Diagnosis::of(
            Code::AccountChanged,
            diagnosis::Context::default(),
        ))
    }

    pub(super) fn ownership_lost() -> Self {
        Self::said(
            OWNERSHIP_LOST,
            "The role is not yours any more: somebody else has proven that it is theirs, or the platform has released it.",
            "Test the connection; if the role is yours and that does not pass, start a new connection and put its external ID into the role's trust policy.",
        )
    }

    pub(super) fn model(reason: Option<&str>) -> Self {
        let known = Code::ALL.iter().find(|code| Some(code.as_str()) == reason);
        match known {
            Some(code) => Self::of(&Diagnosis::of(*code, diagnosis::Context::default())),
            None => Self::said(
                "model_unavailable",
                "The model cannot be invoked any more.",
                "Look at the models of the connection, and register another one.",
            ),
        }
    }

    fn said(reason: &'static str, message: &str, remedy: &str) -> Self {
        Self {
            reason,
            message: message.to_owned(),
            remedy: remedy.to_owned(),
            aws: None,
        }
    }
}

impl From<Unusable> for Error {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}
