//! What goes over the wire, and what is made of what comes back: recorded traffic instead of a network.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod ambient;
mod case;
mod ears;
mod hosts;
mod log;
mod outcome;
mod replay;
mod traffic;
mod turns;
