//! What can go wrong, by what the caller can do about it.

use vault::Version;

use crate::schema::Unfit;

/// An error of the store. Its text names tables and constraints, never a value of a row.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached or does not answer in time: try again shortly.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// A unique or foreign key refused the row: something else holds that name.
    #[error("the constraint {constraint} refused the row")]
    Conflict {
        /// The constraint or unique index.
        constraint: String,
    },
    /// The tenant was deleted.
    #[error("the tenant was deleted")]
    TenantGone,
    /// Another request took the idempotency claim over, because this one took too long.
    #[error("the claim on the idempotency key was lost")]
    ClaimLost,
    /// No master key was ever used with this database: start the service once, or name one.
    #[error("no master key is active in this database")]
    NoMasterKey,
    /// The key file holds another key than the one this version was first used with.
    #[error("the key given as master-key version {0} is not the one this database was sealed with")]
    WrongMasterKey(Version),
    /// The key file lacks a version that is needed here.
    #[error("master-key version {0} is needed and not among the keys given")]
    MissingMasterKey(Version),
    /// A sealed column could not be sealed or opened.
    #[error("a sealed column was refused")]
    Sealed(#[source] vault::Error),
    /// This database must not be served as it is; the text says what to run.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A row holds something that this version of the code does not understand.
    #[error("{0} holds a value that cannot be read")]
    Unreadable(&'static str),
    /// A fault of ours, or of the database's set-up.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
}

impl Error {
    /// The database was asked, and nothing came back in time.
    pub fn silent() -> Self {
        Self::Unavailable(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))
    }

    /// Whether `constraint` refused the row.
    pub fn is_conflict_on(&self, constraint: &str) -> bool {
        matches!(self, Self::Conflict { constraint: other } if other == constraint)
    }
}

impl From<vault::Error> for Error {
    fn from(error: vault::Error) -> Self {
        match error {
            vault::Error::UnknownVersion(version) => Self::MissingMasterKey(version),
            other => Self::Sealed(other),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                // A connection cut in the middle of an answer.
                | sqlx::Error::Protocol(_) => Self::Unavailable(error),
                _ => Self::Refused(error),
            };
        };
        if let Some(constraint) = database.constraint()
            && (database.is_unique_violation() || database.is_foreign_key_violation())
        {
            return Self::Conflict {
                constraint: constraint.to_owned(),
            };
        }
        match database.code().as_deref() {
            Some(code) if is_passing(code) => Self::Unavailable(error),
            _ => Self::Refused(error),
        }
    }
}

/// SQLSTATEs that go away by themselves: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn is_passing(sqlstate: &str) -> bool {
    // connection exceptions, insufficient resources, operator intervention (shutdown, cancel, timeouts)
    ["08", "53", "57"].iter().any(|class| sqlstate.starts_with(class))
        // serialization failure, deadlock, lock not available, idle transaction ended,
        // read-only (a standby just before or after a failover)
        || ["40001", "40P01", "55P03", "25P03", "25006"].contains(&sqlstate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_away_by_itself_is_told_from_what_does_not() {
        for code in [
            "08006", "53300", "57P01", "57P03", "57014", "40001", "55P03",
        ] {
            assert!(is_passing(code), "{code}");
        }
        for code in ["42501", "23505", "42P01", "22021", "28P01"] {
            assert!(!is_passing(code), "{code}");
        }
    }
}
