//! The ways into an account against an AWS that we did not write, by the code that real requests take: a lease, the proof
//! of trust, a list of models, an invocation; and for each way in which it goes wrong, the diagnosis. And AWS's SDK for
//! Rust before all that, at the service's door for it.
//!
//! The AWS, and what is set up there, is told in `BI_PEERS_WORLD`: `tests/peers/run` starts it and makes it (`world.py`).
//! What no emulator checks, API keys and the end of a session, is tried in the sandbox.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod cognito;
mod endings;
mod faults;
mod roles;
mod sdk;
mod world;
