//! STS in the sandbox, as AWS's SDK sees it.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod issuer;
mod roles;
mod sessions;
mod stage;
mod web_identity;
