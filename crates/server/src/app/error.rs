//! Everything that a use-case can refuse. Closed: `api/problem.rs` says what callers see of each.

use domain::Denied;

use crate::auth::Refused;

/// Why a use-case did not do what was asked.
#[derive(Debug)]
pub enum Error {
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

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}
