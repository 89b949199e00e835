//! What one tenant, and one key of it, may use at a time, so that none costs the others anything.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Actor, Clock, TenantId};
use time::Duration;

use crate::app::rate::Rate;

/// The limits of one tenant, or of one caller in it. What is 0 is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests in a minute.
    pub requests_per_minute: u32,
    /// Requests at a time.
    pub concurrent: u32,
    /// Tokens in a minute, read and written. What is used is known only afterwards, so it counts against what comes next.
    pub tokens_per_minute: u32,
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Too many requests in a minute; seconds to wait.
    Requests(u64),
    /// Too many at a time.
    Concurrent,
    /// Too many tokens in a minute; seconds to wait.
    Tokens(u64),
}

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The tenant's.
    Tenant,
    /// The credential's.
    Caller,
}

impl Reached {
    /// Seconds after which another request may be let in.
    pub const fn retry_after(self) -> u64 {
        match self {
            Self::Requests(seconds) | Self::Tokens(seconds) => seconds,
            Self::Concurrent => 1,
        }
    }
}

/// The limits of all tenants and their callers, on this replica.
pub struct Limits {
    tenants: Gate<TenantId>,
    callers: Gate<(TenantId, Actor)>,
}

/// A request that was let in, until it is dropped.
pub(super) struct Admitted {
    _tenant: Option<Place<TenantId>>,
    _caller: Option<Place<(TenantId, Actor)>>,
}

impl Limits {
    pub(crate) fn new(clock: &Arc<dyn Clock>, tenant: Limit, caller: Limit) -> Self {
        Self {
            tenants: Gate::new(clock, tenant),
            callers: Gate::new(clock, caller),
        }
    }

    /// Lets a request in.
    pub(super) fn admit(
        &self,
        tenant: TenantId,
        actor: &Actor,
    ) -> Result<Admitted, (Whose, Reached)> {
        let of_caller = |reached| (Whose::Caller, reached);
        let of_tenant = |reached| (Whose::Tenant, reached);
        let caller = (tenant, bearer(actor));
        // What the one refuses costs nothing of the other's.
        let admitted = Admitted {
            _caller: self.callers.enter(&caller).map_err(of_caller)?,
            _tenant: self.tenants.enter(&tenant).map_err(of_tenant)?,
        };
        self.callers.count(caller).map_err(of_caller)?;
        self.tenants.count(tenant).map_err(of_tenant)?;
        Ok(admitted)
    }

    /// Counts what a request used.
    pub(super) fn charge(&self, tenant: TenantId, actor: &Actor, tokens: u64) {
        self.tenants.charge(&tenant, tokens);
        self.callers.charge(&(tenant, bearer(actor)), tokens);
    }
}

/// Whose limits count: sessions are their key's, or each sign-in would begin anew.
fn bearer(actor: &Actor) -> Actor {
    match actor {
        Actor::Session(_, key) => Actor::ApiKey(*key),
        actor => actor.clone(),
    }
}

struct Gate<K> {
    requests: Option<Rate<K>>,
    tokens: Option<Rate<K>>,
    concurrent: u32,
    inside: Arc<Mutex<HashMap<K, u32>>>,
}

/// A place among those that are let in at a time.
struct Place<K: Hash + Eq> {
    key: K,
    inside: Arc<Mutex<HashMap<K, u32>>>,
}

impl<K: Hash + Eq + Clone> Gate<K> {
    fn new(clock: &Arc<dyn Clock>, limit: Limit) -> Self {
        let per_minute = |count: u32| {
            (count > 0).then(|| Rate::new(Arc::clone(clock), count, Duration::MINUTE / count))
        };
        Self {
            requests: per_minute(limit.requests_per_minute),
            tokens: per_minute(limit.tokens_per_minute),
            concurrent: limit.concurrent,
            inside: Arc::default(),
        }
    }

    /// Takes a place, if no limit is reached.
    fn enter(&self, key: &K) -> Result<Option<Place<K>>, Reached> {
        if let Some(tokens) = &self.tokens {
            tokens.look(key).map_err(Reached::Tokens)?;
        }
        if let Some(requests) = &self.requests {
            requests.look(key).map_err(Reached::Requests)?;
        }
        self.place(key)
    }

