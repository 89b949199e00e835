//! What is known about one lease: the lease itself, why the last fetch failed, what is on its way.

use domain::{Clock, Entropy};
use time::OffsetDateTime;

use super::{
    LeaseKey,
    failure::Failure,
    flight::{Flight, FlightId},
    held::Held,
};
use crate::{Error, Lease, Result};

pub(super) struct Slot {
    key: LeaseKey,
    held: Option<Held>,
    failure: Option<Box<Failure>>,
    /// At most one that has begun, and one that has not.
    flights: Vec<Flight>,
}

/// What is there for a caller.
pub(super) enum Finding {
    /// A lease.
    Lease(Lease),
    /// A lease that will end soon, with no new one on its way.
    Due(Lease),
    /// A fetch failed lately.
    Failed(Error),
    /// Nothing.
    Nothing,
}

impl Slot {
    pub(super) const fn empty(key: LeaseKey) -> Self {
        Self {
            key,
            held: None,
            failure: None,
            flights: Vec::new(),
        }
    }

    pub(super) const fn key(&self) -> &LeaseKey {
        &self.key
    }

    pub(super) fn find(&self, now: OffsetDateTime, clock: &dyn Clock) -> Finding {
        match self.held(now) {
            Some(held) if !held.is_due(now) => Finding::Lease(held.lease().clone()),
            Some(held) if self.is_in_flight() || self.resting(clock).is_some() => {
                Finding::Lease(held.lease().clone())
            }
            Some(held) => Finding::Due(held.lease().clone()),
            None => match self.resting(clock) {
                Some(failure) => Finding::Failed(failure.error().clone()),
                None => Finding::Nothing,
            },
        }
    }

    /// Puts down what a fetch brought, and says what its callers get.
    pub(super) fn put(
        &mut self,
        result: Result<Lease>,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Lease> {
        match result.and_then(|lease| Held::new(lease, clock.now(), entropy)) {
            Ok(held) => {
                self.failure = None;
                Ok(self.held.insert(held).lease().clone())
            }
            Err(error) => {
                // What AWS said no to ends at once; an outage leaves what there is.
                if !error.is_temporary() {
                    self.held = None;
                }
                let (last, elapsed) = (self.failure.as_deref(), clock.elapsed());
                let failure = Failure::after(last, error.clone(), elapsed, entropy);
                self.failure = Some(Box::new(failure));
                Err(error)
            }
        }
    }

    /// Gives up `lease`, unless it is another that is held, or too young for a new one to be better.
    pub(super) fn discard(&mut self, lease: &Lease, now: OffsetDateTime) {
        self.held
            .take_if(|held| held.lease().is(lease) && !held.is_young(now));
    }

    pub(super) fn is_in_flight(&self) -> bool {
        !self.flights.is_empty()
    }

    /// Whether there is nothing here worth keeping.
    pub(super) fn is_spent(&self, now: OffsetDateTime, clock: &dyn Clock) -> bool {
        self.held(now).is_none() && !self.is_in_flight() && self.resting(clock).is_none()
    }

    pub(super) fn add(&mut self, flight: Flight) {
        self.flights.push(flight);
    }

    /// The flight that ends first.
    pub(super) fn first_flight(&self) -> Option<&Flight> {
        self.flights.first()
    }

    /// The flight that has not begun.
    pub(super) fn waiting_flight(&mut self) -> Option<&mut Flight> {
        self.flights.iter_mut().find(|flight| !flight.has_begun)
    }

    pub(super) fn flight(&mut self, id: FlightId) -> Option<&mut Flight> {
        self.flights.iter_mut().find(|flight| flight.id == id)
    }

    pub(super) fn carries(&self, id: FlightId) -> bool {
        self.flights.iter().any(|flight| flight.id == id)
    }

    /// Takes a flight that is over off the list.
    pub(super) fn remove(&mut self, id: FlightId) {
        self.flights.retain(|flight| flight.id != id);
        self.flights.shrink_to_fit();
    }

    fn held(&self, now: OffsetDateTime) -> Option<&Held> {
        self.held.as_ref().filter(|held| !held.has_ended(now))
    }

    fn resting(&self, clock: &dyn Clock) -> Option<&Failure> {
        self.failure
            .as_deref()
            .filter(|failure| failure.rests(clock.elapsed()))
    }
}
