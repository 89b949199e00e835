//! Against the sandbox, which is as strict as AWS: what a test of each way in reports, in each state that it can be in,
//! and what can be listed.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod api_keys;
mod catalogue;
mod cognito;
mod hanging;
mod invoking;
mod issuer;
mod leaks;
mod listing;
mod oidc;
mod roles;
mod stage;
mod streaming;