    /// Counts a request.
    fn count(&self, key: K) -> Result<(), Reached> {
        match &self.requests {
            Some(requests) => requests.take(key).map_err(Reached::Requests),
            None => Ok(()),
        }
    }

    fn place(&self, key: &K) -> Result<Option<Place<K>>, Reached> {
        if self.concurrent == 0 {
            return Ok(None);
        }
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let count = inside.entry(key.clone()).or_insert(0);
        if *count >= self.concurrent {
            return Err(Reached::Concurrent);
        }
        *count += 1;
        Ok(Some(Place {
            key: key.clone(),
            inside: Arc::clone(&self.inside),
        }))
    }

    fn charge(&self, key: &K, tokens: u64) {
        if let Some(rate) = &self.tokens {
            rate.charge(key.clone(), u32::try_from(tokens).unwrap_or(u32::MAX));
        }
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = inside.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    const NONE: Limit = Limit {
        requests_per_minute: 0,
        concurrent: 0,
        tokens_per_minute: 0,
    };

    fn limits(tenant: Limit, caller: Limit) -> (Limits, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(OffsetDateTime::UNIX_EPOCH));
        let as_clock: Arc<dyn Clock> = clock.clone();
        (Limits::new(&as_clock, tenant, caller), clock)
    }

    fn tenant(n: u128) -> TenantId {
        TenantId::from(Uuid::from_u128(n))
    }

    fn user(name: &str) -> Actor {
        Actor::User(name.to_owned())
    }

    #[test]
    fn a_place_is_free_again_when_the_request_has_ended() {
        let (limits, _) = limits(
            Limit {
                concurrent: 2,
                ..NONE
            },
            Limit {
                concurrent: 1,
                ..NONE
            },
        );
        let one = limits.admit(tenant(1), &user("ada")).map_err(drop).unwrap();
        let refused = |tenant, name| limits.admit(tenant, &user(name)).err();
        let taken = |whose| Some((whose, Reached::Concurrent));
        assert_eq!(refused(tenant(1), "ada"), taken(Whose::Caller));
        let two = limits.admit(tenant(1), &user("bob")).map_err(drop).unwrap();
        assert_eq!(refused(tenant(1), "eve"), taken(Whose::Tenant));
        assert_eq!(refused(tenant(2), "eve"), None, "another tenant's affair");
        drop(one);
        assert_eq!(refused(tenant(1), "ada"), None);
        drop(two);
    }

    #[test]
    fn a_caller_pays_for_no_refusal_of_its_tenants() {
        let one = Limit {
            requests_per_minute: 1,
            ..NONE
        };
        let two = Limit {
            requests_per_minute: 2,
            ..NONE
        };
        let (limits, clock) = limits(one, two);
        let refused = || limits.admit(tenant(1), &user("ada")).err();
        assert_eq!(refused(), None);
        for _ in 0..3 {
            assert_eq!(refused(), Some((Whose::Tenant, Reached::Requests(60 + 1))));
        }
        clock.advance(Duration::MINUTE);
        assert_eq!(refused(), None);
        assert!(limits.callers.enter(&(tenant(1), user("ada"))).is_ok());
    }

    #[test]
    fn requests_and_tokens_of_a_minute_are_bounded() {
        let (limits, clock) = limits(
            Limit {
                requests_per_minute: 2,
                tokens_per_minute: 100,
                ..NONE
            },
            NONE,
        );
        let refused = || {
            let refused = limits.admit(tenant(1), &user("ada")).err();
            refused.map(|(_, reached)| reached)
        };
        assert_eq!((refused(), refused()), (None, None));
        assert_eq!(refused(), Some(Reached::Requests(31)));
        clock.advance(Duration::MINUTE);
        limits.charge(tenant(1), &user("ada"), 150);
        assert!(matches!(refused(), Some(Reached::Tokens(_))));
        clock.advance(Duration::seconds(31));
        assert_eq!(refused(), None);
    }
}
