//! Cognito in the sandbox, over HTTP, as a client of AWS sees it.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod identities;
mod passwords;
mod refreshing;
mod srp;
mod stage;
mod states;
