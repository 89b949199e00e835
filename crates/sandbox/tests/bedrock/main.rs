//! Bedrock's runtime in the sandbox, as AWS's SDK and as plain requests see it.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod breaking;
mod conversing;
mod identities;
mod invoking;
mod refusing;
mod stage;
mod standings;
mod streaming;
