//! What was promised in writing: who may do what, the API's document, the README's table.

#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows them in tests, but not in the functions that tests share"
)]

mod access;
mod openapi;
mod readme;
mod world;
