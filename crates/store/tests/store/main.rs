//! The store against a real Postgres, a database per test.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "Clippy allows them in tests, but not in the functions that tests share"
)]

mod api_keys;
mod audit;
mod barrier;
mod catalogue;
mod claims;
mod connections;
mod deletion;
mod enrolment;
mod feed;
mod feed_order;
mod filters;
mod hash_key;
mod idempotency;
mod leadership;
mod leaks;
mod migration;
mod migration_roles;
mod models;
mod owner;
mod passwords;
mod retention;
mod rotating;
mod rotation;
mod rotation_races;
mod rows;
mod runtime_role;
mod sealed;
mod secrets;
mod serving;
mod sessions;
mod signing_keys;
mod standstill;
mod support;
mod sweep;
mod tenants;
mod usage;
