//! Unguessable bytes: the one place that asks the operating system.

use std::sync::{Mutex, PoisonError};

use domain::Entropy;
use rand::{
    Rng, SeedableRng,
    rand_core::UnwrapErr,
    rngs::{StdRng, SysRng},
};
use uuid::Uuid;

/// The operating system's random source. It fails only on a machine on which nothing can be kept secret, and panics there.
pub(crate) type Random = UnwrapErr<SysRng>;

/// A handle on it.
pub(crate) const fn random() -> Random {
    UnwrapErr(SysRng)
}

/// The same, for what holds on to its source.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        random().fill_bytes(bytes);
    }
}

/// Names for requests. They have to differ, here and among replicas, and are no secret: so they come from a generator that
/// was seeded once: to ask the operating system for each would be a call of its own.
pub(crate) struct RequestIds(Mutex<StdRng>);

impl Default for RequestIds {
    fn default() -> Self {
        Self(Mutex::new(StdRng::from_rng(&mut random())))
    }
}

impl RequestIds {
    /// The next one.
    pub(crate) fn next(&self) -> String {
        let mut bytes = [0; 16];
        // Nothing panics while it holds the lock.
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        format!("req_{}", Uuid::from_bytes(bytes).simple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_the_same_name_also_of_two_replicas() {
        let replicas = [RequestIds::default(), RequestIds::default()];
        let mut names: Vec<_> = replicas
            .iter()
            .flat_map(|replica| (0..1_000).map(|_| replica.next()))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2_000);
        assert!(names.iter().all(|name| name.len() == "req_".len() + 32));
    }
}
