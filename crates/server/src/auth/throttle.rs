//! Brute force is slowed: a few failed sign-ins a minute per address and tenant, more per address, then a pause.
//!
//! A key has 256 random bits; what this protects is the database behind the look-up, and the log. So it stands only before
//! look-ups and refusals: a token that is cached, was good within the hour (`tokens.rs`) or can be verified without the
//! database is not held up. A good token that this replica has not met for an hour is, if its address has failed too
//! often. The same wrong token again is no new failure.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Clock, TenantId};
use time::{Duration, OffsetDateTime};

/// Failures in a window that are free for one address in one tenant.
const FREE_IN_TENANT: u32 = 10;
/// Failures in a window that are free for one address altogether: many may share it.
const FREE_ALTOGETHER: u32 = 100;
/// How long failures count.
const WINDOW: Duration = Duration::seconds(60);
/// The most windows kept; beyond it the older half is dropped, so that a flood of addresses costs no memory.
const CAPACITY: usize = 20_000;

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Attempt {
    /// Refused without a look-up: not a key at all, or a token that does not verify.
    Nonsense,
    /// Looked up in a tenant, in vain.
    LookUp(TenantId),
}

/// Whose failures are counted together. Nonsense is counted apart, so that it holds up no look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bucket {
    Nonsense,
    LookUps,
    Tenant(TenantId),
}

type Key = (IpAddr, Bucket);

/// As many bits of an IPv6 address as are one subscriber's; the others he chooses himself.
const SUBSCRIBER: u128 = !0 << 64;

/// Counts failed sign-ins.
pub(super) struct Throttle {
    clock: Arc<dyn Clock>,
    windows: Mutex<HashMap<Key, Window>>,
}

struct Window {
    since: OffsetDateTime,
    failures: u32,
}

impl Throttle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            windows: Mutex::new(HashMap::new()),
        }
    }

    /// Whether another attempt may be made.
    ///
    /// # Errors
    /// After how many seconds it may.
    pub(super) fn admit(&self, address: IpAddr, attempt: Attempt) -> Result<(), u64> {
        let now = self.clock.now();
        let windows = self.lock();
        for (key, free) in counted(address, attempt) {
            let Some(window) = windows.get(&key).filter(|window| window.failures >= free) else {
                continue;
            };
            let left = window.since + WINDOW - now;
            if let Ok(seconds) = u64::try_from(left.whole_seconds())
                && left.is_positive()
            {
                return Err(seconds + 1);
            }
        }
        Ok(())
    }

    /// Notes a failed attempt.
    pub(super) fn failed(&self, address: IpAddr, attempt: Attempt) {
        let now = self.clock.now();
        let mut windows = self.lock();
        if windows.len() >= CAPACITY - 1 {
            make_room(&mut windows, now);
        }
        for (key, _) in counted(address, attempt) {
            let window = windows.entry(key).or_insert(Window {
                since: now,
                failures: 0,
            });
            if window.since + WINDOW <= now {
                *window = Window {
                    since: now,
                    failures: 0,
                };
            }
            window.failures = window.failures.saturating_add(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an attempt counts, and how many failures are free there.
fn counted(address: IpAddr, attempt: Attempt) -> impl Iterator<Item = (Key, u32)> {
    let (altogether, in_tenant) = match attempt {
        Attempt::Nonsense => (Bucket::Nonsense, None),
        Attempt::LookUp(tenant) => (Bucket::LookUps, Some(Bucket::Tenant(tenant))),
    };
    let address = subscriber(address);
    let altogether = ((address, altogether), FREE_ALTOGETHER);
    let in_tenant = in_tenant.map(|bucket| ((address, bucket), FREE_IN_TENANT));
    std::iter::once(altogether).chain(in_tenant)
}

/// Who has the address: one of IPv4, however it is written, or a network of IPv6.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & SUBSCRIBER).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn make_room(windows: &mut HashMap<Key, Window>, now: OffsetDateTime) {
    windows.retain(|_, window| window.since + WINDOW > now);
    if windows.len() >= CAPACITY - 1 {
        let mut since: Vec<_> = windows.values().map(|window| window.since).collect();
        let (_, median, _) = since.select_nth_unstable(CAPACITY / 2);
        let median = *median;
        windows.retain(|_, window| window.since > median);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use domain::ManualClock;

    use super::*;

    fn throttle() -> (Arc<ManualClock>, Throttle) {
        let clock = Arc::new(ManualClock::at(OffsetDateTime::UNIX_EPOCH));
        (Arc::clone(&clock), Throttle::new(clock))
    }

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(n))
    }

    fn tenant(n: u128) -> Attempt {
        Attempt::LookUp(uuid::Uuid::from_u128(n).into())
    }

    #[test]
    fn after_a_few_failures_there_is_a_pause_that_ends() {
        let (clock, throttle) = throttle();
        for _ in 0..FREE_IN_TENANT {
            assert_eq!(throttle.admit(address(1), tenant(1)), Ok(()));
            throttle.failed(address(1), tenant(1));
        }
        clock.advance(Duration::seconds(20));
        assert_eq!(throttle.admit(address(1), tenant(1)), Err(41));
        assert_eq!(
            throttle.admit(address(2), tenant(1)),
            Ok(()),
            "another address"
        );
        assert_eq!(
            throttle.admit(address(1), tenant(2)),
            Ok(()),
            "another tenant"
        );
        clock.advance(Duration::seconds(40));
        assert_eq!(throttle.admit(address(1), tenant(1)), Ok(()));
        throttle.failed(address(1), tenant(1));
        assert_eq!(
            throttle.admit(address(1), tenant(1)),
            Ok(()),
            "a new window"
        );
    }

    #[test]
    fn one_guess_in_each_of_many_tenants_is_slowed_too() {
        let (_, throttle) = throttle();
        for n in 0..u128::from(FREE_ALTOGETHER) {
            assert_eq!(throttle.admit(address(1), tenant(n)), Ok(()));
            throttle.failed(address(1), tenant(n));
        }
        assert_eq!(throttle.admit(address(1), tenant(999)), Err(61));
        assert_eq!(
            throttle.admit(address(1), Attempt::Nonsense),
            Ok(()),
            "counted apart"
        );
    }

    #[test]
    fn a_subscriber_has_one_address() {
        let (_, throttle) = throttle();
        let text = |text: &str| text.parse::<IpAddr>().unwrap();
        for (failed, same, other) in [
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"),
            ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"),
        ] {
            for _ in 0..FREE_IN_TENANT {
                throttle.failed(text(failed), tenant(1));
            }
            assert!(throttle.admit(text(same), tenant(1)).is_err(), "{same}");
            assert_eq!(throttle.admit(text(other), tenant(1)), Ok(()), "{other}");
        }
    }

    #[test]
    fn a_flood_of_addresses_stays_bounded() {
        let (clock, throttle) = throttle();
        for n in 0..u32::try_from(CAPACITY).unwrap() * 3 {
            clock.advance(Duration::microseconds(1));
            throttle.failed(address(n), tenant(n.into()));
        }
        assert!(throttle.lock().len() <= CAPACITY);
    }
}
