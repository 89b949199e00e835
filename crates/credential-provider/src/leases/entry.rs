//! What is known about one access: its leases, by revision, region and session policy.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{Clock, Entropy};
use time::OffsetDateTime;

use super::{
    LeaseKey,
    flight::{FlightId, Why},
    slot::{Finding, Slot},
};
use crate::{Error, Lease, Result};

/// The most leases of one access. AWS has fewer regions.
const MOST: usize = 64;

/// What is known about one access.
#[derive(Default)]
pub(super) struct Entry {
    /// Held by whoever fetches: one password must not be tried, nor one refresh token be rotated, twice at a time.
    pub(super) turn: tokio::sync::Mutex<()>,
    slots: Mutex<Slots>,
}

/// Its leases, and what holds for all of them.
pub(super) struct Slots {
    slots: Vec<Slot>,
    /// Says of a revision that its password was refused, until something about the access changes.
    refused: Option<Box<(i32, Error)>>,
    used: OffsetDateTime,
    flights: u64,
}

impl Default for Slots {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            refused: None,
            used: OffsetDateTime::UNIX_EPOCH,
            flights: 0,
        }
    }
}

impl Entry {
    pub(super) fn lock(&self) -> MutexGuard<'_, Slots> {
        // Each change leaves the slots whole, so a panic between two of them does no harm.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// What is there for a caller.
    pub(super) fn find(&mut self, key: &LeaseKey, clock: &dyn Clock) -> Finding {
        let now = clock.now();
        self.used = now;
        let finding = match self.slots.iter().find(|slot| slot.key() == key) {
            Some(slot) => slot.find(now, clock),
            None => Finding::Nothing,
        };
        match (&finding, self.refusal(key)) {
            (Finding::Nothing, Some(error)) => Finding::Failed(error.clone()),
            _ => finding,
        }
    }

    /// The slot of that key, made if it is not here.
    pub(super) fn slot(&mut self, key: &LeaseKey) -> &mut Slot {
        let at = match self.slots.iter().position(|slot| slot.key() == key) {
            Some(at) => at,
            None => {
                self.make_room();
                // Most accesses have one lease, and there are thousands of them.
                self.slots.reserve_exact(1);
                self.slots.push(Slot::empty(key.clone()));
                self.slots.len() - 1
            }
        };
        &mut self.slots[at]
    }

    /// The id of the next flight.
    pub(super) const fn next_flight(&mut self) -> FlightId {
        self.flights += 1;
        FlightId(self.flights)
    }

    /// Lets a flight begin, and says why it is made.
    ///
    /// # Errors
    /// That it may not: it was struck, or AWS refused the password, and nobody asks to try it again.
    pub(super) fn begin(&mut self, key: &LeaseKey, id: FlightId) -> Result<Why> {
        let Some(flight) = self.slot_of(id).and_then(|slot| slot.flight(id)) else {
            return Err(Error::Superseded);
        };
        flight.has_begun = true;
        let why = flight.why;
        match self.refusal(key) {
            Some(error) if why != Why::Test => Err(error.clone()),
            _ => Ok(why),
        }
    }

    /// Puts down what a flight brought, and says what its callers get.
    pub(super) fn settle(
        &mut self,
        id: FlightId,
        result: Result<Lease>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Lease> {
        self.used = clock.now();
        let Some(slot) = self.slot_of(id) else {
            return Err(Error::Superseded);
        };
        let settled = slot.put(result, clock, entropy);
        slot.remove(id);
        let revision = slot.key().revision;
        match &settled {
            Ok(_) => {
                self.refused = None;
                // This revision was just seen to be the current one.
                self.slots.retain(|slot| slot.key().revision == revision);
            }
            Err(error @ Error::PasswordRefused(_)) => {
                self.refused = Some(Box::new((revision, error.clone())));
            }
            Err(_) => {}
        }
        settled
    }

    /// Gives up a lease that AWS did not accept.
    pub(super) fn discard(&mut self, key: &LeaseKey, lease: &Lease, clock: &dyn Clock) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.key() == key) {
            slot.discard(lease, clock.now());
        }
    }

    /// Forgets the leases and strikes what is on its way. Whether a refused password may be tried again, whoever keeps the
    /// accesses knows.
    pub(super) fn strike(&mut self) {
        self.slots.clear();
        self.refused = None;
    }

    /// Drops the leases that have ended.
    pub(super) fn tidy(&mut self, clock: &dyn Clock) {
        let now = clock.now();
        self.slots.retain(|slot| !slot.is_spent(now, clock));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.refused.is_none()
    }

    /// When it was last used, if nothing is on its way.
    pub(super) fn idle_since(&self) -> Option<OffsetDateTime> {
        let in_flight = self.slots.iter().any(Slot::is_in_flight);
        (!in_flight).then_some(self.used)
    }

    pub(super) fn leases(&self) -> usize {
        self.slots.len()
    }

    fn refusal(&self, key: &LeaseKey) -> Option<&Error> {
        let (revision, error) = self.refused.as_deref()?;
        (*revision == key.revision).then_some(error)
    }

    fn slot_of(&mut self, id: FlightId) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.carries(id))
    }

    fn make_room(&mut self) {
        if self.slots.len() >= MOST
            && let Some(oldest) = self.slots.iter().position(|slot| !slot.is_in_flight())
        {
            self.slots.remove(oldest);
        }
    }
}
