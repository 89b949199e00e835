//! Randomness that is the same at every start: what tests draw from it they can repeat, and nothing here is secret.

use std::sync::{Mutex, PoisonError};

use domain::Entropy;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// A source of bytes that a number determines.
pub struct Seed(Mutex<StdRng>);

impl Seed {
    /// The source of that number.
    pub fn new(number: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(number)))
    }
}

impl Entropy for Seed {
    fn fill(&self, bytes: &mut [u8]) {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rng.fill_bytes(bytes);
    }
}
