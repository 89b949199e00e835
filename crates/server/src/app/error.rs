//! Everything that a use-case can refuse. Closed: `api/problem.rs` says what callers see of each.

use std::sync::Arc;

use bedrock::{
    diagnosis::{AwsWords, Diagnosis},
    report::Report,
};
use domain::{Denied, Region};

use super::conversations::{Full, ModelFailure, Reached, Whose};
use crate::auth::Refused;

/// Something wrong with what was asked: where, and a sentence that a customer understands. Never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// A JSON pointer into the request.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl Misfit {
    pub(crate) fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }

    pub(crate) fn needed(pointer: impl Into<String>) -> Self {
        Self::at(pointer, "is needed")
    }
}

/// Why a connection cannot be used now.
#[derive(Debug, Clone)]
pub struct Unusable {
    /// As a code, for programs.
    pub reason: &'static str,
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// What AWS said, where it said something.
    pub aws: Option<Box<AwsWords>>,
}

/// Why a use-case did not do what was asked.
#[derive(Debug)]
pub enum Error {
    /// What was asked breaks a rule.
    Invalid(Vec<Misfit>),
    /// The method cannot be used on this service: why.
    MethodUnavailable(&'static str),
    /// A role without a reservation and without an external ID.
    ConnectFirst,
    /// The tenant has as many reservations as it may have.
    TooManyReservations,
    /// What was reserved is saved already.
    AlreadySaved,
    /// Method, federation and account of a connection are fixed.
    StartNewConnection,
    /// It is not as the caller has seen it.
    EtagMismatch,
    /// Somebody else changed it while this was done.
    ChangedMeanwhile,
    /// What was tested before saving did not pass in that region: nothing is stored.
    TestFailed(Region, Arc<Report>),
    /// What was tested passed with warnings that were not accepted by name: nothing is stored.
    WarningsNotAccepted(Arc<Report>),
    /// The connection cannot be used: why, as a code, and in words.
    Unusable(Unusable),
    /// AWS does not answer, or asks for patience: the same may work later.
    AwsUnavailable(Box<Diagnosis>),
    /// No registered model has that name; the aliases that there are.
    ModelNotFound(Vec<String>),
    /// Several registered models are called so by AWS; their aliases.
    ModelAmbiguous(Vec<String>),
    /// The model did not answer.
    Model(Box<ModelFailure>),
    /// The tenant or the caller uses too much at a time.
    Limited(Whose, Reached),
    /// There is no room for more bytes.
    Full(Full),
    /// The service stops: the conversation had to end before its time.
    Interrupted,
    /// What the conversation depended on was taken away: the credential, the connection, the tenant.
    Withdrawn,
    /// This replica does not know what has changed lately: it may not spend what may have been revoked.
    Blind,
    /// The tenant tests too often: seconds to wait.
    TooManyTests(u64),
    /// A refused password rests: seconds to wait.
    LockedOut(u64),
    /// The caller may not do this.
    Denied(Denied),
    /// There is no such thing, or it is another tenant's: the two are never told apart.
    NotFound,
    /// Another tenant has that ref.
    RefTaken,
    /// It was made by an earlier request of the same idempotency key, and its secret was shown then.
    AlreadyCreated(String),
    /// An earlier request of the same idempotency key has not ended.
    InProgress,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// The service has not finished starting.
    Starting,
    /// The credential was not recognised.
    Refused(Refused),
    /// The database, or what is in it.
    Store(store::Error),
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Full> for Error {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        Self::Invalid(vec![misfit])
    }
}
