//! `Idempotency-Key`.

mod keys;
mod races;
mod replays;
