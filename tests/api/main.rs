//! The API as its callers use it.

#![expect(
    clippy::unwrap_used,
    reason = "a test cannot go on without what it asked for"
)]

mod anthropic;
mod api_keys;
mod audit;
mod callers;
mod connections;
mod console;
mod conversations;
mod cors;
mod health;
mod hostile;
mod http;
mod idempotency;
mod jwt;
mod me;
mod metrics;
mod models;
mod oidc;
mod openai;
mod sessions;
mod sweep;
mod tenants;
mod usage;
