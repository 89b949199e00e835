//! Real servers, on the machine's own PostgreSQL (or, where there is none, the one from PyPI).
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "Clippy allows them in tests, but not in the functions that tests share"
)]

mod account;
mod death;
mod secrets;
mod start;
mod support;
