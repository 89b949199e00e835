//! Against the sandbox, which is as strict as AWS: what a test of each way in reports, in each state that it can be in,
//! what can be listed, and how conversations go.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod api_keys;
mod breaking;
mod catalogue;
mod cognito;
mod conversing;
mod hanging;
mod invoking;
mod issuer;
mod leaks;
mod listing;
mod oidc;
mod retrying;
mod roles;
mod stage;
mod streaming;
mod talk;
