//! A lease that is held, and until when.

use domain::Entropy;
use time::{Duration, OffsetDateTime};

use super::jitter;
use crate::{AwsError, Error, Identity, Lease, Result, Unfit};

/// How long before its end a lease is given up: clocks differ, and a call takes a while to arrive.
const MARGIN: Duration = Duration::seconds(60);
/// The part of its life after which a lease is refreshed: anything between these, or all leases that were made together
/// would be refreshed together.
const REFRESHED_FROM: f64 = 0.75;
const REFRESHED_TO: f64 = 0.90;
/// How old a lease must be for a new one to be better, if AWS does not accept it.
const YOUNG: Duration = Duration::seconds(30);

pub(super) struct Held {
    lease: Lease,
    since: OffsetDateTime,
    refresh_at: Option<OffsetDateTime>,
    ends_at: Option<OffsetDateTime>,
}

impl Held {
    /// Holds `lease` from `now` on.
    ///
    /// # Errors
    /// That it has ended already.
    pub(super) fn new(lease: Lease, now: OffsetDateTime, entropy: &dyn Entropy) -> Result<Self> {
        let ends_at = lease
            .expires_at()
            .map(|at| at.checked_sub(MARGIN).unwrap_or(OffsetDateTime::UNIX_EPOCH));
        let held = Self {
            refresh_at: ends_at
                .filter(|_| is_renewable(&lease))
                .map(|ends_at| refresh_at(now, ends_at, entropy)),
            lease,
            since: now,
            ends_at,
        };
        if held.has_ended(now) {
            return Err(ended(&held.lease));
        }
        Ok(held)
    }

    pub(super) const fn lease(&self) -> &Lease {
        &self.lease
    }

    pub(super) fn has_ended(&self, now: OffsetDateTime) -> bool {
        self.ends_at.is_some_and(|at| at <= now)
    }

    pub(super) fn is_due(&self, now: OffsetDateTime) -> bool {
        self.refresh_at.is_some_and(|at| at <= now)
    }

    pub(super) fn is_young(&self, now: OffsetDateTime) -> bool {
        now - self.since < YOUNG
    }
}

/// A key is what it is: asking for it again brings the same one.
fn is_renewable(lease: &Lease) -> bool {
    match lease.identity() {
        Identity::Credentials(_) => true,
        Identity::Bearer(_) => false,
    }
}

fn refresh_at(
    now: OffsetDateTime,
    ends_at: OffsetDateTime,
    entropy: &dyn Entropy,
) -> OffsetDateTime {
    now + (ends_at - now) * jitter::between(REFRESHED_FROM, REFRESHED_TO, entropy)
}

fn ended(lease: &Lease) -> Error {
    match lease.identity() {
        Identity::Bearer(_) => Unfit::KeyExpired.into(),
        Identity::Credentials(_) => Error::Faulty(AwsError::new(
            "the request for credentials",
            0,
            "ExpiredToken",
            "the credentials had ended when they came: the clocks differ",
            None,
        )),
    }
}
