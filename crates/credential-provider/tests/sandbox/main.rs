//! The ways in, tried on the sandbox: what AWS lets in, what it refuses, and how the two are told apart.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod api_key;
mod assume_role;
mod cognito;
mod issuer;
mod leases;
mod own_identity;
mod stage;
mod web_identity;
