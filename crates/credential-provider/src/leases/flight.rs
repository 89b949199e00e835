//! A fetch on its way.

use tokio::{sync::watch, task::AbortHandle};

use super::Occasion;
use crate::{Error, Lease, Result};

/// Why a lease is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// There is none.
    Missing,
    /// The one there is will end soon.
    Due,
    /// A person tests the connection.
    Test,
}

impl Why {
    pub(super) const fn occasion(self) -> Occasion {
        match self {
            Self::Missing | Self::Due => Occasion::Use,
            Self::Test => Occasion::Test,
        }
    }
}

/// A fetch on its way. It is a task of its own, so that no caller who goes away takes it from the others; dropping this
/// strikes it.
pub(super) struct Flight {
    pub(super) id: FlightId,
    pub(super) why: Why,
    pub(super) has_begun: bool,
    task: AbortHandle,
    outcome: Outcome,
}

/// Tells one flight of an access from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FlightId(pub(super) u64);

impl Flight {
    pub(super) const fn new(id: FlightId, why: Why, task: AbortHandle, outcome: Outcome) -> Self {
        Self {
            id,
            why,
            has_begun: false,
            task,
            outcome,
        }
    }

    pub(super) fn join(&self) -> Outcome {
        self.outcome.clone()
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a flight will bring, for everyone who waits for it.
#[derive(Clone)]
pub(super) struct Outcome(watch::Receiver<Option<Result<Lease>>>);

/// Tells everyone who waits what a flight brought.
pub(super) struct Teller(watch::Sender<Option<Result<Lease>>>);

/// The two ends of a flight.
pub(super) fn outcome() -> (Teller, Outcome) {
    let (teller, outcome) = watch::channel(None);
    (Teller(teller), Outcome(outcome))
}

impl Teller {
    pub(super) fn tell(self, result: Result<Lease>) {
        self.0.send_replace(Some(result));
    }
}

impl Outcome {
    /// Waits for it.
    ///
    /// # Errors
    /// The flight's, or [`Error::Superseded`] if it was struck.
    pub(super) async fn wait(mut self) -> Result<Lease> {
        match self.0.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(result)) => result.clone(),
            Ok(None) | Err(_) => Err(Error::Superseded),
        }
    }
}
